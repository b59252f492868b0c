-- Purpose: investment completed in the year by the projects of a tier. One row per project of the tier;
-- amount in 元. The series runs on from the start of building, so the year's part is the
-- latest figure of the year, up to the day, less the last one before the year. A series that stands lower
-- than last year's began anew with the year and is taken whole. Where building began before the year and no
-- earlier figure is known, the whole figure counts and caveat says so.
-- @slice records: tier, is_industrial
-- Parameters: tiers text[], figures text[].
WITH latest AS (
    SELECT DISTINCT ON (f.id) f.id, f.period_end, f.value
    FROM ({records_figure}) AS f
    WHERE f.measure = ANY(%(figures)s::text[]) AND f.period_end BETWEEN %(year_start)s::date AND %(until)s::date
    ORDER BY f.id, f.period_end DESC
), before AS (
    SELECT DISTINCT ON (f.id) f.id, f.value
    FROM ({records_figure}) AS f
    WHERE f.measure = ANY(%(figures)s::text[]) AND f.period_end < %(year_start)s::date
    ORDER BY f.id, f.period_end DESC
), started AS (
    SELECT e.id, min(e.event_date) AS event_date FROM ({records_event}) AS e WHERE e.type = '开工' GROUP BY e.id
)
SELECT s.id, s.key, s.name, s.county_code, s.unit_code, s.is_demo, s.source_name, s.source_row,
       l.period_end AS event_date, '完成投资' AS what,
       CASE WHEN b.value <= l.value THEN l.value - b.value ELSE l.value END::numeric AS amount,
       d.lacks = '' AS counted, d.lacks,
       CASE WHEN b.id IS NULL AND g.event_date < %(year_start)s::date THEN '上年末累计完成投资' ELSE '' END AS caveat
FROM ({records}) AS s
LEFT JOIN latest AS l ON l.id = s.id
LEFT JOIN before AS b ON b.id = s.id
LEFT JOIN started AS g ON g.id = s.id
CROSS JOIN LATERAL (
    SELECT concat_ws('和',
        CASE WHEN l.id IS NULL THEN '年内完成投资' END,
        CASE WHEN s.is_industrial IS NULL THEN '是否工业项目' END) AS lacks
) AS d
WHERE s.tier = ANY(%(tiers)s::text[]) AND s.is_industrial IS NOT FALSE
