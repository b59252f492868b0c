-- Purpose: find the staged events and figures that are not on record, and the records they correct.
-- One row per staged event or figure. An event of the same record, type and level with another date is a
-- correction, unless the one on record had ended by then (a recognition given again). A month or a year that
-- holds the day, or the shorter span, on record says nothing against it.
ALTER TABLE stage_event ADD COLUMN id bigint, ADD COLUMN is_new boolean NOT NULL DEFAULT false;
ALTER TABLE stage_figure ADD COLUMN id bigint, ADD COLUMN is_new boolean NOT NULL DEFAULT false;
UPDATE stage_event AS e SET id = s.id FROM stage_row AS s WHERE s.key = e.key;
UPDATE stage_figure AS f SET id = s.id FROM stage_row AS s WHERE s.key = f.key;

UPDATE stage_event AS e SET is_new = true
WHERE e.id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM {event} AS t
    WHERE t.id = e.id AND t.type = e.type AND t.level = e.level AND t.event_date = e.event_date
      AND t.end_date IS NOT DISTINCT FROM e.end_date AND t.recorded_to = 'infinity')
  AND (e.first_day IS NULL OR NOT EXISTS (
    SELECT 1 FROM {event} AS t
    WHERE t.id = e.id AND t.type = e.type AND t.level = e.level AND t.recorded_to = 'infinity'
      AND t.end_date IS NOT DISTINCT FROM e.end_date AND (t.first_day IS NOT NULL OR t.date_text = '')
      AND coalesce(t.first_day, t.event_date) >= e.first_day AND t.event_date <= e.event_date));

UPDATE stage_figure AS f SET is_new = true
WHERE f.id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM {figure} AS t
    WHERE t.id = f.id AND t.measure = f.measure AND t.period_end = f.period_end
      AND t.value = f.value AND t.recorded_to = 'infinity')
