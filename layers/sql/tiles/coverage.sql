-- Purpose: the current records of a layer that covers the ground without gaps, as drawn. One row per record and
-- coverage: records of one kind and generation lie beside one another.
SELECT t.version_id, t.kind || '/' || t.generation AS coverage, ST_AsBinary(t.geom_3857) AS wkb
FROM {table} AS t WHERE t.recorded_to = 'infinity' AND t.geom_3857 IS NOT NULL ORDER BY t.version_id
