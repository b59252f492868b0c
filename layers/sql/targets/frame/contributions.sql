-- Purpose: what every county and unit adds to a target. One row per (axis, code); the rows of an axis add up
-- to the target's total, outside and unlocated among them.
WITH r AS ({rows})
SELECT a.axis, a.code, count(*) FILTER (WHERE r.counted) AS n_rows,
       coalesce(sum(r.amount) FILTER (WHERE r.counted), 0) AS amount, count(*) AS n_base
FROM r CROSS JOIN LATERAL (VALUES ('county', r.county_code), ('unit', r.unit_code)) AS a (axis, code)
GROUP BY 1, 2
