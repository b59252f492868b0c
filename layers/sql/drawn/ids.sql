-- Purpose: the ids of the records that a filter keeps, ascending. One row per record.
SELECT s.id FROM ({slice}) AS s WHERE {where} ORDER BY s.id LIMIT %(limit)s
