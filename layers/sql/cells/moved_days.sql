-- Purpose: the states through which the records touched at one instant pass, day by day, as known at
-- %(known_at)s, for a layer whose records or colours follow dates. The slice reads the day from d.day. Each
-- state begins on its day with %(sign)s and ends on the next with the opposite. One row per state and end.
SELECT w.day, w.sign, v.is_demo, v.geom IS NOT NULL AS is_placed, v.county_code, v.unit_code,
       {term} AS term, {values}, cell_x(p.at) AS px, cell_y(p.at) AS py
FROM (
    SELECT a.id, a.day, lead(a.day) OVER (PARTITION BY a.id ORDER BY a.day) AS next
    FROM (
        SELECT i.id, '-infinity'::date AS day FROM ({touched}) AS i
        UNION
        SELECT i.id, b.day FROM ({touched}) AS i JOIN ({bounds}) AS b ON b.id = i.id WHERE b.day IS NOT NULL
    ) AS a
) AS d
CROSS JOIN LATERAL ({slice}) AS v
CROSS JOIN LATERAL (SELECT cell_point(v.geom_3857) AS at) AS p
CROSS JOIN LATERAL (VALUES (d.day, %(sign)s), (d.next, 0 - %(sign)s)) AS w (day, sign)
WHERE v.id = d.id AND v.geom_3857 IS NOT NULL AND w.day IS NOT NULL
