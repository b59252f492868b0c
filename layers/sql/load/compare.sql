-- Purpose: say of every staged row whether it is new, changed or unchanged. One row per staged row.
-- Reads stage_row (keys unique) and the layer's current versions. A row without coordinates keeps the
-- better location that is known already; a column the file does not have keeps its value.
-- Invariant: every staged row ends with an id, a hash and exactly one status.
UPDATE stage_row AS s SET id = t.id{keep}
FROM {table} AS t
WHERE t.key = s.key AND t.recorded_to = 'infinity';

UPDATE stage_row AS s
SET geom = t.geom, geom_3857 = t.geom_3857, area_m2 = t.area_m2, location_accuracy = t.location_accuracy,
    original = t.original, county_code = t.county_code, unit_code = t.unit_code,
    township_code = CASE WHEN s.township_code = 'unlocated' THEN t.township_code ELSE s.township_code END,
    kept_location = true
FROM {table} AS t
WHERE t.key = s.key AND t.recorded_to = 'infinity' AND s.geom IS NULL AND t.geom IS NOT NULL;

UPDATE stage_row AS s SET row_hash = md5(ROW({hashed})::text);

UPDATE stage_row AS s
SET status = CASE WHEN t.id IS NULL THEN 'new' WHEN t.row_hash <> s.row_hash THEN 'changed' ELSE 'unchanged' END
FROM stage_row AS x LEFT JOIN {table} AS t ON t.key = x.key AND t.recorded_to = 'infinity'
WHERE x.entry_number = s.entry_number AND x.key = s.key;

UPDATE stage_row SET id = nextval({sequence}) WHERE id IS NULL
