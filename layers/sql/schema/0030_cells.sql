-- Purpose: the cell pyramid: aggregates of a layer's current records by square of the web Mercator plane.
-- One row per (layer, level, key, is_demo, is_placed, county_code, unit_code, term, day): what changes in that
-- square on that day. level 6, 8 … 16: 2^level squares a side; key: Morton number (x in the even bits, y from
-- the north in the odd ones). A record counts in the square of its point (of a point on its surface).
-- is_placed: whether the record has a location of its own, not only a display position. term: its value of the
-- field that colours the layer, '' for none. day: -infinity where a record is not bound to a day; what held on a
-- day is the sum of the rows up to it. sx, sy: sums of the points in 2^31sts of the plane. sums: per extensive
-- field in the catalogue's order, known: how many records have a value.
-- Invariant: equals the aggregates recomputed from the current versions and events.
CREATE TABLE cell (
    layer       text NOT NULL,
    level       smallint NOT NULL,
    key         bigint NOT NULL,
    is_demo     boolean NOT NULL,
    is_placed   boolean NOT NULL,
    county_code text NOT NULL,
    unit_code   text NOT NULL,
    term        text NOT NULL,
    day         date NOT NULL,
    n           bigint NOT NULL,
    sx          bigint NOT NULL,
    sy          bigint NOT NULL,
    known       bigint[] NOT NULL,
    sums        numeric[] NOT NULL,
    PRIMARY KEY (layer, level, key, is_demo, is_placed, county_code, unit_code, term, day)
);
COMMENT ON TABLE cell IS '网格金字塔：各级网格的数量与合计，与每次入库在同一事务内更新';
GRANT SELECT ON cell TO yuantu_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON cell TO yuantu_writer;

-- The point by which a record lies in a cell, and its place in 2^31sts of the plane from the west and the north.
CREATE FUNCTION cell_point(drawn geometry) RETURNS geometry LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$SELECT CASE WHEN GeometryType(drawn) = 'POINT' THEN drawn ELSE ST_PointOnSurface(drawn) END$$;
CREATE FUNCTION cell_x(point geometry) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$SELECT least(greatest(floor((ST_X(point) + 20037508.342789244) / 40075016.685578488 * 2147483648), 0), 2147483647)::bigint$$;
CREATE FUNCTION cell_y(point geometry) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$SELECT least(greatest(floor((20037508.342789244 - ST_Y(point)) / 40075016.685578488 * 2147483648), 0), 2147483647)::bigint$$;
