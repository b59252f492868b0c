-- Purpose: the records that touch an area, tested one by one. One row per county, unit, demo or not, and term.
SELECT s.county_code, s.unit_code, s.is_demo, {term} AS term, count(*) AS n, {known} AS known, {sums} AS sums
FROM ({slice}) AS s
WHERE ST_Intersects(s.geom, ST_GeomFromWKB(%(drawn)s::bytea, 4490)) AND {where}
GROUP BY 1, 2, 3, 4
