-- Purpose: the rows of a layer's files that wait in quarantine, with how their file was read.
-- One row per row of a file; no run: of all runs; no tickets: all of them.
SELECT q.quarantine_id, q.run_id, q.row_no, q.entry_number, q.sheet, q.cells, q.geometry,
       coalesce(f.file_name, ''), coalesce(f.publisher, ''), r.recorded_at, g.columns, g.notes
FROM quarantine AS q
JOIN load_run AS r ON r.run_id = q.run_id
LEFT JOIN resource AS f ON f.sha256 = r.resource
LEFT JOIN import_reading AS g ON g.run_id = q.run_id
WHERE q.layer = %(layer)s AND q.cleared_run IS NULL AND (%(run)s::bigint IS NULL OR q.run_id = %(run)s)
  AND (%(tickets)s::bigint[] IS NULL OR q.quarantine_id = ANY (%(tickets)s::bigint[]))
ORDER BY q.run_id, q.entry_number
