-- Purpose: read what the records that a run will open are found by, before they are written. One row per record.
SELECT id, name {columns} FROM stage_row WHERE _status IN ('new', 'changed')
