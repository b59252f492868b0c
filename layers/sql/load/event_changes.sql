-- Purpose: the staged events that are new or correct one on record. One row per event: key, what, old, new.
SELECT e.key, e.type || CASE WHEN e.level = '' THEN '' ELSE '·' || e.level END,
       (SELECT max(t.event_date)::text FROM {event} AS t
        WHERE t.id = e.id AND t.type = e.type AND t.level = e.level AND t.recorded_to = 'infinity'
          AND (t.end_date IS NULL OR t.end_date > e.event_date)),
       e.event_date::text
FROM stage_event AS e
WHERE e.is_new
ORDER BY e.key, e.event_date
