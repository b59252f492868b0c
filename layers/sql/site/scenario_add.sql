-- Purpose: add a version of a scenario, after the one that was closed before it.
INSERT INTO scenario (id, name, note, task, profile_sha256, found, saved_by, recorded_from)
VALUES (%(id)s, %(name)s, %(note)s, %(task)s, %(profile_sha256)s, %(found)s, %(saved_by)s,
        greatest(clock_timestamp(), (SELECT max(recorded_to) FROM scenario WHERE id = %(id)s)))
