-- Purpose: forget the search words of every record a run touched.
DELETE FROM search_word AS w USING {table} AS t
WHERE w.layer = %(layer)s AND w.id = t.id AND (t.recorded_from = %(at)s OR t.recorded_to = %(at)s)
