-- Purpose: end an order without a file, with the sentence that says why.
UPDATE report SET state = %(state)s, message = %(message)s, step = '', finished_at = now()
WHERE id = %(id)s AND state IN ('queued', 'running') RETURNING id
