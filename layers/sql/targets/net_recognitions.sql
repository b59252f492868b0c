-- Purpose: net growth of a recognition over the year, up to the day: new less ended. One row per record whose
-- standing differs between the end of last year and the day: amount +1 for new, -1 for ended. One that
-- lapsed and was given again within the year is neither.
-- @slice records:
-- Parameters: types text[].
WITH standing AS (
    SELECT e.id,
           bool_or(e.event_date < %(year_start)s::date AND (e.end_date IS NULL OR e.end_date >= %(year_start)s::date))
               AS was,
           bool_or(e.event_date <= %(until)s::date AND (e.end_date IS NULL OR e.end_date > %(until)s::date)) AS now,
           max(e.event_date) FILTER (WHERE e.event_date <= %(until)s::date) AS began,
           max(e.end_date) FILTER (WHERE e.end_date <= %(until)s::date) AS ended
    FROM ({records_event}) AS e
    WHERE e.type = ANY(%(types)s::text[])
    GROUP BY e.id
)
SELECT s.id, s.key, s.name, s.county_code, s.unit_code, s.is_demo, s.source_name, s.source_row,
       CASE WHEN g.now THEN g.began ELSE g.ended END AS event_date, CASE WHEN g.now THEN '新增' ELSE '失效' END AS what,
       CASE WHEN g.now THEN 1 ELSE -1 END::numeric AS amount, true AS counted, '' AS lacks, '' AS caveat
FROM ({records}) AS s
JOIN standing AS g ON g.id = s.id
WHERE g.was <> g.now
