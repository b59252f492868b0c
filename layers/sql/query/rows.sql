-- Purpose: one page of a layer's records with the position that is drawn (CRS84). One row per record.
SELECT {columns}, round(ST_X(p.at)::numeric, 7)::float8 AS lon, round(ST_Y(p.at)::numeric, 7)::float8 AS lat
FROM ({slice}) AS s
CROSS JOIN LATERAL (SELECT ST_Transform(ST_PointOnSurface(s.geom_3857), 4326) AS at) AS p
WHERE {where}
ORDER BY {order} s.id
LIMIT %(limit)s OFFSET %(offset)s
