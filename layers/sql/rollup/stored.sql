-- Purpose: one measure of a layer by a place from the stored rollup, with its counts and data dates.
-- One row per (axis, code, is_demo, measure) of the axis asked and of data_date, and one with axis '' that
-- says whether some event lies after the day: then the stored rollup is not that day's.
SELECT axis, code, is_demo, measure, n, n_missing, total, NULL::boolean AS later FROM rollup
WHERE layer = %(layer)s AND n > 0
  AND (axis = 'data_date' OR (axis = %(axis)s AND measure = ANY(%(measures)s)))
UNION ALL
SELECT '', '', false, '', 0, 0, 0, {later}
