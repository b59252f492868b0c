-- Purpose: the keys of the records that a run ended. One row per record.
SELECT o.key FROM {real_table} AS o
WHERE o.recorded_to = %(at)s
  AND NOT EXISTS (SELECT 1 FROM {real_table} AS n WHERE n.id = o.id AND n.recorded_from = %(at)s)
