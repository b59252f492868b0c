-- Purpose: the records that stand in one county and answer to another unit, with what each brings along and
-- the unit its township belongs to. One row per (record, county) off the matrix's diagonal.
WITH s AS (
    SELECT s.* FROM ({slice}) AS s WHERE {where}
), v AS (
    SELECT s.id, s.name, {county} AS county_code, {unit} AS unit_code, s.township_code, s.location_accuracy, s.is_demo,
           s.source_name, s.source_row, {x} AS x
    FROM s {shares}
)
SELECT v.*, t.name AS township, t.unit_code AS township_unit
FROM v LEFT JOIN place_code AS t ON t.code = v.township_code AND t.kind = 'township'
WHERE v.county_code <> v.unit_code
ORDER BY v.county_code, v.unit_code, v.id
