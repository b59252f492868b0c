-- Purpose: what lies in whole cells of the pyramid on a day, of records that have a place of their own. One row
-- per county, unit, demo or not, and term.
SELECT c.county_code, c.unit_code, c.is_demo, c.term, sum(c.n)::bigint AS n, {known} AS known, {sums} AS sums
FROM unnest(%(levels)s::integer[], %(keys)s::bigint[]) AS k (level, key)
JOIN cell AS c ON c.layer = %(layer)s AND c.level = k.level AND c.key = k.key
WHERE c.is_placed AND c.day <= %(as_of)s::date AND {where}
GROUP BY c.county_code, c.unit_code, c.is_demo, c.term
