-- Purpose: find the records that the replay and the tables tell differently. One row per record; keeps says
-- whether the replay has it. A record that a person sketched keeps the county that the areas of today gave it.
UPDATE replay_row AS r SET real_id = t.id FROM {table} AS t WHERE t.key = r.key AND t.recorded_to = 'infinity';
UPDATE replay_row AS r SET real_id = (SELECT max(t.id) FROM {table} AS t WHERE t.key = r.key) WHERE real_id IS NULL;
UPDATE replay_row SET real_id = nextval({sequence}) WHERE real_id IS NULL;

UPDATE replay_row AS r SET county_code = t.county_code, unit_code = t.unit_code
FROM {table} AS t
WHERE t.id = r.real_id AND t.recorded_to = 'infinity'
  AND (r.run_id = ANY (%(by_hand)s) OR r.location_accuracy = 'sketched');

CREATE TEMP TABLE rebuild_touched ON COMMIT DROP AS
SELECT r.real_id AS id, true AS keeps
FROM replay_row AS r LEFT JOIN {table} AS t ON t.id = r.real_id AND t.recorded_to = 'infinity'
WHERE t.id IS NULL OR ROW({ours}) IS DISTINCT FROM ROW({theirs})
   OR t.geom::bytea IS DISTINCT FROM r.geom::bytea
UNION
SELECT r.real_id, true
FROM ((SELECT key, type, level, event_date, end_date FROM replay_event
       EXCEPT SELECT t.key, e.type, e.level, e.event_date, e.end_date FROM {event} AS e
              JOIN {table} AS t ON t.id = e.id AND t.recorded_to = 'infinity' WHERE e.recorded_to = 'infinity')
      UNION ALL
      (SELECT t.key, e.type, e.level, e.event_date, e.end_date FROM {event} AS e
              JOIN {table} AS t ON t.id = e.id AND t.recorded_to = 'infinity' WHERE e.recorded_to = 'infinity'
       EXCEPT SELECT key, type, level, event_date, end_date FROM replay_event)) AS x
JOIN replay_row AS r ON r.key = x.key
UNION
SELECT r.real_id, true
FROM ((SELECT key, measure, period_end, value FROM replay_figure
       EXCEPT SELECT t.key, f.measure, f.period_end, f.value FROM {figure} AS f
              JOIN {table} AS t ON t.id = f.id AND t.recorded_to = 'infinity' WHERE f.recorded_to = 'infinity')
      UNION ALL
      (SELECT t.key, f.measure, f.period_end, f.value FROM {figure} AS f
              JOIN {table} AS t ON t.id = f.id AND t.recorded_to = 'infinity' WHERE f.recorded_to = 'infinity'
       EXCEPT SELECT key, measure, period_end, value FROM replay_figure)) AS x
JOIN replay_row AS r ON r.key = x.key
UNION
SELECT t.id, false FROM {table} AS t
WHERE t.recorded_to = 'infinity' AND NOT EXISTS (SELECT 1 FROM replay_row AS r WHERE r.real_id = t.id)
