-- Purpose: what a target's rows add up to. One row. n_rows counts the rows counted, n_base all candidates,
-- lacks and caveats say how many rows lack what.
WITH r AS ({rows})
SELECT count(*) FILTER (WHERE r.counted) AS n_rows, coalesce(sum(r.amount) FILTER (WHERE r.counted), 0) AS amount,
       count(*) AS n_base, count(*) FILTER (WHERE r.counted AND r.is_demo) AS n_demo,
       (SELECT jsonb_object_agg(x.lacks, x.n)
        FROM (SELECT r.lacks, count(*) AS n FROM r WHERE NOT r.counted AND r.lacks <> '' GROUP BY 1) AS x) AS lacks,
       (SELECT jsonb_object_agg(x.caveat, x.n)
        FROM (SELECT r.caveat, count(*) AS n FROM r WHERE r.counted AND r.caveat <> '' GROUP BY 1) AS x) AS caveats
FROM r
