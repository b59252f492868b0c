-- Purpose: one vector tile of a slice. MVT layer named like the layer, feature id = id (also a property).
-- Geometry EPSG:3857 as drawn; the constant envelope is compared, so that the index is used. A shape too
-- small for the tile's grid is kept as a point: every record is in some tile at every zoom.
SELECT ST_AsMVT(t, {name}, 4096, 'geom', 'fid') AS tile, count(*) AS n
FROM (
    SELECT s.id AS fid, s.id AS id, {properties},
           coalesce(ST_AsMVTGeom({drawn}, e.box, 4096, 64, true),
                    ST_AsMVTGeom(ST_PointOnSurface(s.geom_3857), e.box, 4096, 64, true)) AS geom
    FROM ({slice}) AS s{thinned}
    CROSS JOIN (SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS box) AS e
    WHERE s.geom_3857 && ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => 0.015625) AND {where}
    ORDER BY s.id
) AS t
WHERE t.geom IS NOT NULL
