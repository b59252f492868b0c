-- Purpose: the type of a layer's geometry column, such as Point. No row where there is no such table.
SELECT postgis_typmod_type(a.atttypmod)
FROM pg_attribute a
WHERE a.attrelid = to_regclass('public.' || quote_ident(%(table)s)) AND a.attname = 'geom' AND NOT a.attisdropped
