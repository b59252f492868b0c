-- Purpose: what the present database is, for `yuantu doctor`. One row. Reads PostgreSQL's catalogue only.
-- daticulocale became datlocale in PostgreSQL 17, so the row is read as JSON.
SELECT current_setting('server_version_num')::integer / 10000 AS major,
       (SELECT default_version FROM pg_available_extensions WHERE name = 'postgis') AS postgis_available,
       (SELECT extversion FROM pg_extension WHERE extname = 'postgis') AS postgis_installed,
       pg_encoding_to_char(d.encoding) AS encoding,
       coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale', d.datcollate) AS locale,
       (SELECT string_agg(name, '' ORDER BY name) FROM (VALUES ('张'), ('阿'), ('李'), ('八')) AS t (name))
           = '阿八李张' AS sorts_by_pinyin,
       clock_timestamp() AS now
FROM pg_database AS d
WHERE d.datname = current_database()
