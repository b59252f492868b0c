-- Purpose: the rows that a target's number counts, and no others. One row per counted row, in order of date.
SELECT r.id, r.key, r.name, r.county_code, r.unit_code, r.is_demo, r.source_name, r.source_row,
       r.event_date, r.what, r.amount, r.caveat
FROM ({rows}) AS r
WHERE r.counted
ORDER BY r.event_date, r.name, r.id, r.what
LIMIT %(limit)s::bigint OFFSET %(offset)s::bigint
