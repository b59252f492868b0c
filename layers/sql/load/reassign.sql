-- Purpose: new versions of the records in stage_move, with their county and unit under new areas, and the
-- shares of polygons. Nothing else of a record changes. One row per record.
UPDATE {table} AS t SET recorded_to = %(at)s
FROM stage_move AS m WHERE t.version_id = m.version_id;

INSERT INTO {table} ({columns}, row_hash, run_id, recorded_from)
SELECT {picked}, md5(ROW({hashed})::text), %(run_id)s, %(at)s
FROM stage_move AS m JOIN {table} AS t ON t.version_id = m.version_id;

INSERT INTO area_share (layer, version_id, county_code, unit_code, area_m2)
SELECT %(layer)s, new.version_id, p.county_code, p.unit_code, p.area_m2
FROM stage_piece AS p
JOIN {table} AS old ON old.version_id = p.version_id
JOIN {table} AS new ON new.id = old.id AND new.recorded_from = %(at)s
