-- Purpose: keep how a run's file was understood. One row per run.
INSERT INTO import_reading (run_id, columns, notes, evidence)
VALUES (%(run_id)s, %(columns)s, %(notes)s, %(evidence)s)
