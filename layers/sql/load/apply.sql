-- Purpose: publish the staged rows: close the versions they replace, insert the new ones. Reads stage_row and
-- stage_closed. Invariant: at most one current version per record; nothing is deleted.
UPDATE {table} AS t SET recorded_to = %(at)s
FROM stage_row AS s
WHERE t.id = s.id AND t.recorded_to = 'infinity' AND s._status = 'changed';

UPDATE {table} AS t SET recorded_to = %(at)s
FROM stage_closed AS c
WHERE t.id = c.id AND t.recorded_to = 'infinity';

INSERT INTO {table} ({columns}, row_hash, run_id, recorded_from)
SELECT {columns}, row_hash, %(run_id)s, %(at)s
FROM stage_row WHERE _status IN ('new', 'changed')
ORDER BY entry_number
