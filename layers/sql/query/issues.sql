-- Purpose: the faults a run found. One row per fault.
SELECT row_no AS row, field, type, severity, value, message FROM issue WHERE run_id = %(run)s
ORDER BY row_no NULLS FIRST, field, type
