-- Purpose: the names of counties, units and townships in their order. One row per code.
SELECT code, name, kind, county_code, unit_code FROM place_code ORDER BY kind, ordinal, code
