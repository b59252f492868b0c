-- Purpose: one tile of aggregated cells, 64 × 64 a tile: n and sums. A record counts in the one tile and
-- cell that its point lies in (lower borders belong), so that neighbouring tiles add up.
SELECT ST_AsMVT(t, {name}, 4096, 'geom') AS tile, count(*) AS n
FROM (
    SELECT {sums}, ST_AsMVTGeom(ST_SetSRID(ST_MakePoint(avg(c.px), avg(c.py)), 3857),
                                ST_TileEnvelope(%(z)s, %(x)s, %(y)s), 4096, 64, true) AS geom
    FROM (
        SELECT s.*, ST_X(p.at) AS px, ST_Y(p.at) AS py,
               floor((ST_X(p.at) - ST_XMin(e.box)) / (ST_XMax(e.box) - ST_XMin(e.box)) * 64) AS cx,
               floor((ST_Y(p.at) - ST_YMin(e.box)) / (ST_YMax(e.box) - ST_YMin(e.box)) * 64) AS cy
        FROM ({slice}) AS s
        CROSS JOIN (SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS box) AS e
        CROSS JOIN LATERAL (SELECT ST_PointOnSurface(s.geom_3857) AS at) AS p
        WHERE s.geom_3857 && ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AND {where}
    ) AS c
    WHERE c.cx >= 0 AND c.cx < 64 AND c.cy >= 0 AND c.cy < 64
    GROUP BY c.cx, c.cy
) AS t
