-- Purpose: the area of each new polygon version per county, for measures that split by share. One row per
-- (version, county code); a record that kept its location keeps its shares. Ellipsoidal square metres.
INSERT INTO area_share (layer, version_id, county_code, unit_code, area_m2)
SELECT %(layer)s, t.version_id, x.county_code, max(x.unit_code), sum(x.area_m2)
FROM stage_share AS x
JOIN stage_row AS s ON s.key = x.key AND NOT s._kept_location
JOIN {table} AS t ON t.id = s.id AND t.recorded_from = %(at)s
GROUP BY t.version_id, x.county_code;

INSERT INTO area_share (layer, version_id, county_code, unit_code, area_m2)
SELECT a.layer, t.version_id, a.county_code, a.unit_code, a.area_m2
FROM stage_row AS s
JOIN {table} AS t ON t.id = s.id AND t.recorded_from = %(at)s
JOIN {table} AS old ON old.id = s.id AND old.recorded_to = %(at)s
JOIN area_share AS a ON a.layer = %(layer)s AND a.version_id = old.version_id
WHERE s._kept_location
