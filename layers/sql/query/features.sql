-- Purpose: a layer as one GeoJSON FeatureCollection for the map, in CRS84 at the position that is drawn.
-- One row. Properties are the style's and hover's; what has no place at all is left out.
SELECT '{{"type":"FeatureCollection","features":[' || coalesce(string_agg(f.body, ','), '') || ']}}' AS body
FROM (
    SELECT json_build_object(
        'type', 'Feature', 'id', s.id, 'geometry', ST_AsGeoJSON(ST_Transform({geometry}, 4326), 6, 0)::json,
        'properties', json_strip_nulls(json_build_object({properties}))
    )::text AS body
    FROM ({slice}) AS s WHERE s.geom_3857 IS NOT NULL AND {where} ORDER BY s.id
) AS f
