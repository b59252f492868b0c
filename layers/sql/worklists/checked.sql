-- Purpose: how many records a list was drawn from, and how many of them bear no data date. One row.
SELECT count(*) AS n, count(*) FILTER (WHERE s.data_date IS NULL) AS n_undated FROM ({slice}) AS s WHERE {where}
