-- Purpose: 三首两新 products recognised in the year, up to the day. One row per recognition: an enterprise with
-- two products counts twice, as the target counts products (项).
-- @slice records:
-- Parameters: types text[].
SELECT s.id, s.key, s.name, s.county_code, s.unit_code, s.is_demo, s.source_name, s.source_row,
       e.event_date, e.type || e.level AS what, 1::numeric AS amount, true AS counted, '' AS lacks, '' AS caveat
FROM ({records}) AS s
JOIN ({records_event}) AS e ON e.id = s.id
WHERE e.type = ANY(%(types)s::text[]) AND e.event_date BETWEEN %(year_start)s::date AND %(until)s::date
