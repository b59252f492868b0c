-- Purpose: whether a tile holds more records than are drawn one by one. One row.
SELECT count(*) AS n FROM (
    SELECT 1 FROM ({slice}) AS s
    WHERE s.geom_3857 && ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AND {where} LIMIT %(most)s + 1
) AS t
