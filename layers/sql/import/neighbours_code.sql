UNION ALL SELECT unnest(array_agg(id)) FROM current WHERE {code} <> '' GROUP BY {code} HAVING count(*) > 1
