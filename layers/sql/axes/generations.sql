-- Purpose: the areas of a kind in every generation of the boundary layer as known then. One row per
-- (generation, code); geom EPSG:4490 as WKB.
SELECT s.generation, s.code, s.name, s.valid_from, s.valid_to, ST_AsBinary(s.geom) AS geom
FROM ({slice}) AS s
WHERE s.kind = %(kind)s AND s.geom IS NOT NULL AND s.code IS NOT NULL
ORDER BY s.generation, s.code
