-- Purpose: whether more than %(most)s records of a slice have a place on the map. One row.
SELECT count(*) AS n FROM (
    SELECT 1 FROM ({slice}) AS s WHERE s.geom_3857 IS NOT NULL AND {where} LIMIT %(most)s + 1
) AS t
