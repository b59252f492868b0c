-- Purpose: undo one run as a new run: close what it opened, open again what it closed. History stays.
-- %(was)s is the instant of the run undone, %(at)s the present one. The records it touched get back the
-- version they had just before it, whatever a change of boundaries has rewritten since.
CREATE TEMP TABLE stage_undo ON COMMIT DROP AS
SELECT id FROM {table} WHERE recorded_from = %(was)s OR recorded_to = %(was)s;

UPDATE {table} SET recorded_to = %(at)s
WHERE recorded_to = 'infinity' AND id IN (SELECT id FROM {table} WHERE recorded_from = %(was)s OR recorded_to = %(was)s);
INSERT INTO {table} ({columns}, row_hash, run_id, recorded_from)
SELECT {columns}, row_hash, %(run_id)s, %(at)s FROM {table} WHERE recorded_to = %(was)s;

-- what the records had just before the run, against what they have now
CREATE TEMP TABLE stage_event_before ON COMMIT DROP AS
SELECT x.* FROM {event} AS x
WHERE x.id IN (SELECT id FROM {event} WHERE recorded_from = %(was)s OR recorded_to = %(was)s)
  AND x.recorded_from < %(was)s AND x.recorded_to >= %(was)s;
UPDATE {event} AS x SET recorded_to = %(at)s
WHERE x.recorded_to = 'infinity'
  AND x.id IN (SELECT id FROM {event} WHERE recorded_from = %(was)s OR recorded_to = %(was)s)
  AND NOT EXISTS (SELECT 1 FROM stage_event_before AS b WHERE (b.id, b.type, b.level, b.event_date) = (x.id, x.type, x.level, x.event_date)
      AND b.end_date IS NOT DISTINCT FROM x.end_date);
INSERT INTO {event} (id, type, level, event_date, end_date, date_text, first_day, run_id, recorded_from)
SELECT id, type, level, event_date, end_date, date_text, first_day, %(run_id)s, %(at)s FROM stage_event_before AS b
WHERE NOT EXISTS (SELECT 1 FROM {event} AS x WHERE x.recorded_to = 'infinity' AND (b.id, b.type, b.level, b.event_date) = (x.id, x.type, x.level, x.event_date)
      AND b.end_date IS NOT DISTINCT FROM x.end_date);

-- what the records had just before the run, against what they have now
CREATE TEMP TABLE stage_figure_before ON COMMIT DROP AS
SELECT x.* FROM {figure} AS x
WHERE x.id IN (SELECT id FROM {figure} WHERE recorded_from = %(was)s OR recorded_to = %(was)s)
  AND x.recorded_from < %(was)s AND x.recorded_to >= %(was)s;
UPDATE {figure} AS x SET recorded_to = %(at)s
WHERE x.recorded_to = 'infinity'
  AND x.id IN (SELECT id FROM {figure} WHERE recorded_from = %(was)s OR recorded_to = %(was)s)
  AND NOT EXISTS (SELECT 1 FROM stage_figure_before AS b WHERE (b.id, b.measure, b.period_end, b.value) = (x.id, x.measure, x.period_end, x.value));
INSERT INTO {figure} (id, measure, period_end, value, run_id, recorded_from)
SELECT id, measure, period_end, value, %(run_id)s, %(at)s FROM stage_figure_before AS b
WHERE NOT EXISTS (SELECT 1 FROM {figure} AS x WHERE x.recorded_to = 'infinity' AND (b.id, b.measure, b.period_end, b.value) = (x.id, x.measure, x.period_end, x.value));

INSERT INTO area_share (layer, version_id, county_code, unit_code, area_m2)
SELECT a.layer, t.version_id, a.county_code, a.unit_code, a.area_m2
FROM {table} AS t
JOIN {table} AS old ON old.id = t.id AND old.recorded_to = %(was)s
JOIN area_share AS a ON a.layer = %(layer)s AND a.version_id = old.version_id
WHERE t.recorded_from = %(at)s
