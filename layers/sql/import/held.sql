-- Purpose: the rows of a layer's files that wait in quarantine, with how their file was read.
-- One row per row of a file; %(run)s NULL for all runs.
SELECT q.quarantine_id, q.run_id, q.row_no, q.entry_number, q.sheet, q.cells, q.geometry,
       coalesce(f.file_name, ''), coalesce(f.publisher, ''), r.recorded_at, g.columns, g.notes
FROM quarantine AS q
JOIN load_run AS r ON r.run_id = q.run_id
LEFT JOIN resource AS f ON f.sha256 = r.resource
LEFT JOIN import_reading AS g ON g.run_id = q.run_id
WHERE q.layer = %(layer)s AND q.cleared_run IS NULL AND (%(run)s::bigint IS NULL OR q.run_id = %(run)s)
ORDER BY q.run_id, q.entry_number
