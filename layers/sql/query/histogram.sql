-- Purpose: how a number is spread over a slice in bins of equal width. One row per filled bin, and one with
-- bin NULL for the records that say nothing.
WITH s AS (SELECT s.{field}::double precision AS x FROM ({slice}) AS s WHERE {where}),
     m AS (SELECT min(x) AS low, max(x) AS high FROM s)
SELECT CASE WHEN s.x IS NULL THEN NULL WHEN m.high = m.low THEN 0
            ELSE least(floor((s.x - m.low) / (m.high - m.low) * %(bins)s), %(bins)s - 1) END::integer AS bin,
       count(*) AS n, min(m.low) AS low, min(m.high) AS high
FROM s CROSS JOIN m GROUP BY 1 ORDER BY 1
