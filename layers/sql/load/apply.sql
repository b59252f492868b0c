-- Purpose: publish the staged rows: close the versions they replace, insert the new ones, then events and
-- figures. Reads stage_row, stage_event, stage_figure, stage_closed. Invariant: at most one current
-- version per record; nothing is deleted.
UPDATE {table} AS t SET recorded_to = %(at)s
FROM stage_row AS s
WHERE t.id = s.id AND t.recorded_to = 'infinity' AND s._status = 'changed';

UPDATE {table} AS t SET recorded_to = %(at)s
FROM stage_closed AS c
WHERE t.id = c.id AND t.recorded_to = 'infinity';

INSERT INTO {table} ({columns}, row_hash, run_id, recorded_from)
SELECT {columns}, row_hash, %(run_id)s, %(at)s
FROM stage_row WHERE _status IN ('new', 'changed')
ORDER BY entry_number;

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
