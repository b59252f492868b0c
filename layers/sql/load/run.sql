-- Purpose: record a run with its counts. One row. The check read = loaded + unchanged + quarantined holds.
INSERT INTO load_run (layer, kind, mode, resource, options, datum, n_read, n_loaded, n_unchanged,
                      n_quarantined, n_skipped, reverts_run, reason, recorded_at, started_by)
VALUES (%(layer)s, %(kind)s, %(mode)s, %(resource)s, %(options)s, %(datum)s, %(n_read)s, %(n_loaded)s,
        %(n_unchanged)s, %(n_quarantined)s, %(n_skipped)s, %(reverts_run)s, %(reason)s, %(at)s, %(started_by)s)
RETURNING run_id
