-- Purpose: after a rollback, the quarantine is as before the run undone. What that run cleared waits again,
-- what it held back waits no more; where the run undone was itself a rollback, the records it brings back
-- clear their rows again.
UPDATE quarantine SET cleared_run = NULL WHERE cleared_run = %(undone)s;
UPDATE quarantine SET cleared_run = %(run_id)s WHERE run_id = %(undone)s AND cleared_run IS NULL;
UPDATE quarantine AS q SET cleared_run = %(run_id)s
FROM {table} AS t, load_run AS r
WHERE r.run_id = %(undone)s AND r.kind = 'rollback' AND q.layer = %(layer)s AND q.cleared_run IS NULL
  AND q.key <> '' AND t.key = q.key AND t.recorded_from = %(at)s AND q.run_id < %(undone)s
