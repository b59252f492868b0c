-- Purpose: the year's 工业新增长点, as the list stood on the day, from a size (元) up. One row per growth point; one
-- that names no year belongs to the list, one of another year does not.
-- @slice records: invest_cny, grow_year
-- Parameters: min_invest_cny bigint or NULL.
SELECT s.id, s.key, s.name, s.county_code, s.unit_code, s.is_demo, s.source_name, s.source_row,
       NULL::date AS event_date, '新增长点' AS what, 1::numeric AS amount, d.lacks = '' AS counted, d.lacks, '' AS caveat
FROM ({records}) AS s
CROSS JOIN LATERAL (
    SELECT CASE WHEN s.invest_cny IS NULL AND %(min_invest_cny)s::bigint IS NOT NULL THEN '规模' ELSE '' END AS lacks
) AS d
WHERE coalesce(s.grow_year, extract(year FROM %(year_start)s::date)) = extract(year FROM %(year_start)s::date)
  AND (%(min_invest_cny)s::bigint IS NULL OR s.invest_cny IS NULL OR s.invest_cny >= %(min_invest_cny)s::bigint)
