-- Purpose: the first day that the events of a layer state, as known now. One row; NULL without events.
SELECT min(event_date) AS first FROM {events} WHERE recorded_to = 'infinity'
