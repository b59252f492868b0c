-- Purpose: the records nearest to a point, by distance on the ellipsoid in metres. The first reading orders by
-- degrees, which bounds how far the true nearest can be; the second measures everything within that bound.
-- One row per record.
WITH here AS (
    SELECT ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4490) AS at
), bound AS (
    SELECT max(ST_Distance(s.geom::geography, h.at::geography)) AS far
    FROM here AS h CROSS JOIN LATERAL (
        SELECT s.geom FROM ({slice}) AS s WHERE s.geom IS NOT NULL AND {where} ORDER BY s.geom <-> h.at LIMIT %(k)s
    ) AS s
)
SELECT n.id, n.name, n.county_code, n.is_demo, n.distance_m
FROM (
    SELECT s.id, s.name, s.county_code, s.is_demo, ST_Distance(s.geom::geography, h.at::geography) AS distance_m
    FROM here AS h CROSS JOIN bound
    JOIN ({slice}) AS s ON s.geom && ST_MakeEnvelope(
        %(lon)s - bound.far / (110000 * cos(radians(abs(%(lat)s) + bound.far / 110000))) - 0.0001, %(lat)s - bound.far / 110000 - 0.0001,
        %(lon)s + bound.far / (110000 * cos(radians(abs(%(lat)s) + bound.far / 110000))) + 0.0001, %(lat)s + bound.far / 110000 + 0.0001, 4490)
    WHERE {where}
) AS n
ORDER BY n.distance_m, n.id LIMIT %(k)s
