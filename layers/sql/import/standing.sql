-- Purpose: a layer's runs in order, to be replayed. One row per run.
SELECT r.run_id, r.kind, r.mode, r.reverts_run, r.recorded_at, r.resource, coalesce(f.file_name, ''),
       r.options, r.datum, coalesce(f.publisher, ''), coalesce(f.licence, ''), coalesce(f.url, ''), f.data_date,
       g.columns, g.notes
FROM load_run AS r
LEFT JOIN resource AS f ON f.sha256 = r.resource
LEFT JOIN import_reading AS g ON g.run_id = r.run_id
WHERE r.layer = %(layer)s
ORDER BY r.recorded_at
