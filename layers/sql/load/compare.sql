-- Purpose: say of every staged row whether it is new, changed or unchanged. One row per staged row.
-- Reads stage_row (keys unique, an id for a new record in each) and the layer's current versions. A row
-- without coordinates keeps the better location that is known already; a column the file does not have keeps
-- its value. Each staged row is rewritten once or twice: that is what a large file's comparison costs.
-- Invariant: every staged row ends with an id, a hash and exactly one status.
UPDATE stage_row AS s
SET id = t.id{keep},
    geom = CASE WHEN l.keeps THEN t.geom ELSE s.geom END,
    geom_3857 = CASE WHEN l.keeps THEN t.geom_3857 ELSE s.geom_3857 END,
    area_m2 = CASE WHEN l.keeps THEN t.area_m2 ELSE s.area_m2 END,
    location_accuracy = CASE WHEN l.keeps THEN t.location_accuracy ELSE s.location_accuracy END,
    original = CASE WHEN l.keeps THEN t.original ELSE s.original END,
    county_code = CASE WHEN l.keeps THEN t.county_code ELSE s.county_code END,
    unit_code = CASE WHEN l.keeps THEN t.unit_code ELSE s.unit_code END,
    township_code = CASE WHEN l.keeps AND s.township_code = 'unlocated' THEN t.township_code ELSE s.township_code END,
    _kept_location = l.keeps
FROM stage_row AS x
JOIN {table} AS t ON t.key = x.key AND t.recorded_to = 'infinity'
CROSS JOIN LATERAL (SELECT x.geom IS NULL AND t.geom IS NOT NULL AS keeps) AS l
WHERE x.ctid = s.ctid;

UPDATE stage_row AS g
SET row_hash = h.made, _status = h.said, _touched = h.said <> 'unchanged'
FROM (
    SELECT s.ctid AS place, m.made,
           CASE WHEN t.id IS NULL THEN 'new' WHEN t.row_hash <> m.made THEN 'changed' ELSE 'unchanged' END AS said
    FROM stage_row AS s
    LEFT JOIN {table} AS t ON t.key = s.key AND t.recorded_to = 'infinity'
    CROSS JOIN LATERAL (SELECT md5(ROW({hashed})::text) AS made) AS m
) AS h
WHERE g.ctid = h.place
