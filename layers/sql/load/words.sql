-- Purpose: read what a run's records are found by. One row per record that the run opened and that is current.
SELECT id, name {columns} FROM {table}
WHERE run_id = %(run_id)s AND recorded_from = %(at)s AND recorded_to = 'infinity'
