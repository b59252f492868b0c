-- Purpose: issue a finished report; from now on it never changes.
UPDATE report SET issued_at = now(), issued_by = %(who)s, issue_number = %(number)s
WHERE id = %(id)s AND state = 'done' AND issued_at IS NULL RETURNING id
