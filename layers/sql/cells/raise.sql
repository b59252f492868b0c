-- Purpose: add the change in stage_cell to every level of the pyramid, and drop what counts nothing any more.
-- Cost is proportional to the change. One row per cell and part.
WITH change AS (
    SELECT l.level, s.key >> (2 * (16 - l.level)) AS key, s.is_demo, s.is_placed, s.county_code, s.unit_code, s.term,
           s.day, sum(s.n)::bigint AS n, sum(s.sx)::bigint AS sx, sum(s.sy)::bigint AS sy, {known} AS known,
           {sums} AS sums
    FROM stage_cell AS s CROSS JOIN unnest(%(levels)s::integer[]) AS l (level)
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
)
INSERT INTO cell AS c
       (layer, level, key, is_demo, is_placed, county_code, unit_code, term, day, n, sx, sy, known, sums)
SELECT %(layer)s, level, key, is_demo, is_placed, county_code, unit_code, term, day, n, sx, sy, known, sums
FROM change
WHERE n <> 0 OR sx <> 0 OR sy <> 0 OR known <> {no_known} OR sums <> {no_sums}
ORDER BY level, key
ON CONFLICT (layer, level, key, is_demo, is_placed, county_code, unit_code, term, day) DO UPDATE
SET n = c.n + excluded.n, sx = c.sx + excluded.sx, sy = c.sy + excluded.sy, known = {add_known}, sums = {add_sums};

DELETE FROM cell AS c
USING (SELECT DISTINCT l.level, s.key >> (2 * (16 - l.level)) AS key
       FROM stage_cell AS s CROSS JOIN unnest(%(levels)s::integer[]) AS l (level)) AS s
WHERE c.layer = %(layer)s AND c.level = s.level AND c.key = s.key
  AND c.n = 0 AND c.sx = 0 AND c.sy = 0 AND c.known = {no_known} AND c.sums = {no_sums}
