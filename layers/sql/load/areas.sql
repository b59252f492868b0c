-- Purpose: the areas that the boundary layer's current records make, with the pieces used for look-ups.
-- One row per (kind, generation, code). Geometry EPSG:4490; the pieces are cut at 128 vertices.
DELETE FROM area;

INSERT INTO area (code, name, kind, generation, valid_from, valid_to, area_m2, label_lon, label_lat, geom, run_id)
SELECT t.code, t.name, t.kind, coalesce(t.generation, ''), t.valid_from, t.valid_to,
       ST_Area(t.geom::geography), ST_X(p.at), ST_Y(p.at), t.geom, t.run_id
FROM layer_boundary AS t
CROSS JOIN LATERAL (SELECT (ST_MaximumInscribedCircle(ST_SimplifyPreserveTopology(t.geom, 0.001))).center AS at) AS p
WHERE t.recorded_to = 'infinity' AND t.geom IS NOT NULL AND t.code IS NOT NULL AND t.kind IS NOT NULL;

UPDATE area SET is_active = (generation = (
    SELECT a.generation FROM area AS a
    WHERE a.kind = area.kind AND (a.valid_from IS NULL OR a.valid_from <= current_date)
      AND (a.valid_to IS NULL OR a.valid_to > current_date)
    ORDER BY a.valid_from DESC NULLS LAST, a.run_id DESC, a.generation LIMIT 1));

INSERT INTO area_part (area_id, geom) SELECT area_id, ST_Subdivide(geom, 128) FROM area
