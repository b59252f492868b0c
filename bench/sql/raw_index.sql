-- Purpose: the points as peers keep them, indexed and analysed. geom for look-ups, geom_3857 for tiles.
CREATE TABLE bench_point AS
SELECT id, '企业' || id AS name, value, code, ST_SetSRID(ST_MakePoint(lon, lat), 4490) AS geom,
       ST_Transform(ST_SetSRID(ST_MakePoint(lon, lat), 4326), 3857)::geometry(Point, 3857) AS geom_3857
FROM bench_staged;
ALTER TABLE bench_point ADD PRIMARY KEY (id), ALTER COLUMN geom TYPE geometry(Point, 4490);
CREATE INDEX ON bench_point USING gist (geom);
CREATE INDEX ON bench_point USING gist (geom_3857);
CREATE INDEX ON bench_point (code);
CREATE TABLE bench_county_part AS SELECT code, ST_Subdivide(geom, 128) AS geom FROM bench_county;
CREATE INDEX ON bench_county USING gist (geom);
CREATE INDEX ON bench_county_part USING gist (geom);
ANALYZE bench_point, bench_county, bench_county_part
