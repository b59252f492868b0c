-- Purpose: the runs that came after a given one and touched the same records, which must be undone first.
-- One row per run. A reassignment after a change of boundaries is no obstacle: it is done again afterwards.
SELECT x.run_id FROM (
    SELECT t.run_id FROM {table} AS t
    WHERE t.id IN (SELECT id FROM {table} WHERE recorded_from = %(was)s OR recorded_to = %(was)s)
      AND t.recorded_from > %(was)s
    UNION
    SELECT e.run_id FROM {event} AS e
    WHERE e.id IN (SELECT id FROM {event} WHERE recorded_from = %(was)s OR recorded_to = %(was)s)
      AND e.recorded_from > %(was)s
) AS x JOIN load_run AS r USING (run_id)
WHERE r.kind <> 'reassign'
ORDER BY 1
