-- Purpose: the instant a run is recorded at: now, but always after the layer's last run.
SELECT greatest(clock_timestamp(), max(recorded_at) + interval '1 microsecond') FROM load_run
WHERE layer = %(layer)s
