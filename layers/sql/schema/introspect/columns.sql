-- Purpose: one row per column of a table of schema public, with its type's full name.
SELECT a.attname, format_type(a.atttypid, NULL)
FROM pg_attribute a
WHERE a.attrelid = to_regclass('public.' || quote_ident(%(table)s)) AND a.attnum > 0 AND NOT a.attisdropped
