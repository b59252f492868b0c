-- Purpose: one active area (county or unit) as WKB, EPSG:4490. One row, none when there is no such code.
SELECT name, ST_AsBinary(geom) AS wkb FROM area WHERE is_active AND code = %(code)s LIMIT 1
