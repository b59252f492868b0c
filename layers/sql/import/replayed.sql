-- Purpose: take what the replay left as current, and the stand-ins away. One row per record, event, figure
-- and share; the last three by the record's key.
CREATE TEMP TABLE replay_row ON COMMIT DROP AS
SELECT t.*, NULL::bigint AS real_id, false AS differs FROM {table} AS t WHERE recorded_to = 'infinity';
CREATE TEMP TABLE replay_event ON COMMIT DROP AS
SELECT t.key, e.type, e.level, e.event_date, e.end_date, e.date_text, e.first_day
FROM {event} AS e JOIN {table} AS t ON t.id = e.id AND t.recorded_to = 'infinity' WHERE e.recorded_to = 'infinity';
CREATE TEMP TABLE replay_figure ON COMMIT DROP AS
SELECT t.key, f.measure, f.period_end, f.value
FROM {figure} AS f JOIN {table} AS t ON t.id = f.id AND t.recorded_to = 'infinity' WHERE f.recorded_to = 'infinity';
CREATE TEMP TABLE replay_share ON COMMIT DROP AS
SELECT t.key, a.county_code, a.unit_code, a.area_m2
FROM area_share AS a JOIN {table} AS t ON t.version_id = a.version_id AND t.recorded_to = 'infinity';
DROP TABLE pg_temp.{table}, pg_temp.{event}, pg_temp.{figure}, pg_temp.area_share;
DROP SEQUENCE pg_temp.{shadow_sequence};
CREATE INDEX ON replay_row (key);
CREATE INDEX ON replay_row (real_id);
CREATE INDEX ON replay_event (key);
CREATE INDEX ON replay_figure (key);
ANALYZE replay_row
