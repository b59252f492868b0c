-- Purpose: which kept files are published, and with which options. One row per run that stands.
-- Reads load_run; a run that was rolled back does not stand.
SELECT r.layer, r.resource, r.options::text
FROM load_run AS r
WHERE r.kind = 'import' AND r.resource IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM load_run AS u WHERE u.reverts_run = r.run_id)
