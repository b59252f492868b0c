-- Purpose: the figures entered for a year, up to the day, as known at the instant. One row per (target, measure,
-- date).
SELECT n.target_id, n.measure, n.entry_date, n.value, n.source, n.note, n.entered_by
FROM target_entry AS n
WHERE n.year = %(year)s AND n.entry_date <= %(as_of)s::date
  AND n.recorded_from <= coalesce(%(known_at)s::timestamptz, 'infinity')
  AND n.recorded_to > coalesce(%(known_at)s::timestamptz, now())
ORDER BY n.target_id, n.measure, n.entry_date
