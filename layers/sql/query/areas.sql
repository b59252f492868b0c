-- Purpose: the active areas of a kind. One row per code; geom EPSG:4490 as WKB.
SELECT code, name, kind, generation, area_m2, label_lon, label_lat, ST_AsBinary(geom) AS geom
FROM area WHERE is_active AND kind = %(kind)s ORDER BY code
