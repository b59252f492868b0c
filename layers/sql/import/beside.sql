-- Purpose: a layer's current records that some rows of a file can be or be taken for: of their keys, of their codes,
-- and of names alike. One row per record, in the order of their ids; lon, lat EPSG:4490.
-- Cost is proportional to the rows: each is looked up by an index, and of one name alike no more than the first
-- %(most)s are taken. What names really are alike is decided by whoever asks.
WITH found AS (
    SELECT t.* FROM json_array_elements_text(%(keys)s) AS a (key)
    CROSS JOIN LATERAL (SELECT {columns} FROM {table} AS t WHERE t.key = a.key AND t.recorded_to = 'infinity' OFFSET 0) AS t
    {by_code}
    UNION ALL
    SELECT {picked}
    FROM (
        SELECT t.*, row_number() OVER (PARTITION BY t.name ORDER BY t.id) AS nth
        FROM (SELECT DISTINCT name_core(s.form) AS core FROM json_array_elements_text(%(names)s) AS s (form)) AS a
        CROSS JOIN LATERAL (
            SELECT {columns} FROM {table} AS t
            WHERE name_alike(t.name) = a.core AND t.recorded_to = 'infinity' OFFSET 0
        ) AS t
    ) AS t
    WHERE t.nth <= %(most)s
)
SELECT DISTINCT ON (t.id) t.key, t.name, {credit}, {project}, t.county_code, t.is_demo, ST_X(p.at), ST_Y(p.at)
FROM found AS t
LEFT JOIN LATERAL (SELECT CASE WHEN ST_GeometryType(t.geom) = 'ST_Point' THEN t.geom
                               ELSE ST_PointOnSurface(t.geom) END AS at) AS p ON t.geom IS NOT NULL
ORDER BY t.id
