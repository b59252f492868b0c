-- Purpose: one measure of a slice by county and unit together. One row per (county_code, unit_code) that
-- holds something. n_features counts records (a polygon once per county it has a share in).
-- Invariant: the cells of a county add up to the county's rollup, those of a unit to the unit's.
WITH s AS (
    SELECT s.* FROM ({slice}) AS s WHERE {where}
), v AS (
    SELECT s.id, {county} AS county_code, {unit} AS unit_code, {x} AS x FROM s {shares}
)
SELECT county_code, unit_code, count(DISTINCT id) AS n_features, count(DISTINCT id) FILTER (WHERE x IS NULL) AS n_missing,
       sum(x) AS value
FROM v GROUP BY 1, 2
