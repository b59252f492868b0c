-- Purpose: the runs that came after a given one and touched the same records, which must be undone first.
-- One row per run, with the run it undid if it was a rollback. A reassignment after a change of boundaries
-- is no obstacle: it is done again afterwards. A run is known by its instant, for it may only have closed.
WITH touched AS (
    SELECT id, recorded_from, recorded_to FROM {table}
    UNION ALL
    SELECT id, recorded_from, recorded_to FROM {event}
    UNION ALL
    SELECT id, recorded_from, recorded_to FROM {figure}
), mine AS (
    SELECT DISTINCT id FROM touched WHERE recorded_from = %(was)s OR recorded_to = %(was)s
), moments AS (
    SELECT recorded_from AS at FROM touched JOIN mine USING (id)
    UNION
    SELECT recorded_to FROM touched JOIN mine USING (id)
)
SELECT r.run_id, r.reverts_run
FROM moments AS m JOIN load_run AS r ON r.layer = %(layer)s AND r.recorded_at = m.at
WHERE m.at > %(was)s AND r.kind <> 'reassign'
ORDER BY 1
