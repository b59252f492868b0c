-- Purpose: every day on which a record of a layer may begin, end or change its colour. One row per such day.
SELECT e.id, b.day FROM {event} AS e CROSS JOIN LATERAL (VALUES (e.event_date), (e.end_date)) AS b (day)
{columns}
