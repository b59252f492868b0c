-- Purpose: the rows of a layer's files that wait in quarantine, whole. One row per row of a file.
SELECT q.quarantine_id, q.run_id, q.row_no AS row, q.key, q.cells, q.geometry, f.file_name
FROM quarantine AS q JOIN load_run AS r ON r.run_id = q.run_id LEFT JOIN resource AS f ON f.sha256 = r.resource
WHERE q.layer = %(layer)s AND q.cleared_run IS NULL ORDER BY q.run_id, q.row_no
