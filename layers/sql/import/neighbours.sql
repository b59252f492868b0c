-- Purpose: a layer's current records with what tells that two are one. One row per record, in the order of their
-- ids; lon, lat EPSG:4490.
SELECT t.key, t.name, {credit}, {project}, t.county_code, t.is_demo, ST_X(p.at), ST_Y(p.at)
FROM {table} AS t
LEFT JOIN LATERAL (SELECT CASE WHEN ST_GeometryType(t.geom) = 'ST_Point' THEN t.geom
                               ELSE ST_PointOnSurface(t.geom) END AS at) AS p ON t.geom IS NOT NULL
WHERE t.recorded_to = 'infinity'
ORDER BY t.id
