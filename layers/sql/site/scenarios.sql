-- Purpose: the scenarios on record, the latest saved first; with ids only those. One row a scenario.
SELECT id, name, note, task, profile_sha256, found, saved_by, recorded_from AS saved_at
FROM scenario
WHERE recorded_to = 'infinity' AND (%(ids)s::text[] IS NULL OR id = ANY(%(ids)s))
ORDER BY recorded_from DESC
LIMIT 500
