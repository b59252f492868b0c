-- Purpose: how many records lie within so many metres of a point on the ellipsoid. One row.
SELECT count(*) AS n, count(*) FILTER (WHERE s.is_demo) AS n_demo
FROM ({slice}) AS s
WHERE s.geom && ST_MakeEnvelope(
          %(lon)s - %(metres)s / (110000 * cos(radians(abs(%(lat)s) + %(metres)s / 110000))) - 0.0001, %(lat)s - %(metres)s / 110000 - 0.0001,
          %(lon)s + %(metres)s / (110000 * cos(radians(abs(%(lat)s) + %(metres)s / 110000))) + 0.0001, %(lat)s + %(metres)s / 110000 + 0.0001, 4490)
  AND ST_Distance(s.geom::geography, ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4490)::geography) <= %(metres)s
  AND {where}
