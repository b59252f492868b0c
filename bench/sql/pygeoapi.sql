-- Purpose: the points as pygeoapi reads them quickest: for tiles in the tiles' plane, for features in its own degrees.
CREATE OR REPLACE VIEW bench_tiled AS SELECT id, name, value, geom_3857 AS geom FROM bench_point;
CREATE TABLE IF NOT EXISTS bench_boxed AS
SELECT id, name, value, ST_SetSRID(geom, 4326)::geometry(Point, 4326) AS geom FROM bench_point;
CREATE UNIQUE INDEX IF NOT EXISTS bench_boxed_id ON bench_boxed (id);
CREATE INDEX IF NOT EXISTS bench_boxed_geom ON bench_boxed USING gist (geom);
ANALYZE bench_boxed
