-- Purpose: what lies nearest to a record, one of each kind within a distance in metres on the ellipsoid.
-- One row per neighbour.
SELECT DISTINCT ON (n.note) {layer} AS layer, n.id, n.name, n.note, n.is_demo, n.distance_m
FROM (
    SELECT s.id, s.name, {note} AS note, s.is_demo, ST_Distance(s.geom::geography, t.geom::geography) AS distance_m
    FROM ({slice}) AS s
    CROSS JOIN (SELECT geom FROM {table} WHERE version_id = %(version)s) AS t
    WHERE s.geom && ST_Expand(t.geom, %(degrees)s) AND NOT ({same} AND s.id = %(id)s)
) AS n
WHERE n.distance_m <= %(metres)s
ORDER BY n.note, n.distance_m, n.id
