-- Purpose: one record's shape as WKB, EPSG:4490. One row, none when it is not there or has no place.
SELECT s.name, ST_AsBinary(s.geom) AS wkb FROM ({slice}) AS s WHERE s.id = %(id)s AND s.geom IS NOT NULL
