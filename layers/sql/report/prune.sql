-- Purpose: keep the last so many reports that were not issued.
DELETE FROM report WHERE id IN (
    SELECT id FROM report WHERE issued_at IS NULL AND state NOT IN ('queued', 'running')
    ORDER BY asked_at DESC, id DESC OFFSET %(keep)s
) RETURNING id
