-- Purpose: surveyed points of a layer's real records, to recognise the datum of a file that names them again.
-- One row per current record. EPSG:4490, lon lat.
SELECT t.key, t.name, ST_X(t.geom), ST_Y(t.geom)
FROM {table} AS t
WHERE t.recorded_to = 'infinity' AND NOT t.is_demo AND t.location_accuracy = 'surveyed'
  AND ST_GeometryType(t.geom) = 'ST_Point'
