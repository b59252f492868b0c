-- Purpose: stage what a run without a file (an edit, a sketch) wrote: its versions, events, figures, shares.
-- One row per version of the run. Reads the real tables of the layer.
INSERT INTO stage_row ({names}, geom, geom_3857)
SELECT {names}, geom, geom_3857 FROM {real_table} WHERE recorded_from = %(at)s;

INSERT INTO stage_event (key, type, level, event_date, end_date, date_text, first_day)
SELECT t.key, e.type, e.level, e.event_date, e.end_date, e.date_text, e.first_day
FROM {real_event} AS e
JOIN {real_table} AS t ON t.id = e.id AND t.recorded_from <= %(at)s AND t.recorded_to > %(at)s
WHERE e.recorded_from = %(at)s;

INSERT INTO stage_figure (key, measure, period_end, value)
SELECT t.key, f.measure, f.period_end, f.value
FROM {real_figure} AS f
JOIN {real_table} AS t ON t.id = f.id AND t.recorded_from <= %(at)s AND t.recorded_to > %(at)s
WHERE f.recorded_from = %(at)s;

INSERT INTO stage_share (key, county_code, unit_code, area_m2)
SELECT t.key, a.county_code, a.unit_code, a.area_m2
FROM {real_table} AS t
JOIN public.area_share AS a ON a.layer = %(layer)s AND a.version_id = t.version_id
WHERE t.recorded_from = %(at)s
