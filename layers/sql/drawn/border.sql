-- Purpose: the records in cells that an area's border crosses, tested exactly. A record is in the one cell of its
-- point. ST_Force2D keeps the planner from reading the whole area's index once for every cell, OFFSET 0 from testing
-- every record against the area before it knows which lie in these cells.
-- One row per county, unit, demo or not, and term.
SELECT s.county_code, s.unit_code, s.is_demo, {term} AS term, count(*) AS n, {known} AS known, {sums} AS sums
FROM (
    SELECT s.* FROM unnest(%(b_levels)s::integer[], %(b_x)s::bigint[], %(b_y)s::bigint[]) AS b (level, x, y)
    CROSS JOIN LATERAL (SELECT ST_TileEnvelope(b.level, b.x::integer, b.y::integer) AS box) AS e
    JOIN ({slice}) AS s ON s.geom_3857 && e.box
    WHERE s.geom IS NOT NULL AND cell_x(s.geom_3857) >> (31 - b.level) = b.x
      AND cell_y(s.geom_3857) >> (31 - b.level) = b.y
    OFFSET 0
) AS s
WHERE ST_Intersects(ST_Force2D(s.geom), ST_GeomFromWKB(%(drawn)s::bytea, 4490)) AND {where}
GROUP BY 1, 2, 3, 4
