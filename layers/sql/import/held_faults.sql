-- Purpose: the faults of the rows that wait in quarantine. One row per fault. Runs before entries were noted
-- are joined by row number, in a half of its own: with OR in one join every row is compared with every fault.
WITH waiting AS (
    SELECT q.quarantine_id, q.run_id, q.entry_number, q.row_no
    FROM quarantine AS q
    WHERE q.layer = %(layer)s AND q.cleared_run IS NULL AND (%(run)s::bigint IS NULL OR q.run_id = %(run)s)
      AND (%(tickets)s::bigint[] IS NULL OR q.quarantine_id = ANY (%(tickets)s::bigint[]))
)
SELECT w.quarantine_id, i.field, i.type, i.severity, i.value, i.message
FROM waiting AS w JOIN issue AS i ON i.run_id = w.run_id AND i.entry_number = w.entry_number
WHERE i.severity <> 'info'
UNION ALL
SELECT w.quarantine_id, i.field, i.type, i.severity, i.value, i.message
FROM waiting AS w JOIN issue AS i ON i.run_id = w.run_id AND i.entry_number IS NULL AND i.row_no = w.row_no
WHERE i.severity <> 'info'
ORDER BY 1, 4, 2
