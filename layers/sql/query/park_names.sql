-- Purpose: the latest names of parks by id. One row per id.
SELECT DISTINCT ON (id) id, name FROM layer_park WHERE id = ANY(%(ids)s) ORDER BY id, recorded_from DESC
