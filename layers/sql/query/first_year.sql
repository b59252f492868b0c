-- Purpose: the first day of the first year in a year field of a layer, as known now. One row; NULL without years.
SELECT make_date(min({field})::int, 1, 1) AS first FROM {layer} WHERE recorded_to = 'infinity'
