-- Purpose: drop the stored rollup's rows that count nothing any more, so that it equals a recomputed one.
DELETE FROM rollup WHERE layer = %(layer)s AND n = 0
