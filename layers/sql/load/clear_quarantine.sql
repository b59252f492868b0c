-- Purpose: rows that were held back earlier and have now come in right are marked as cleared.
UPDATE quarantine AS q SET cleared_run = %(run_id)s
FROM stage_row AS s
WHERE q.layer = %(layer)s AND q.cleared_run IS NULL AND q.key <> '' AND q.key = s.key AND q.run_id <> %(run_id)s
