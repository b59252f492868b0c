-- Purpose: remove a report that was not issued and is not being made.
DELETE FROM report WHERE id = %(id)s AND issued_at IS NULL
    AND (state NOT IN ('queued', 'running') OR beat_at < now() - interval '2 minutes') RETURNING id
