-- Purpose: cumulative figures that fell, or skipped months, up to a day. One row per fault of a current record.
-- A series that begins anew each year (yearly) is compared within the year; missing counts whole months between
-- two reports, and from the last report to the round's month (only of records that report monthly).
WITH told AS (
    SELECT g.id, g.measure, g.period_end, g.value,
           lag(g.value) OVER w AS before, lag(g.period_end) OVER w AS before_end,
           lead(g.period_end) OVER w AS next_end,
           count(*) OVER (PARTITION BY g.id, g.measure) AS n
    FROM {figure} AS g
    WHERE g.recorded_to = 'infinity' AND g.measure = ANY(%(measures)s) AND g.period_end <= %(last)s
    WINDOW w AS (PARTITION BY g.id, g.measure ORDER BY g.period_end)
), judged AS (
    SELECT id, measure, period_end, value, before, before_end, 'falling' AS fault, 0 AS months FROM told
    WHERE value < before
      AND NOT (measure = ANY(%(yearly)s) AND extract(year FROM period_end) <> extract(year FROM before_end))
    UNION ALL
    SELECT id, measure, period_end, value, before, before_end, 'missing',
           ((extract(year FROM period_end) - extract(year FROM before_end)) * 12
             + extract(month FROM period_end) - extract(month FROM before_end) - 1)::int
    FROM told
    WHERE NOT measure = ANY(%(yearly)s) AND period_end > before_end + interval '1 month 5 days'
    UNION ALL
    SELECT id, measure, %(last)s::date, NULL, value, period_end, 'missing',
           ((extract(year FROM %(last)s::date) - extract(year FROM period_end)) * 12
             + extract(month FROM %(last)s::date) - extract(month FROM period_end))::int
    FROM told
    WHERE next_end IS NULL AND n > 1 AND NOT measure = ANY(%(yearly)s) AND period_end < date_trunc('month', %(last)s::date)
)
SELECT j.id, t.name, t.unit_code, j.measure, j.fault, j.before, j.before_end, j.value, j.period_end, j.months
FROM judged AS j JOIN {table} AS t ON t.id = j.id AND t.recorded_to = 'infinity' AND NOT t.is_demo
ORDER BY t.unit_code, t.name, j.measure, j.period_end LIMIT %(limit)s
