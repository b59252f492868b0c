-- Purpose: what would change in each record on file: one row per changed record, fields as [old, new].
SELECT s.key, s.name, s.source_row,
       (SELECT jsonb_object_agg(e.key, jsonb_build_array(to_jsonb(t) -> e.key, e.value))
        FROM jsonb_each(to_jsonb(s)) AS e
        WHERE e.key = ANY (%(fields)s) AND (to_jsonb(t) -> e.key) IS DISTINCT FROM e.value)
FROM stage_row AS s
JOIN {table} AS t ON t.id = s.id AND t.recorded_to = 'infinity'
WHERE s._touched
ORDER BY s.entry_number
