-- Purpose: the versions of a layer that one instant opened (1) or closed (-1), for a layer whose records are
-- bound to no day. One row per version.
SELECT '-infinity'::date AS day, v.sign, v.is_demo, v.geom IS NOT NULL AS is_placed, v.county_code, v.unit_code,
       {term} AS term, {values}, cell_x(p.at) AS px, cell_y(p.at) AS py
FROM (
    SELECT t.*, 1 AS sign FROM {table} AS t WHERE t.run_id = %(run_id)s AND t.recorded_from = %(at)s
    UNION ALL
    SELECT t.*, -1 AS sign FROM {table} AS t WHERE t.recorded_to = %(at)s
) AS v
CROSS JOIN LATERAL (SELECT cell_point(v.geom_3857) AS at) AS p
WHERE v.geom_3857 IS NOT NULL
