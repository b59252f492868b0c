-- Purpose: keep the orders of a process alive while they wait. One row per order that was not cancelled.
UPDATE report SET beat_at = now() WHERE id = ANY(%(ids)s) AND state IN ('queued', 'running') RETURNING id
