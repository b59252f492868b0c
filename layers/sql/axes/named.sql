-- Purpose: the records of a slice with every name and identity code they bear and every list (file) that
-- named them, as known then. One row per record.
SELECT s.id, s.key, s.name, s.county_code, s.unit_code, s.is_demo, s.source_name, s.source_row,
       {aliases} AS aliases, {code} AS code, l.lists
FROM ({slice}) AS s
CROSS JOIN LATERAL (
    SELECT array_agg(DISTINCT t.source_name ORDER BY t.source_name) AS lists
    FROM {table} AS t WHERE t.id = s.id AND {known}
) AS l
WHERE {where}
ORDER BY s.id
