-- Purpose: rows that were held back earlier and have now come in right, or were sent again, are marked as
-- cleared: by the ticket of the sheet sent back, or by key. A row that is wrong again waits in its new form.
-- Reads stage_row and this run's quarantine. A key that is held again replaces only the same publisher's row.
UPDATE quarantine AS q SET cleared_run = %(run_id)s
WHERE q.layer = %(layer)s AND q.cleared_run IS NULL AND q.run_id <> %(run_id)s
  AND (q.quarantine_id = ANY (%(tickets)s::bigint[])
       OR q.key <> '' AND EXISTS (SELECT 1 FROM stage_row AS s WHERE s.key = q.key)
       OR q.key <> '' AND EXISTS (
           SELECT 1 FROM quarantine AS n
           JOIN load_run AS nr ON nr.run_id = n.run_id LEFT JOIN resource AS nf ON nf.sha256 = nr.resource
           JOIN load_run AS qr ON qr.run_id = q.run_id LEFT JOIN resource AS qf ON qf.sha256 = qr.resource
           WHERE n.run_id = %(run_id)s AND n.key = q.key
             AND coalesce(nf.publisher, '') = coalesce(qf.publisher, '')))
