-- Purpose: say of every staged row whether it is new, changed or unchanged. One row per staged row.
-- Reads stage_row (keys unique, an id for a new record in each, every row new until it is found) and the
-- layer's current versions. A row without coordinates keeps the better location that is known already; a
-- column the file does not have keeps its value. A record's hash is made when it is first compared: until
-- then row_hash is empty. New rows are not rewritten, so that a first load costs no comparison.
-- Invariant: every staged row ends with an id and exactly one status.
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
SET row_hash = h.made, _status = CASE WHEN h.made = h.was THEN 'unchanged' ELSE 'changed' END,
    _touched = h.made <> h.was
FROM (
    SELECT s.ctid AS place, md5(ROW({hashed})::text) AS made,
           CASE WHEN t.row_hash = '' THEN md5(ROW({recorded})::text) ELSE t.row_hash END AS was
    FROM stage_row AS s
    JOIN {table} AS t ON t.id = s.id AND t.recorded_to = 'infinity'
) AS h
WHERE g.ctid = h.place
