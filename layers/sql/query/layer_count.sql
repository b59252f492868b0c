-- Purpose: how many records a layer has on a day, real and 演示, and how new they are. One row.
SELECT {layer} AS id, count(*) FILTER (WHERE NOT s.is_demo) AS n_real, count(*) FILTER (WHERE s.is_demo) AS n_demo,
       max(s.data_date) FILTER (WHERE NOT s.is_demo) AS data_date, max(s.data_date) AS demo_date
FROM ({slice}) AS s
