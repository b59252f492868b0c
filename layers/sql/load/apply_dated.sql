-- Purpose: publish the staged events and figures, the rows being there, and close what they correct. Reads
-- stage_event, stage_figure and stage_closed. Invariant: at most one current version of each; nothing is deleted.
UPDATE {event} AS t SET recorded_to = %(at)s
FROM stage_event AS e
WHERE e.is_new AND t.id = e.id AND t.type = e.type AND t.level = e.level AND t.recorded_to = 'infinity'
  AND (t.end_date IS NULL OR t.end_date > e.event_date OR t.event_date = e.event_date);

INSERT INTO {event} (id, type, level, event_date, end_date, date_text, first_day, run_id, recorded_from)
SELECT DISTINCT ON (id, type, level, event_date)
       id, type, level, event_date, end_date, date_text, first_day, %(run_id)s, %(at)s
FROM stage_event WHERE is_new
ORDER BY id, type, level, event_date;

UPDATE {figure} AS t SET recorded_to = %(at)s
FROM stage_figure AS f
WHERE f.is_new AND t.id = f.id AND t.measure = f.measure AND t.period_end = f.period_end
  AND t.recorded_to = 'infinity';

INSERT INTO {figure} (id, measure, period_end, value, run_id, recorded_from)
SELECT DISTINCT ON (id, measure, period_end) id, measure, period_end, value, %(run_id)s, %(at)s
FROM stage_figure WHERE is_new
ORDER BY id, measure, period_end;

UPDATE {event} AS t SET recorded_to = %(at)s FROM stage_closed AS c WHERE t.id = c.id AND t.recorded_to = 'infinity';
UPDATE {figure} AS t SET recorded_to = %(at)s FROM stage_closed AS c WHERE t.id = c.id AND t.recorded_to = 'infinity'
