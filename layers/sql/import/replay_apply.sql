-- Purpose: put the replayed versions of the records that differ in the place of the current ones. History
-- stays; what the kept files do not bring ends. Reads rebuild_touched and the replay_ tables.
UPDATE {table} SET recorded_to = %(at)s
WHERE recorded_to = 'infinity' AND id IN (SELECT id FROM rebuild_touched);
INSERT INTO {table} (id, {names}, geom, geom_3857, row_hash, run_id, recorded_from)
SELECT r.real_id, {picked}, r.geom, r.geom_3857, md5(ROW({hashed})::text), %(run_id)s, %(at)s
FROM replay_row AS r JOIN rebuild_touched AS x ON x.id = r.real_id AND x.keeps;

UPDATE {event} SET recorded_to = %(at)s
WHERE recorded_to = 'infinity' AND id IN (SELECT id FROM rebuild_touched);
INSERT INTO {event} (id, type, level, event_date, end_date, date_text, first_day, run_id, recorded_from)
SELECT r.real_id, e.type, e.level, e.event_date, e.end_date, e.date_text, e.first_day, %(run_id)s, %(at)s
FROM replay_event AS e JOIN replay_row AS r ON r.key = e.key
JOIN rebuild_touched AS x ON x.id = r.real_id AND x.keeps;

UPDATE {figure} SET recorded_to = %(at)s
WHERE recorded_to = 'infinity' AND id IN (SELECT id FROM rebuild_touched);
INSERT INTO {figure} (id, measure, period_end, value, run_id, recorded_from)
SELECT r.real_id, f.measure, f.period_end, f.value, %(run_id)s, %(at)s
FROM replay_figure AS f JOIN replay_row AS r ON r.key = f.key
JOIN rebuild_touched AS x ON x.id = r.real_id AND x.keeps;

INSERT INTO area_share (layer, version_id, county_code, unit_code, area_m2)
SELECT %(layer)s, t.version_id, s.county_code, max(s.unit_code), sum(s.area_m2)
FROM replay_share AS s JOIN replay_row AS r ON r.key = s.key
JOIN {table} AS t ON t.id = r.real_id AND t.recorded_from = %(at)s
GROUP BY t.version_id, s.county_code
