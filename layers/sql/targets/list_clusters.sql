-- Purpose: the 特色优势产业 listed by province or city, as the list stood on the day. One row per industry.
-- @slice records: level
SELECT s.id, s.key, s.name, s.county_code, s.unit_code, s.is_demo, s.source_name, s.source_row,
       NULL::date AS event_date, concat(s.level, '特色优势产业') AS what, 1::numeric AS amount,
       true AS counted, '' AS lacks, '' AS caveat
FROM ({records}) AS s
