-- Purpose: those of some keys whose records were in several counties over their versions. One row per key.
SELECT a.key, array_agg(DISTINCT v.county_code)
FROM (SELECT DISTINCT key FROM json_array_elements_text(%(keys)s) AS x (key)) AS a
CROSS JOIN LATERAL (
    SELECT t.county_code FROM {table} AS t WHERE t.key = a.key AND t.recorded_to <> 'infinity'
    UNION ALL
    SELECT t.county_code FROM {table} AS t WHERE t.key = a.key AND t.recorded_to = 'infinity'
    OFFSET 0
) AS v
GROUP BY a.key
HAVING count(DISTINCT v.county_code) > 1
