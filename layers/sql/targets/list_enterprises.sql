-- Purpose: the 重点样本企业, as the list stood on the day. One row per enterprise.
-- @slice records: is_sample
SELECT s.id, s.key, s.name, s.county_code, s.unit_code, s.is_demo, s.source_name, s.source_row,
       NULL::date AS event_date, '重点样本企业' AS what, 1::numeric AS amount, true AS counted, '' AS lacks, '' AS caveat
FROM ({records}) AS s
WHERE s.is_sample
