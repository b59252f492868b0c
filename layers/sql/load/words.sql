-- Purpose: forget the search words of every record a run touched, and read those that are current again.
-- One row per current record of the run.
DELETE FROM search_word AS w USING {table} AS t
WHERE w.layer = %(layer)s AND w.id = t.id AND (t.recorded_from = %(at)s OR t.recorded_to = %(at)s);
SELECT id, name {columns} FROM {table} WHERE recorded_from = %(at)s AND recorded_to = 'infinity' ORDER BY id
