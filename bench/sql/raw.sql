-- Purpose: the peers' plain tables. bench_point: one row per generated point, EPSG:4490; bench_county: one
-- row per county; bench_county_part: its pieces of at most 128 vertices.
CREATE TABLE bench_county (code text PRIMARY KEY, geom geometry(MultiPolygon, 4490) NOT NULL);
CREATE TABLE bench_staged (id bigint, lon double precision, lat double precision, value bigint, code text);
