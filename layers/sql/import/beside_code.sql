UNION ALL
SELECT t.* FROM json_array_elements_text(%({codes})s) AS a (code)
CROSS JOIN LATERAL (SELECT {columns} FROM {table} AS t WHERE t.{code} = a.code AND t.recorded_to = 'infinity' OFFSET 0) AS t
