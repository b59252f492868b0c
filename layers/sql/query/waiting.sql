-- Purpose: how many rows wait in each layer's quarantine. One row per layer that has some.
SELECT layer, count(*) AS n FROM quarantine WHERE cleared_run IS NULL GROUP BY layer ORDER BY layer
