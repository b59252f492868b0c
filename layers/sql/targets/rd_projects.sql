-- Purpose: R&D projects of a kind set up or carried out in the year, up to the day. One row per project, at its
-- first such event of the year.
-- @slice records: kind
-- Parameters: kinds text[], types text[].
SELECT s.id, s.key, s.name, s.county_code, s.unit_code, s.is_demo, s.source_name, s.source_row,
       h.event_date, s.kind || h.what AS what, 1::numeric AS amount, true AS counted, '' AS lacks, '' AS caveat
FROM ({records}) AS s
JOIN (
    SELECT e.id, min(e.event_date) AS event_date, string_agg(DISTINCT e.type, '、') AS what
    FROM ({records_event}) AS e
    WHERE e.type = ANY(%(types)s::text[]) AND e.event_date BETWEEN %(year_start)s::date AND %(until)s::date
    GROUP BY e.id
) AS h ON h.id = s.id
WHERE s.kind = ANY(%(kinds)s::text[])
