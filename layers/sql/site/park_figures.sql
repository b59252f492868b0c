-- Purpose: a park's latest yearly figure of one measure, no later than the day. One row per park that has one.
-- Values in the measure's stored unit.
SELECT DISTINCT ON (f.id) f.id, f.value
FROM ({figures}) AS f
WHERE f.measure = %(measure)s AND f.period_end <= %(as_of)s::date
ORDER BY f.id, f.period_end DESC
