-- Purpose: say how far an order is. One row back while nobody has cancelled it.
UPDATE report SET state = 'running', share = %(share)s, step = %(step)s, beat_at = now()
WHERE id = %(id)s AND state IN ('queued', 'running') RETURNING id
