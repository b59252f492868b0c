-- Purpose: records newly recognised in the year, up to the day. One row per record, at its first such event.
-- New means: not of these types and levels already when the year began. A factory that rises a level keeps
-- its lower recognition, and both count in the year they were given. An event without a level is no proof
-- of one: not counted, named in lacks.
-- @slice records:
-- Parameters: types text[], levels text[] or NULL (any).
WITH given AS (
    SELECT DISTINCT ON (e.id) e.id, e.type, e.level, e.event_date
    FROM ({records_event}) AS e
    WHERE e.type = ANY(%(types)s::text[]) AND e.event_date BETWEEN %(year_start)s::date AND %(until)s::date
      AND (%(levels)s::text[] IS NULL OR e.level = '' OR e.level = ANY(%(levels)s::text[]))
    ORDER BY e.id, e.level = '', e.event_date, e.type
), held AS (
    SELECT DISTINCT e.id
    FROM ({records_event}) AS e
    WHERE e.type = ANY(%(types)s::text[]) AND (%(levels)s::text[] IS NULL OR e.level = ANY(%(levels)s::text[]))
      AND e.event_date < %(year_start)s::date AND (e.end_date IS NULL OR e.end_date >= %(year_start)s::date)
)
SELECT s.id, s.key, s.name, s.county_code, s.unit_code, s.is_demo, s.source_name, s.source_row,
       g.event_date, g.type || g.level AS what, 1::numeric AS amount, d.lacks = '' AS counted, d.lacks, '' AS caveat
FROM ({records}) AS s
JOIN given AS g ON g.id = s.id
CROSS JOIN LATERAL (
    SELECT CASE WHEN g.level = '' AND %(levels)s::text[] IS NOT NULL THEN '等级' ELSE '' END AS lacks
) AS d
WHERE NOT EXISTS (SELECT 1 FROM held AS h WHERE h.id = s.id)
