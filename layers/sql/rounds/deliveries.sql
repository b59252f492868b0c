-- Purpose: the files that came for some layers in a span of time. One row per import run that was not rolled back.
-- A file belongs by the day its data state, else by the day it came. waiting: its rows still in quarantine.
SELECT r.run_id, r.layer, r.recorded_at, r.n_read, r.n_loaded, r.n_unchanged, r.n_quarantined,
       coalesce(nullif(r.options ->> 'publisher', ''), f.publisher, '') AS publisher, f.file_name,
       coalesce((r.options ->> 'as_of')::date, f.data_date) AS data_date,
       (SELECT count(*) FROM quarantine AS q WHERE q.run_id = r.run_id AND q.cleared_run IS NULL) AS waiting
FROM load_run AS r JOIN resource AS f ON f.sha256 = r.resource
WHERE r.kind = 'import' AND r.layer = ANY(%(layers)s)
  AND (r.recorded_at >= %(start)s OR coalesce((r.options ->> 'as_of')::date, f.data_date) BETWEEN %(first)s AND %(last)s)
  AND NOT EXISTS (SELECT 1 FROM load_run AS u WHERE u.reverts_run = r.run_id
                  AND NOT EXISTS (SELECT 1 FROM load_run AS v WHERE v.reverts_run = u.run_id))
ORDER BY r.run_id
