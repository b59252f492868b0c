-- Purpose: the dated events of a record as known at a time, in their order. One row per event.
SELECT e.type, e.level, e.event_date, e.end_date, e.date_text, e.first_day FROM {event} AS e
WHERE e.id = %(id)s AND {known} ORDER BY e.event_date, array_position({types}::text[], e.type), e.level
