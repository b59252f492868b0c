-- Purpose: one vector tile of a slice. MVT layer named like the layer, feature id = id (also a property).
-- Geometry EPSG:3857 as drawn; the constant envelope is compared, so that the index is used. A shape too
-- small for the tile's grid is kept as a point: every record is in some tile at every zoom. A point's place is cut,
-- not rounded, to the grid, as that of a cell is: it lies in the one tile that counts it (0 to 4095).
-- One row; null where nothing lies.
SELECT CASE WHEN count(*) > 0 THEN ST_AsMVT(t, {name}, 4096, 'geom', 'fid') END AS tile
FROM (
    SELECT s.id AS fid, s.id AS id, {properties},
           CASE WHEN GeometryType(s.geom_3857) = 'POINT' THEN
               ST_MakePoint(floor((cell_x(s.geom_3857) / 2147483648.0::double precision * (1 << %(z)s) - %(x)s) * 4096),
                            floor((cell_y(s.geom_3857) / 2147483648.0::double precision * (1 << %(z)s) - %(y)s) * 4096))
           ELSE coalesce(ST_AsMVTGeom({drawn}, e.box, 4096, 64, true),
                         ST_AsMVTGeom(ST_PointOnSurface(s.geom_3857), e.box, 4096, 64, true)) END AS geom
    FROM ({slice}) AS s{thinned}
    CROSS JOIN (SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS box) AS e
    WHERE s.geom_3857 && ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => 0.015625) AND {where}
    ORDER BY s.id
) AS t
WHERE t.geom IS NOT NULL
