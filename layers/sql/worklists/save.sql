-- Purpose: keep a work list. One row; the same address again is the same list.
INSERT INTO saved_list (title, address, as_of, known_at, n, saved_by)
SELECT %(title)s, %(address)s, %(as_of)s, %(known_at)s, %(n)s, %(who)s
WHERE NOT EXISTS (SELECT 1 FROM saved_list WHERE address = %(address)s AND removed_at IS NULL)
