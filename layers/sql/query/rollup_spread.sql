-- Purpose: one measure of a slice by axes on which a record may fall into several cells: shares of an area,
-- the terms of a list, parks. Otherwise as rollup.sql.
-- One row per (code, code2), and one with grand = true over all. n_features counts records (one per cell it
-- has a part in), n_missing those without a value; value is NULL where nothing is known.
-- Invariant: for an extensive measure the cells of a partition add up to the grand row's value, exactly.
WITH s AS (
    SELECT s.* FROM ({slice}) AS s WHERE {where}
), v AS (
    SELECT {inputs} FROM s {shares}
), cells AS (
    SELECT {code} AS code, {code2} AS code2, count(DISTINCT v.id) FILTER (WHERE {features}) AS n_features,
           count(DISTINCT v.id) FILTER (WHERE {missing}) AS n_missing, {value} AS value
    FROM v {joins} GROUP BY 1, 2
)
SELECT code, code2, n_features, n_missing, value, false AS grand, NULL::bigint AS n_demo, NULL::date AS data_date
FROM cells
UNION ALL
SELECT NULL, NULL, count(DISTINCT v.id) FILTER (WHERE {features}), count(DISTINCT v.id) FILTER (WHERE {missing}),
       {grand_value}, true, count(DISTINCT v.id) FILTER (WHERE v.is_demo),
       coalesce(max(v.data_date) FILTER (WHERE NOT v.is_demo), max(v.data_date))
FROM v
