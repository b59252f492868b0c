-- Purpose: one tile of aggregated cells computed from the records themselves, for a filter or a recorded time
-- that the stored pyramid does not hold: the same cells, points, n and sums. One row.
SELECT ST_AsMVT(t, {name}, 4096, 'geom') AS tile
FROM (
    SELECT g.n, {properties},
           ST_MakePoint(floor((g.sx::double precision / g.n / 2147483648 * (1 << %(z)s) - %(x)s) * 4096),
                        floor((g.sy::double precision / g.n / 2147483648 * (1 << %(z)s) - %(y)s) * 4096)) AS geom
    FROM (
        SELECT c.px >> (31 - %(level)s) AS cx, c.py >> (31 - %(level)s) AS cy, count(*)::bigint AS n,
               sum(c.px)::bigint AS sx, sum(c.py)::bigint AS sy, {aggregates}
        FROM (
            SELECT s.*, cell_x(p.at) AS px, cell_y(p.at) AS py
            FROM ({slice}) AS s
            CROSS JOIN LATERAL (SELECT cell_point(s.geom_3857) AS at) AS p
            WHERE s.geom_3857 && ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AND {where}
        ) AS c
        WHERE c.px >> (31 - %(z)s) = %(x)s AND c.py >> (31 - %(z)s) = %(y)s
        GROUP BY 1, 2
    ) AS g
    ORDER BY g.cy, g.cx
) AS t
