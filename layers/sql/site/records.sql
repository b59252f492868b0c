-- Purpose: a layer's records on a day, with what siting reads of them. One row per record; geom EPSG:4490 as WKB,
-- NULL where only a township or county is known.
SELECT {columns}, ST_AsBinary(s.geom) AS geom FROM ({slice}) AS s WHERE {where} ORDER BY s.id
