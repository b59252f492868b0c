-- Purpose: the records of a slice with their stated geometry. One row per record; geom EPSG:4490 as WKB, NULL
-- where only a township or county is known.
SELECT s.id, s.name, s.county_code, s.unit_code, s.is_demo, s.source_name, s.source_row, ST_AsBinary(s.geom) AS geom
FROM ({slice}) AS s WHERE {where} ORDER BY s.id
