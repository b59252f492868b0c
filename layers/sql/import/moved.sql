-- Records of a layer that were in several counties over their versions.
SELECT key, array_agg(DISTINCT county_code)
FROM {table}
GROUP BY key
HAVING count(DISTINCT county_code) > 1
