-- Purpose: the runs that held some rows back: their options, datum and how their file was read.
-- One row per run.
SELECT r.run_id, r.options, r.datum, coalesce(f.publisher, ''), coalesce(f.licence, ''), coalesce(f.url, ''),
       f.data_date, g.columns, g.notes
FROM load_run AS r
LEFT JOIN resource AS f ON f.sha256 = r.resource
LEFT JOIN import_reading AS g ON g.run_id = r.run_id
WHERE r.run_id IN (SELECT run_id FROM quarantine WHERE layer = %(layer)s AND quarantine_id = ANY (%(tickets)s))
