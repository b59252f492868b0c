-- Purpose: the first day in a date field of a layer, as known now. One row; NULL without dates.
SELECT min({field}) AS first FROM {layer} WHERE recorded_to = 'infinity'
