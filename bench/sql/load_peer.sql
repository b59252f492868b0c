-- Purpose: what ogr2ogr's table needs to become what our import makes of the same file, in plain SQL: codes and
-- numbers checked, names and keys there and once, the county of each point, both geometries, the same indexes.
-- One row per good row of bench_ogr_file. EPSG:4490 and 3857. No versions, no search words, no sums.
DROP TABLE IF EXISTS bench_ogr_loaded;
CREATE TABLE bench_ogr_loaded AS
WITH good AS (
    SELECT DISTINCT ON (credit_code) credit_code AS key, name, registered_cny::bigint AS registered_cny,
           ST_SetSRID(ST_MakePoint(lon::float8, lat::float8), 4490) AS geom
    FROM bench_ogr_file
    WHERE credit_code ~ '^[0-9A-HJ-NP-RTUW-Y]{18}$' AND name <> '' AND registered_cny ~ '^[0-9]+$'
      AND lon ~ '^[0-9.]+$' AND lat ~ '^[0-9.]+$' AND lon::float8 BETWEEN 73 AND 136 AND lat::float8 BETWEEN 3 AND 54
    ORDER BY credit_code, ogc_fid
)
SELECT g.*, ST_Transform(ST_SetSRID(g.geom, 4326), 3857) AS geom_3857,
       coalesce((SELECT min(c.code) FROM bench_county_part AS c WHERE ST_Covers(c.geom, g.geom)), 'outside') AS county_code
FROM good AS g;
CREATE UNIQUE INDEX ON bench_ogr_loaded (key);
CREATE INDEX ON bench_ogr_loaded (county_code);
CREATE INDEX ON bench_ogr_loaded USING gist (geom);
CREATE INDEX ON bench_ogr_loaded USING gist (geom_3857);
SET LOCAL default_statistics_target = 20;
ANALYZE bench_ogr_loaded
