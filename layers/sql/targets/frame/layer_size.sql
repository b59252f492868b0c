-- Purpose: how many records a layer held, as known at the instant, and its newest data date. One row. Which of
-- them existed on the day does not matter: a layer that knows of later ones knows that there was none before.
SELECT {layer} AS id, count(*) AS n, max(v.data_date) AS newest
FROM ({versions}) AS v
WHERE %(demo)s OR NOT v.is_demo
