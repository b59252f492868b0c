-- Purpose: the tables of one layer. One row per recorded version of a record; the current one has
-- recorded_to = infinity. geom: EPSG:4490 as stated, NULL when only a township or county is known.
-- geom_3857: what is drawn, in EPSG:3857; for records without coordinates a display position inside
-- their county. Invariant: at most one current version per id and per key. run_id: of load_run, written in the
-- same transaction; runs are never deleted, so that it is not looked up row by row. Keys and codes are found, never
-- put in the order of a language: their indexes compare bytes. original: JSON, the pair of coordinates as it came and its system;
-- nobody asks for a part of it, so that nothing parses it.
CREATE SEQUENCE IF NOT EXISTS {sequence};

CREATE TABLE IF NOT EXISTS {table} (
    version_id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id                bigint NOT NULL,
    key               text NOT NULL,
    name              text NOT NULL,
    county_code       text NOT NULL,
    unit_code         text NOT NULL,
    township_code     text NOT NULL DEFAULT 'unlocated',
    location_accuracy text NOT NULL CHECK (location_accuracy IN
                      ('surveyed', 'address', 'sketched', 'township', 'county', 'none')),
    is_demo           boolean NOT NULL DEFAULT false,
    data_date         date,
    source_name       text NOT NULL DEFAULT '',
    source_row        integer,
    address           text NOT NULL DEFAULT '',
    area_m2           double precision,
    extra             jsonb NOT NULL DEFAULT '{{}}',
    original          text NOT NULL DEFAULT '{{}}',
    row_hash          text NOT NULL,
    geom              geometry({geometry}, 4490),
    geom_3857         geometry(Geometry, 3857),
    run_id            bigint NOT NULL,
    entry_number      integer NOT NULL DEFAULT 0,
    recorded_from     timestamptz NOT NULL,
    recorded_to       timestamptz NOT NULL DEFAULT 'infinity',
    CHECK (recorded_from < recorded_to)
);
CREATE UNIQUE INDEX IF NOT EXISTS {key_now} ON {table} (key text_pattern_ops) WHERE recorded_to = 'infinity';
CREATE UNIQUE INDEX IF NOT EXISTS {id_now} ON {table} (id) WHERE recorded_to = 'infinity';
CREATE INDEX IF NOT EXISTS {table_id} ON {table} (id);
CREATE INDEX IF NOT EXISTS {table_run} ON {table} (run_id);
CREATE INDEX IF NOT EXISTS {table_geom} ON {table} USING gist (geom);
CREATE INDEX IF NOT EXISTS {table_tile} ON {table} USING gist (geom_3857);
CREATE INDEX IF NOT EXISTS {table_county} ON {table} (county_code text_pattern_ops) WHERE recorded_to = 'infinity';
CREATE INDEX IF NOT EXISTS {table_ended} ON {table} (recorded_to) WHERE recorded_to <> 'infinity';
CREATE INDEX IF NOT EXISTS {table_named} ON {table} (name_alike(name)) WHERE recorded_to = 'infinity';
CREATE INDEX IF NOT EXISTS {table_before} ON {table} (key text_pattern_ops) WHERE recorded_to <> 'infinity';
CREATE INDEX IF NOT EXISTS {table_unit} ON {table} (unit_code text_pattern_ops) WHERE recorded_to = 'infinity';

-- One row per recorded version of a dated event of a record. event_date: the day from which it counts, the last
-- of the month, quarter or year that was stated; first_day is then that period's first, else NULL.
CREATE TABLE IF NOT EXISTS {event} (
    event_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id            bigint NOT NULL,
    type          text NOT NULL,
    level         text NOT NULL DEFAULT '',
    event_date    date NOT NULL,
    end_date      date,
    date_text     text NOT NULL DEFAULT '',
    first_day     date,
    run_id        bigint NOT NULL,
    recorded_from timestamptz NOT NULL,
    recorded_to   timestamptz NOT NULL DEFAULT 'infinity'
);
ALTER TABLE {event} ADD COLUMN IF NOT EXISTS first_day date;
CREATE UNIQUE INDEX IF NOT EXISTS {event_now} ON {event} (id, type, level, event_date) WHERE recorded_to = 'infinity';
CREATE INDEX IF NOT EXISTS {event_id} ON {event} (id);
CREATE INDEX IF NOT EXISTS {event_date} ON {event} (type, event_date);

-- One row per recorded version of a figure of a record at a period's end.
CREATE TABLE IF NOT EXISTS {figure} (
    figure_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id            bigint NOT NULL,
    measure       text NOT NULL,
    period_end    date NOT NULL,
    value         double precision NOT NULL,
    run_id        bigint NOT NULL,
    recorded_from timestamptz NOT NULL,
    recorded_to   timestamptz NOT NULL DEFAULT 'infinity'
);
CREATE UNIQUE INDEX IF NOT EXISTS {figure_now} ON {figure} (id, measure, period_end) WHERE recorded_to = 'infinity';
CREATE INDEX IF NOT EXISTS {figure_id} ON {figure} (id, measure, period_end);

GRANT SELECT ON {table}, {event}, {figure} TO yuantu_reader;
GRANT SELECT, INSERT, UPDATE ON {table}, {event}, {figure} TO yuantu_writer;
GRANT USAGE ON SEQUENCE {sequence} TO yuantu_writer;
