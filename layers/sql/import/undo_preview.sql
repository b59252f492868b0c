-- Purpose: what rolling a run back would do, record by record. One row per record that the run at the instant
-- %(was)s touched: removed (it created it), restored (it changed it), returned (it ended it). Reads one layer.
SELECT CASE WHEN o.id IS NULL THEN 'removed' WHEN n.id IS NULL THEN 'returned' ELSE 'restored' END AS what,
       coalesce(o.name, n.name) AS name
FROM (SELECT id, name FROM {table} WHERE recorded_from = %(was)s) AS n
FULL JOIN (SELECT id, name FROM {table} WHERE recorded_to = %(was)s) AS o USING (id)
ORDER BY 1, 2
