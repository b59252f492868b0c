-- Purpose: bring the stored rollup in step with one run: add the versions it opened, subtract those it
-- closed. One row per (layer, axis, code, is_demo, measure); the axis data_date counts records by their date.
-- Cost is proportional to the change: both sides are found by an index, each is added up before it is spread
-- over measures. Sums are numeric, so that adding and subtracting leave no rest.
-- Invariant: the stored rollup equals the one recomputed from all current versions.
WITH moved AS (
    SELECT {columns}, 1 AS sign FROM {table} AS t WHERE t.run_id = %(run_id)s AND t.recorded_from = %(at)s
    UNION ALL
    SELECT {columns}, -1 AS sign FROM {table} AS t WHERE t.recorded_to = %(at)s AND t.recorded_to <> 'infinity'
), sums AS (
    SELECT CASE WHEN grouping(m.county_code) = 0 THEN 'county' WHEN grouping(m.unit_code) = 0 THEN 'unit'
                WHEN grouping(m.township_code) = 0 THEN 'township' ELSE 'data_date' END AS axis,
           CASE WHEN grouping(m.county_code) = 0 THEN m.county_code WHEN grouping(m.unit_code) = 0 THEN m.unit_code
                WHEN grouping(m.township_code) = 0 THEN m.township_code ELSE coalesce(m.data_date::text, '') END AS code,
           m.is_demo, sum(m.sign) AS n, {sums}
    FROM moved AS m
    GROUP BY GROUPING SETS ((m.county_code, m.is_demo), (m.unit_code, m.is_demo), (m.township_code, m.is_demo),
                            (m.data_date, m.is_demo))
), shares AS (
    SELECT m.sign, m.is_demo, a.axis, a.code, s.area_m2::numeric AS value
    FROM moved AS m
    JOIN area_share AS s ON s.layer = %(layer)s AND s.version_id = m.version_id
    CROSS JOIN LATERAL (VALUES ('county', s.county_code), ('unit', s.unit_code)) AS a (axis, code)
), change AS (
    SELECT s.axis, s.code, s.is_demo, v.measure, s.n, v.n_missing, v.total
    FROM sums AS s CROSS JOIN LATERAL (VALUES {values}) AS v (measure, n_missing, total)
    WHERE s.axis <> 'data_date' OR v.measure = 'n'
    UNION ALL
    SELECT axis, code, is_demo, 'area_m2', sum(sign), 0, sum(sign * value)
    FROM shares GROUP BY axis, code, is_demo
)
INSERT INTO rollup AS r (layer, axis, code, is_demo, measure, n, n_missing, total)
SELECT %(layer)s, axis, code, is_demo, measure, n, coalesce(n_missing, 0), coalesce(total, 0) FROM change
ON CONFLICT (layer, axis, code, is_demo, measure) DO UPDATE
SET n = r.n + excluded.n, n_missing = r.n_missing + excluded.n_missing, total = r.total + excluded.total
