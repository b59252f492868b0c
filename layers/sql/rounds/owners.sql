-- Purpose: who may owe a file: counties and functional zones. One row per place, in the order of the code table.
SELECT code, name, aliases FROM place_code WHERE kind IN ('county', 'unit') ORDER BY kind, ordinal, code
