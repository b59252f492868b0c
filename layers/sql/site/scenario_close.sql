-- Purpose: end the open version of a scenario at an instant. One row or none. Returns what it was called.
UPDATE scenario SET recorded_to = greatest(clock_timestamp(), recorded_from + interval '1 microsecond')
WHERE id = %(id)s AND recorded_to = 'infinity'
RETURNING name, recorded_to
