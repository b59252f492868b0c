-- Purpose: areas that people keep under a name. One row per area, EPSG:4490. expression: how it was drawn, '' for an
-- uploaded shape. Removed ones stay with a date, so that an address that names one still answers.
CREATE TABLE drawn_area (
    drawn_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name        text NOT NULL CHECK (name <> '' AND length(name) <= 80),
    expression  text NOT NULL DEFAULT '',
    source_name text NOT NULL DEFAULT '',
    area_m2     double precision NOT NULL,
    geom        geometry(MultiPolygon, 4490) NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    created_by  text NOT NULL DEFAULT '',
    removed_at  timestamptz
);
COMMENT ON TABLE drawn_area IS '自画或上传的统计范围，按名称保存';
GRANT SELECT ON drawn_area TO yuantu_reader;
GRANT SELECT, INSERT, UPDATE ON drawn_area TO yuantu_writer;
