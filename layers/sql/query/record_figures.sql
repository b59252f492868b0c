-- Purpose: the figures of a record as known at a time, up to a day. One row per measure and period.
SELECT e.measure, e.period_end, e.value FROM {figure} AS e
WHERE e.id = %(id)s AND e.period_end <= %(as_of)s::date AND {known} ORDER BY e.measure, e.period_end
