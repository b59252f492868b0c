-- Purpose: projects that reached a named stage in the year, up to the day. One row per candidate project, at
-- its first such event; a project reaches several stages in one year and counts in each target.
-- Counted: is_industrial, and total investment (元) at the threshold or above. A project that does not say
-- is not counted and named in lacks. 0.99 亿元 is below 1 亿元 and no candidate.
-- @slice records: invest_cny, is_industrial, kind
-- Parameters: types text[], kinds text[] or NULL, min_invest_cny bigint or NULL.
WITH happened AS (
    SELECT e.id, min(e.event_date) AS event_date, string_agg(DISTINCT e.type, '、') AS what
    FROM ({records_event}) AS e
    WHERE e.type = ANY(%(types)s::text[]) AND e.event_date BETWEEN %(year_start)s::date AND %(until)s::date
    GROUP BY e.id
)
SELECT s.id, s.key, s.name, s.county_code, s.unit_code, s.is_demo, s.source_name, s.source_row,
       h.event_date, h.what, 1::numeric AS amount, d.lacks = '' AS counted, d.lacks, '' AS caveat
FROM ({records}) AS s
JOIN happened AS h ON h.id = s.id
CROSS JOIN LATERAL (
    SELECT concat_ws('和',
        CASE WHEN s.invest_cny IS NULL AND %(min_invest_cny)s::bigint IS NOT NULL THEN '总投资' END,
        CASE WHEN s.is_industrial IS NULL THEN '是否工业项目' END) AS lacks
) AS d
WHERE s.is_industrial IS NOT FALSE
  AND (%(kinds)s::text[] IS NULL OR s.kind = ANY(%(kinds)s::text[]))
  AND (%(min_invest_cny)s::bigint IS NULL OR s.invest_cny IS NULL OR s.invest_cny >= %(min_invest_cny)s::bigint)
