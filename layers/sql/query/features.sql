-- Purpose: a layer as one GeoJSON FeatureCollection for the map, in CRS84 at the position that is drawn.
-- One row. Properties are the style's and hover's, those without a value left out; so is what has no place.
-- Text is joined piece by piece: building JSON values took five times as long. OFFSET 0 keeps the derived
-- columns from being computed once for each use.
SELECT '{{"type":"FeatureCollection","features":[' || coalesce(string_agg(
    '{{"type":"Feature","id":' || s.id || ',"geometry":' || ST_AsGeoJSON(ST_Transform({geometry}, 4326), 6, 0)
    || ',"properties":{{' || {properties} || '}}}}', ',' ORDER BY s.id), '') || ']}}' AS body
FROM (SELECT s.* FROM ({slice}) AS s WHERE s.geom_3857 IS NOT NULL AND {where} OFFSET 0) AS s
