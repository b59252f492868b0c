-- Purpose: one measure of a slice by one or two axes, and over everything it holds, in one reading.
-- One row per (code, code2), and one with grand = true over all. n_features counts the records that stand
-- behind the value, n_missing those without one; value is NULL where nothing is known.
-- Every record falls into exactly one cell here; where it may fall into several see rollup_spread.sql.
-- The records are added up to parts (n, p1, p2 ...) cell by cell, and the answer is made of the parts: grouping sets
-- over the records themselves would keep PostgreSQL from sharing the reading among its workers.
-- Invariant: for an extensive measure the cells add up to the grand row's value, exactly.
WITH s AS (
    SELECT s.* FROM ({slice}) AS s WHERE {where}
), v AS (
    SELECT {inputs} FROM s
), c AS (
    SELECT {codes}, v.* FROM v
), p AS (
    SELECT {keys}, count(*) AS n, {features} AS n_features, {missing} AS n_missing, {parts},
           count(*) FILTER (WHERE v.is_demo) AS n_demo,
           max(v.data_date) FILTER (WHERE NOT v.is_demo) AS real_date, max(v.data_date) AS any_date
    FROM c AS v GROUP BY {keys}
)
SELECT p.code, {code2} AS code2, coalesce(sum(p.n_features), 0)::bigint AS n_features,
       coalesce(sum(p.n_missing), 0)::bigint AS n_missing, {value} AS value, grouping(p.code) = 1 AS grand,
       coalesce(sum(p.n_demo), 0)::bigint AS n_demo, coalesce(max(p.real_date), max(p.any_date)) AS data_date
FROM p GROUP BY GROUPING SETS (({sets}), ())
