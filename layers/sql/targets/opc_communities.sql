-- Purpose: OPC 社区 set up in the year, up to the day: recognised in the year, or, without any recognition on
-- record, started in it. One row per community.
-- @slice records: kind, started_date
-- Parameters: types text[].
SELECT s.id, s.key, s.name, s.county_code, s.unit_code, s.is_demo, s.source_name, s.source_row,
       d.day AS event_date, s.kind AS what, 1::numeric AS amount, true AS counted, '' AS lacks, '' AS caveat
FROM ({records}) AS s
CROSS JOIN LATERAL (
    SELECT coalesce(
        (SELECT min(e.event_date) FROM ({records_event}) AS e WHERE e.id = s.id AND e.type = ANY(%(types)s::text[])), s.started_date
    ) AS day
) AS d
WHERE s.kind = 'OPC社区' AND d.day BETWEEN %(year_start)s::date AND %(until)s::date
