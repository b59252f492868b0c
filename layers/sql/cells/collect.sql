-- Purpose: add to stage_cell what the records of a sub-query count for in the finest cells (level 16).
-- {{states}}: one row per record, state and day with its sign (1 begins, -1 ends), geom_3857 and the catalogue's
-- extensive fields. Positions are counted in 2^31sts of the plane, y from the north; the spreading of bits makes
-- the Morton number. One row per cell and part.
INSERT INTO stage_cell
SELECT (d.x | (d.x << 1)) & 1431655765 | (((d.y | (d.y << 1)) & 1431655765) << 1) AS key,
       d.is_demo, d.is_placed, d.county_code, d.unit_code, d.term, d.day,
       sum(d.sign), sum(d.sign * d.px), sum(d.sign * d.py), {known}, {sums}
FROM (
    SELECT c.*, (c.x2 | (c.x2 << 2)) & 858993459 AS x, (c.y2 | (c.y2 << 2)) & 858993459 AS y
    FROM (
        SELECT b.*, (b.x1 | (b.x1 << 4)) & 252645135 AS x2, (b.y1 | (b.y1 << 4)) & 252645135 AS y2
        FROM (
            SELECT a.*, ((a.px >> 15) | ((a.px >> 15) << 8)) & 16711935 AS x1,
                   ((a.py >> 15) | ((a.py >> 15) << 8)) & 16711935 AS y1
            FROM ({states}) AS a
            OFFSET 0
        ) AS b
        OFFSET 0
    ) AS c
    OFFSET 0
) AS d
GROUP BY 1, 2, 3, 4, 5, 6, 7
