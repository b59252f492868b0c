-- Purpose: forget the search words of every record of which a run ended the version that had been current: only
-- such a record has any.
DELETE FROM search_word AS w USING {table} AS t
WHERE w.layer = %(layer)s AND w.id = t.id AND t.recorded_to = %(at)s AND t.recorded_to <> 'infinity'
