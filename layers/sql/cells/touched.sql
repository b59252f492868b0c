-- Purpose: the records that one instant touched, by a version or by an event. One row per record.
SELECT t.id FROM {table} AS t WHERE t.run_id = %(run_id)s AND t.recorded_from = %(at)s
UNION
SELECT t.id FROM {table} AS t WHERE t.recorded_to = %(at)s
UNION
SELECT e.id FROM {event} AS e WHERE e.recorded_from = %(at)s OR e.recorded_to = %(at)s
