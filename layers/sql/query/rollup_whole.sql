-- Purpose: as rollup.sql for a measure that cannot be put together from parts (a median).
-- One row per (code, code2), and one with grand = true over all. n_features counts the records that stand
-- behind the value, n_missing those without one; value is NULL where nothing is known.
-- Every record falls into exactly one cell here; where it may fall into several see rollup_spread.sql.
-- Invariant: for an extensive measure the cells add up to the grand row's value, exactly.
WITH s AS (
    SELECT s.* FROM ({slice}) AS s WHERE {where}
), v AS (
    SELECT {inputs} FROM s
), c AS (
    SELECT {code} AS code, {code2} AS code2, v.* FROM v
)
SELECT v.code, v.code2, count(*) FILTER (WHERE {features}) AS n_features, count(*) FILTER (WHERE {missing}) AS n_missing,
       {value} AS value, grouping(v.code) = 1 AS grand, count(*) FILTER (WHERE v.is_demo) AS n_demo,
       coalesce(max(v.data_date) FILTER (WHERE NOT v.is_demo), max(v.data_date)) AS data_date
FROM c AS v GROUP BY GROUPING SETS ((v.code, v.code2), ())
