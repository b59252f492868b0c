-- Purpose: what was decided of a layer's pairs and stands. One row per pair; a merge that was rolled back
-- stands no more.
SELECT d.kept_key, d.other_key, d.decision, d.reason, d.decided_by, d.decided_at, d.run_id
FROM duplicate_decision AS d
WHERE d.layer = %(layer)s AND NOT EXISTS (SELECT 1 FROM load_run AS u WHERE u.reverts_run = d.run_id)
ORDER BY d.decided_at
