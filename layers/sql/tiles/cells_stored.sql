-- Purpose: one tile of aggregated cells from the stored pyramid: n, sums and the counts of each term, as on
-- %(as_of)s. Cost depends on the tile alone, not on the table. Keys of one tile are neighbours; a cell's point is
-- the mean of its records'. One row; n counts every record of the tile.
SELECT ST_AsMVT(t, {name}, 4096, 'geom') AS tile, coalesce(sum(t.n), 0)::bigint AS n
FROM (
    SELECT g.n, {properties},
           ST_MakePoint(floor((g.sx::double precision / g.n / 2147483648 * (1 << %(z)s) - %(x)s) * 4096),
                        floor((g.sy::double precision / g.n / 2147483648 * (1 << %(z)s) - %(y)s) * 4096)) AS geom
    FROM (
        SELECT c.key, sum(c.n)::bigint AS n, sum(c.sx)::bigint AS sx, sum(c.sy)::bigint AS sy, {aggregates}
        FROM cell AS c
        WHERE c.layer = %(layer)s AND c.level = %(level)s AND c.key BETWEEN %(first)s AND %(last)s
          AND c.day <= %(as_of)s::date AND {where}
        GROUP BY c.key
    ) AS g
    WHERE g.n > 0
    ORDER BY g.key
) AS t
