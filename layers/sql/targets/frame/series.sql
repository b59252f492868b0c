-- Purpose: a target's rows by the month of their date. One row per month that has any.
SELECT date_trunc('month', r.event_date)::date AS month, count(*) AS n_rows, sum(r.amount) AS amount
FROM ({rows}) AS r
WHERE r.counted AND r.event_date IS NOT NULL
GROUP BY 1
ORDER BY 1
