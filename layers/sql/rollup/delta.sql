-- Purpose: bring the stored rollup in step with one run: add the versions it opened, subtract those it
-- closed. One row per (layer, axis, code, is_demo, measure). Cost is proportional to the change. Sums are
-- numeric, so that adding and subtracting leave no rest.
-- Invariant: the stored rollup equals the one recomputed from all current versions.
WITH moved AS (
    SELECT t.*, 1 AS sign FROM {table} AS t WHERE t.recorded_from = %(at)s
    UNION ALL
    SELECT t.*, -1 AS sign FROM {table} AS t WHERE t.recorded_to = %(at)s
), axes AS (
    SELECT m.sign, m.is_demo, m.version_id, a.axis, a.code, v.measure, v.value
    FROM moved AS m
    CROSS JOIN LATERAL (VALUES ('county', m.county_code), ('unit', m.unit_code), ('township', m.township_code))
        AS a (axis, code)
    CROSS JOIN LATERAL (VALUES {values}) AS v (measure, value)
), shares AS (
    SELECT m.sign, m.is_demo, a.axis, a.code, s.area_m2::numeric AS value
    FROM moved AS m
    JOIN area_share AS s ON s.layer = %(layer)s AND s.version_id = m.version_id
    CROSS JOIN LATERAL (VALUES ('county', s.county_code), ('unit', s.unit_code)) AS a (axis, code)
), change AS (
    SELECT axis, code, is_demo, measure, sum(sign) AS n,
           sum(sign) FILTER (WHERE value IS NULL) AS n_missing, sum(sign * value) AS total
    FROM axes GROUP BY axis, code, is_demo, measure
    UNION ALL
    SELECT axis, code, is_demo, 'area_m2', sum(sign), 0, sum(sign * value)
    FROM shares GROUP BY axis, code, is_demo
)
INSERT INTO rollup AS r (layer, axis, code, is_demo, measure, n, n_missing, total)
SELECT %(layer)s, axis, code, is_demo, measure, n, coalesce(n_missing, 0), coalesce(total, 0) FROM change
ON CONFLICT (layer, axis, code, is_demo, measure) DO UPDATE
SET n = r.n + excluded.n, n_missing = r.n_missing + excluded.n_missing, total = r.total + excluded.total
