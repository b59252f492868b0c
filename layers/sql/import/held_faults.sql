-- Purpose: the faults of the rows that wait in quarantine. One row per fault. Runs before entries were noted
-- are joined by row number.
SELECT q.quarantine_id, i.field, i.type, i.severity, i.value, i.message
FROM quarantine AS q
JOIN issue AS i ON i.run_id = q.run_id
     AND (i.entry_number = q.entry_number OR i.entry_number IS NULL AND i.row_no = q.row_no)
WHERE q.layer = %(layer)s AND q.cleared_run IS NULL AND i.severity <> 'info'
  AND (%(run)s::bigint IS NULL OR q.run_id = %(run)s)
ORDER BY q.quarantine_id, i.severity, i.field
