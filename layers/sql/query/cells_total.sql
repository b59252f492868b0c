-- Purpose: how many records of a layer are drawn on a day, from the coarsest cells. One row.
SELECT coalesce(sum(c.n), 0) AS n FROM cell AS c
WHERE c.layer = %(layer)s AND c.level = 6 AND c.day <= %(as_of)s::date AND {where}
