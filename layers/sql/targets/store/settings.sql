-- Purpose: the settings of a year's targets as known at the instant. One row per (target, name); '' is all targets.
SELECT n.target_id, n.name, n.value
FROM target_setting AS n
WHERE n.year = %(year)s
  AND n.recorded_from <= coalesce(%(known_at)s::timestamptz, 'infinity')
  AND n.recorded_to > coalesce(%(known_at)s::timestamptz, now())
