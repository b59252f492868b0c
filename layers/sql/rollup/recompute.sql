-- Purpose: the rollup of a layer from its current versions alone: what the stored one must equal.
-- One row per (axis, code, is_demo, measure).
WITH moved AS (
    SELECT {columns}, 1 AS sign FROM {table} AS t WHERE t.recorded_to = 'infinity'
), sums AS (
    SELECT CASE WHEN grouping(m.county_code) = 0 THEN 'county' WHEN grouping(m.unit_code) = 0 THEN 'unit'
                WHEN grouping(m.township_code) = 0 THEN 'township' ELSE 'data_date' END AS axis,
           CASE WHEN grouping(m.county_code) = 0 THEN m.county_code WHEN grouping(m.unit_code) = 0 THEN m.unit_code
                WHEN grouping(m.township_code) = 0 THEN m.township_code ELSE coalesce(m.data_date::text, '') END AS code,
           m.is_demo, count(*) AS n, {sums}
    FROM moved AS m
    GROUP BY GROUPING SETS ((m.county_code, m.is_demo), (m.unit_code, m.is_demo), (m.township_code, m.is_demo),
                            (m.data_date, m.is_demo))
)
SELECT s.axis, s.code, s.is_demo, v.measure, s.n, coalesce(v.n_missing, 0) AS n_missing, coalesce(v.total, 0) AS total
FROM sums AS s CROSS JOIN LATERAL (VALUES {values}) AS v (measure, n_missing, total)
WHERE s.axis <> 'data_date' OR v.measure = 'n'
UNION ALL
SELECT a.axis, a.code, m.is_demo, 'area_m2', count(*), 0, sum(s.area_m2::numeric)
FROM moved AS m
JOIN area_share AS s ON s.layer = %(layer)s AND s.version_id = m.version_id
CROSS JOIN LATERAL (VALUES ('county', s.county_code), ('unit', s.unit_code)) AS a (axis, code)
GROUP BY a.axis, a.code, m.is_demo
