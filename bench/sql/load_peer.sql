-- Purpose: what ogr2ogr's table needs to become what our import makes of the same file, in plain SQL: codes checked
-- by form and check character (GB 32100-2015), numbers, names and keys there and once, names that meet once brackets,
-- width and kind of company are left aside, the county of each point, both geometries, the same indexes.
-- One row per good row of bench_ogr_file. EPSG:4490 and 3857. No versions, no search words, no sums.
DROP TABLE IF EXISTS bench_ogr_loaded, bench_ogr_alike;
CREATE TABLE bench_ogr_loaded AS
WITH formed AS (
    SELECT DISTINCT ON (credit_code) credit_code AS key, name, registered_cny::bigint AS registered_cny,
           ST_SetSRID(ST_MakePoint(lon::float8, lat::float8), 4490) AS geom
    FROM bench_ogr_file
    WHERE credit_code ~ '^[0-9A-HJ-NP-RTUW-Y]{18}$' AND name <> '' AND registered_cny ~ '^[0-9]+$'
      AND lon ~ '^[0-9.]+$' AND lat ~ '^[0-9.]+$' AND lon::float8 BETWEEN 73 AND 136 AND lat::float8 BETWEEN 3 AND 54
    ORDER BY credit_code, ogc_fid
), good AS (
    SELECT f.* FROM formed AS f CROSS JOIN (VALUES ('0123456789ABCDEFGHJKLMNPQRTUWXY')) AS a (signs)
    WHERE ({weighed} + strpos(signs, substr(key, 18, 1)) - 1) % 31 = 0
)
SELECT g.*, ST_Transform(ST_SetSRID(g.geom, 4326), 3857) AS geom_3857,
       coalesce((SELECT min(c.code) FROM bench_county_part AS c WHERE ST_Covers(c.geom, g.geom)), 'outside') AS county_code
FROM good AS g;
CREATE TABLE bench_ogr_alike AS
SELECT form, array_agg(key ORDER BY key) AS keys
FROM (
    SELECT key, regexp_replace(translate(upper(normalize(name, NFKC)), '()（） ', ''),
                               '(股份有限|有限责任|有限)公司$', '') AS form FROM bench_ogr_loaded
) AS n
GROUP BY form HAVING count(*) > 1;
CREATE UNIQUE INDEX ON bench_ogr_loaded (key);
CREATE INDEX ON bench_ogr_loaded (county_code);
CREATE INDEX ON bench_ogr_loaded USING gist (geom);
CREATE INDEX ON bench_ogr_loaded USING gist (geom_3857);
SET LOCAL default_statistics_target = 20;
ANALYZE bench_ogr_loaded
