-- Purpose: what a target was shared out to counties or units as, known at the instant. One row per (axis, code).
SELECT n.axis, n.code, n.value, n.source
FROM target_allocation AS n
WHERE n.year = %(year)s AND n.target_id = %(target_id)s
  AND n.recorded_from <= coalesce(%(known_at)s::timestamptz, 'infinity')
  AND n.recorded_to > coalesce(%(known_at)s::timestamptz, now())
ORDER BY n.axis, n.code
