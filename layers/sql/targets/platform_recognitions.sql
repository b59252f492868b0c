-- Purpose: platforms of a kind newly recognised in the year at one of the levels. One row per platform, at its
-- first such event; new as in recognitions.sql. An event without a level is not counted and named in lacks.
-- @slice records: kind
-- Parameters: types text[], kinds text[], levels text[].
WITH given AS (
    SELECT DISTINCT ON (e.id) e.id, e.level, e.event_date
    FROM ({records_event}) AS e
    WHERE e.type = ANY(%(types)s::text[]) AND e.event_date BETWEEN %(year_start)s::date AND %(until)s::date
      AND (e.level = '' OR e.level = ANY(%(levels)s::text[]))
    ORDER BY e.id, e.level = '', e.event_date
), held AS (
    SELECT DISTINCT e.id
    FROM ({records_event}) AS e
    WHERE e.type = ANY(%(types)s::text[]) AND e.level = ANY(%(levels)s::text[])
      AND e.event_date < %(year_start)s::date AND (e.end_date IS NULL OR e.end_date >= %(year_start)s::date)
)
SELECT s.id, s.key, s.name, s.county_code, s.unit_code, s.is_demo, s.source_name, s.source_row,
       g.event_date, s.kind || g.level AS what, 1::numeric AS amount, g.level <> '' AS counted,
       CASE WHEN g.level = '' THEN '等级' ELSE '' END AS lacks, '' AS caveat
FROM ({records}) AS s
JOIN given AS g ON g.id = s.id
WHERE s.kind = ANY(%(kinds)s::text[]) AND NOT EXISTS (SELECT 1 FROM held AS h WHERE h.id = s.id)
