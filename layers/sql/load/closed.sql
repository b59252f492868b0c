-- Purpose: in replace mode, the current records that the file no longer names; and those ended by name.
-- One row per record. A key that the file does name, but in a row held back, is not gone. Demo records and
-- real ones are apart.
CREATE TEMP TABLE stage_closed ON COMMIT DROP AS
SELECT t.id, t.key FROM {table} AS t
WHERE t.recorded_to = 'infinity' AND t.key = ANY (%(ended)s)
   OR %(replace)s AND t.recorded_to = 'infinity'
  AND t.is_demo IN (SELECT is_demo FROM stage_row UNION SELECT false WHERE NOT EXISTS (SELECT 1 FROM stage_row))
  AND NOT EXISTS (SELECT 1 FROM stage_row AS s WHERE s.key = t.key)
  AND NOT t.key = ANY (%(held)s)
