-- Purpose: room for the change of one layer's finest cells, emptied for each change. One row per cell and part.
CREATE TEMP TABLE IF NOT EXISTS stage_cell (
    key bigint, is_demo boolean, is_placed boolean, county_code text, unit_code text, term text, day date,
    n bigint, sx bigint, sy bigint, known bigint[], sums numeric[]
) ON COMMIT DROP;
TRUNCATE stage_cell
