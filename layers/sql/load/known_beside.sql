-- Purpose: those of load/known that some rows of a file name, by key or by name: the others tell nothing of the
-- file. One row per current record. EPSG:4490, lon lat. Cost is proportional to the rows; two of one name are enough
-- to know that it tells no record.
SELECT t.key, t.name, ST_X(t.geom), ST_Y(t.geom)
FROM (
    SELECT t.key, t.name, t.geom, t.location_accuracy, t.is_demo, 1 AS nth
    FROM json_array_elements_text(%(keys)s) AS a (key)
    CROSS JOIN LATERAL (SELECT * FROM {table} AS t WHERE t.key = a.key AND t.recorded_to = 'infinity' OFFSET 0) AS t
    UNION ALL
    SELECT t.key, t.name, t.geom, t.location_accuracy, t.is_demo, row_number() OVER (PARTITION BY t.name)
    FROM (SELECT DISTINCT name FROM json_array_elements_text(%(names)s) AS s (name)) AS a
    CROSS JOIN LATERAL (
        SELECT * FROM {table} AS t
        WHERE name_alike(t.name) = name_alike(a.name) AND t.recorded_to = 'infinity' OFFSET 0
    ) AS t
    WHERE t.name = a.name AND NOT t.is_demo AND t.location_accuracy = 'surveyed'
      AND ST_GeometryType(t.geom) = 'ST_Point'
) AS t
WHERE t.nth <= 2 AND NOT t.is_demo AND t.location_accuracy = 'surveyed' AND ST_GeometryType(t.geom) = 'ST_Point'
