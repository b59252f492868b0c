-- Purpose: the records of a slice with the day each first reached every stage. One row per record.
-- since: JSON of stage -> first day among the events in force on the day; NULL where the stage is only stated.
-- told: JSON of stage -> [first day, words] where a month, quarter or year was stated for that event.
-- Invariant: the stage is the slice's own, so that these lists and the rollup by stage count the same records.
SELECT {columns}, d.since, d.told
FROM ({slice}) AS s
CROSS JOIN LATERAL (SELECT s.id) AS t
CROSS JOIN LATERAL (
    SELECT jsonb_object_agg(x.type, x.day) AS since,
           jsonb_object_agg(x.type, jsonb_build_array(x.first_day, x.date_text)) FILTER (WHERE x.first_day IS NOT NULL)
               AS told
    FROM (SELECT DISTINCT ON (e.type) e.type, e.event_date AS day, e.first_day, e.date_text {events}
          ORDER BY e.type, e.event_date, e.first_day) AS x
) AS d
WHERE {where}
ORDER BY s.id
