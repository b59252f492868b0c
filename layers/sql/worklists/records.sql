-- Purpose: the records of a slice that a list names. One row per record.
SELECT {columns} FROM ({slice}) AS s WHERE {where} ORDER BY {order}, s.id
