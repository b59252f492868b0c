-- Purpose: the rollup of a layer from its current versions alone: what the stored one must equal.
-- One row per (axis, code, is_demo, measure).
WITH now AS (
    SELECT * FROM {table} WHERE recorded_to = 'infinity'
), axes AS (
    SELECT m.is_demo, a.axis, a.code, v.measure, v.value
    FROM now AS m
    CROSS JOIN LATERAL (VALUES ('county', m.county_code), ('unit', m.unit_code), ('township', m.township_code))
        AS a (axis, code)
    CROSS JOIN LATERAL (VALUES {values}) AS v (measure, value)
)
SELECT axis, code, is_demo, measure, count(*) AS n, count(*) FILTER (WHERE value IS NULL) AS n_missing,
       coalesce(sum(value), 0) AS total
FROM axes GROUP BY axis, code, is_demo, measure
UNION ALL
SELECT a.axis, a.code, m.is_demo, 'area_m2', count(*), 0, sum(s.area_m2::numeric)
FROM now AS m
JOIN area_share AS s ON s.layer = %(layer)s AND s.version_id = m.version_id
CROSS JOIN LATERAL (VALUES ('county', s.county_code), ('unit', s.unit_code)) AS a (axis, code)
GROUP BY a.axis, a.code, m.is_demo
