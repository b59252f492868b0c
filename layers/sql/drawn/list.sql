-- Purpose: the kept areas, the latest first. One row per area.
SELECT drawn_id AS id, name, source_name, area_m2, created_at, created_by FROM drawn_area
WHERE removed_at IS NULL ORDER BY drawn_id DESC LIMIT 500
