-- Purpose: the present records of one layer among the search's hits, with where they are drawn (CRS84).
SELECT {layer} AS layer, s.id, s.name, s.is_demo, s.county_code,
       ST_Transform(ST_PointOnSurface(s.geom_3857), 4326) AS at
FROM ({slice}) AS s WHERE s.id IN (SELECT id FROM best WHERE layer = {layer})
