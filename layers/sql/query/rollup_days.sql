-- Purpose: one rollup on each of several days. One row per (day, code, code2), and one per day over all.
-- The rollup reads its day from d.day.
SELECT d.day, r.* FROM unnest(%(days)s::date[]) AS d (day) CROSS JOIN LATERAL ({rollup}) AS r
