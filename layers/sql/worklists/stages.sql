-- Purpose: the records of a slice with the day each first reached every stage. One row per record.
-- since: JSON of stage -> first day among the events in force on the day; NULL where the stage is only stated.
-- Invariant: the stage is the slice's own, so that these lists and the rollup by stage count the same records.
SELECT {columns}, d.since
FROM ({slice}) AS s
CROSS JOIN LATERAL (SELECT s.id) AS t
CROSS JOIN LATERAL (
    SELECT jsonb_object_agg(x.type, x.day) AS since
    FROM (SELECT e.type, min(e.event_date) AS day {events} GROUP BY e.type) AS x
) AS d
WHERE {where}
ORDER BY s.id
