-- Purpose: the generated points as current records of a point layer, with one search word each. What a load
-- would leave behind, written at once; this is setting up and is not measured.
WITH run AS (
    INSERT INTO load_run (layer, kind, recorded_at, reason, n_read, n_loaded)
    SELECT %(layer)s, 'import', clock_timestamp(), '性能测试', count(*), count(*) FROM bench_point
    RETURNING run_id, recorded_at
)
INSERT INTO {table} (id, key, name, county_code, unit_code, location_accuracy, data_date, source_name, source_row,
                     row_hash, geom, geom_3857, run_id, entry_number, recorded_from, registered_cny)
SELECT p.id, 'bench-' || p.id, p.name, p.code, p.code, 'surveyed', DATE '2026-01-01', '性能测试.csv', p.id + 1,
       '', p.geom, p.geom_3857, run.run_id, p.id, run.recorded_at, p.value
FROM bench_point AS p CROSS JOIN run ORDER BY p.id;
SELECT setval({sequence}, (SELECT max(id) FROM bench_point));
INSERT INTO search_word (layer, id, word, matched, weight) SELECT %(layer)s, id, name, '名称', 3 FROM bench_point;
UPDATE layer_state SET version = version + 1, loaded_at = (SELECT max(recorded_from) FROM {table}) WHERE layer = %(layer)s
