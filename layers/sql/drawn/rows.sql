-- Purpose: some of the records that touch an area. One row per record.
SELECT s.id, s.name, s.county_code, s.is_demo, {size}::double precision AS size
FROM ({slice}) AS s
WHERE ST_Intersects(s.geom, ST_GeomFromWKB(%(drawn)s::bytea, 4490)) AND {where}
ORDER BY {order} LIMIT %(limit)s OFFSET %(offset)s
