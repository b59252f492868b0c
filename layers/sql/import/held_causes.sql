-- Purpose: why a layer's rows wait in quarantine. One row per cause and field of an error; n counts rows, and a
-- row with several errors counts under each.
WITH waiting AS (
    SELECT q.quarantine_id, q.run_id, q.entry_number, q.row_no
    FROM quarantine AS q WHERE q.layer = %(layer)s AND q.cleared_run IS NULL
), found AS (
    SELECT w.quarantine_id, i.type, i.field
    FROM waiting AS w JOIN issue AS i ON i.run_id = w.run_id AND i.entry_number = w.entry_number
    WHERE i.severity = 'error'
    UNION ALL
    SELECT w.quarantine_id, i.type, i.field
    FROM waiting AS w JOIN issue AS i ON i.run_id = w.run_id AND i.entry_number IS NULL AND i.row_no = w.row_no
    WHERE i.severity = 'error'
)
SELECT type, field, count(DISTINCT quarantine_id) AS n
FROM found GROUP BY type, field ORDER BY n DESC, type, field
