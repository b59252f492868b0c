-- Purpose: the records of a layer that were in several counties over their versions. One row per key. Only a key of
-- which a version has ended can have more than one: the others are not looked at.
SELECT key, array_agg(DISTINCT county_code)
FROM {table}
WHERE key IN (SELECT key FROM {table} WHERE recorded_to <> 'infinity')
GROUP BY key
HAVING count(DISTINCT county_code) > 1
