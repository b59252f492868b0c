-- Purpose: one kept area as WKB, EPSG:4490. One row, none when it is not there.
SELECT name, ST_AsBinary(geom) AS wkb FROM drawn_area WHERE drawn_id = %(id)s
