-- Purpose: every place with its names and, for a county, where its label stands. One row per code.
SELECT c.code, c.name, c.kind, c.aliases, c.county_code, k.name AS county, a.label_lon AS lon, a.label_lat AS lat
FROM place_code AS c
LEFT JOIN place_code AS k ON k.code = c.county_code AND c.kind = 'township'
LEFT JOIN area AS a ON a.code = c.code AND a.kind = c.kind AND a.is_active
ORDER BY c.kind, c.ordinal, c.code
