-- Purpose: the runs, the latest first, with the file each read. One row per run.
SELECT r.run_id, r.layer, r.kind, r.mode, r.n_read, r.n_loaded, r.n_unchanged, r.n_quarantined, r.n_skipped,
       r.reverts_run, r.reason, r.started_at, r.recorded_at, r.started_by, f.file_name, f.sha256 AS resource,
       f.publisher, f.licence, f.url, f.data_date,
       (SELECT min(u.run_id) FROM load_run AS u WHERE u.reverts_run = r.run_id) AS reverted_by,
       (SELECT count(*) FROM issue AS i WHERE i.run_id = r.run_id) AS n_issues
FROM load_run AS r LEFT JOIN resource AS f ON f.sha256 = r.resource
WHERE (%(layer)s::text IS NULL OR r.layer = %(layer)s) AND (%(run)s::bigint IS NULL OR r.run_id = %(run)s)
ORDER BY r.run_id DESC LIMIT %(limit)s
