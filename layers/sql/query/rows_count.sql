-- Purpose: how many records a filter keeps. One row.
SELECT count(*) AS n FROM ({slice}) AS s WHERE {where}
