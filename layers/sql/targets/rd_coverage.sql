-- Purpose: share of 规上 industrial enterprises that have an R&D unit. One row per such enterprise; counted
-- where it has one, so counted / all rows is the rate. One that does not say counts as having none and is
-- named in lacks.
-- @slice records: is_above_scale, has_rd_unit, four_above_class
SELECT s.id, s.key, s.name, s.county_code, s.unit_code, s.is_demo, s.source_name, s.source_row,
       NULL::date AS event_date, '有研发机构' AS what, 1::numeric AS amount, s.has_rd_unit IS TRUE AS counted,
       CASE WHEN s.has_rd_unit IS NULL THEN '有无研发机构' ELSE '' END AS lacks, '' AS caveat
FROM ({records}) AS s
WHERE s.is_above_scale AND coalesce(s.four_above_class, '规上工业') = '规上工业'
