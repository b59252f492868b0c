-- Purpose: what every layer shares: kept files, runs, issues, quarantine, areas, codes, stored rollups.

-- One row per file ever received, by content. The bytes lie under var/resources/<sha256>.
CREATE TABLE resource (
    sha256      text PRIMARY KEY CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    file_name   text NOT NULL,
    n_bytes     bigint NOT NULL,
    publisher   text NOT NULL DEFAULT '',
    licence     text NOT NULL DEFAULT '',
    url         text NOT NULL DEFAULT '',
    data_date   date,
    received_at timestamptz NOT NULL DEFAULT now(),
    received_by text NOT NULL DEFAULT ''
);
COMMENT ON TABLE resource IS '收到过的文件，按内容保存，永不删除';

-- One row per run: an import, a sketch, an edit or a rollback. Published in one transaction.
CREATE TABLE load_run (
    run_id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    layer        text NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('import', 'sketch', 'edit', 'rollback', 'reassign')),
    mode         text NOT NULL DEFAULT 'upsert' CHECK (mode IN ('upsert', 'replace')),
    resource     text REFERENCES resource,
    options      jsonb NOT NULL DEFAULT '{}',
    datum        jsonb NOT NULL DEFAULT '{}',
    n_read       integer NOT NULL DEFAULT 0,
    n_loaded     integer NOT NULL DEFAULT 0,
    n_unchanged  integer NOT NULL DEFAULT 0,
    n_quarantined integer NOT NULL DEFAULT 0,
    n_skipped    integer NOT NULL DEFAULT 0,
    reverts_run  bigint REFERENCES load_run,
    reason       text NOT NULL DEFAULT '',
    started_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_at  timestamptz NOT NULL,
    started_by   text NOT NULL DEFAULT '',
    CHECK (n_read = n_loaded + n_unchanged + n_quarantined)
);
CREATE INDEX ON load_run (layer, run_id);
COMMENT ON TABLE load_run IS '每次导入、示意绘制、修正与回滚；读入 = 入库 + 未变 + 隔离';

-- One row per fault found in a row of a file.
CREATE TABLE issue (
    run_id   bigint NOT NULL REFERENCES load_run,
    row_no   integer,
    field    text NOT NULL DEFAULT '',
    type     text NOT NULL,
    severity text NOT NULL CHECK (severity IN ('error', 'warning', 'info')),
    value    text NOT NULL DEFAULT '',
    message  text NOT NULL
);
CREATE INDEX ON issue (run_id, row_no);

-- One row per row of a file that was not loaded, whole, in the sender's own cells.
CREATE TABLE quarantine (
    quarantine_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id      bigint NOT NULL REFERENCES load_run,
    layer       text NOT NULL,
    row_no      integer,
    entry_number integer NOT NULL,
    key         text NOT NULL DEFAULT '',
    cells       jsonb NOT NULL,
    geometry    text NOT NULL DEFAULT '',
    cleared_run bigint REFERENCES load_run
);
CREATE INDEX ON quarantine (layer) WHERE cleared_run IS NULL;
CREATE INDEX ON quarantine (run_id);

-- One row per area of one boundary generation; geom EPSG:4490, area on the ellipsoid.
CREATE TABLE area (
    area_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code        text NOT NULL,
    name        text NOT NULL,
    kind        text NOT NULL,
    generation  text NOT NULL,
    valid_from  date,
    valid_to    date,
    is_active   boolean NOT NULL DEFAULT false,
    area_m2     double precision NOT NULL,
    label_lon   double precision NOT NULL,
    label_lat   double precision NOT NULL,
    geom        geometry(MultiPolygon, 4490) NOT NULL,
    run_id      bigint NOT NULL REFERENCES load_run,
    UNIQUE (kind, generation, code)
);
CREATE INDEX ON area (kind, is_active);
COMMENT ON TABLE area IS '行政区与功能区，按代存放；is_active 为当前采用的一代';

-- One row per piece of an area cut by ST_Subdivide; a point on a cut line lies in two pieces of one area.
CREATE TABLE area_part (
    area_id bigint NOT NULL REFERENCES area ON DELETE CASCADE,
    geom    geometry(Geometry, 4490) NOT NULL
);
CREATE INDEX ON area_part USING gist (geom);
CREATE INDEX ON area_part (area_id);

-- One row per code of the city's places: counties, units and townships, with the names they go by.
CREATE TABLE place_code (
    code        text PRIMARY KEY,
    name        text NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('county', 'unit', 'township')),
    county_code text NOT NULL DEFAULT '',
    unit_code   text NOT NULL DEFAULT '',
    aliases     text[] NOT NULL DEFAULT '{}',
    ordinal     integer NOT NULL DEFAULT 0
);
COMMENT ON TABLE place_code IS '县（市、区）、考核板块与乡镇代码；unit_code 为乡镇所属考核板块';

-- One row per layer: its version grows with every run that changes it (ETags, caches).
CREATE TABLE layer_state (
    layer      text PRIMARY KEY,
    spec_hash  text NOT NULL DEFAULT '',
    spec       jsonb NOT NULL DEFAULT '{}',
    version    bigint NOT NULL DEFAULT 0,
    data_date  date,
    loaded_at  timestamptz
);

-- One row per (layer, axis, code, demo or not): current counts and exact sums, kept by every load.
CREATE TABLE rollup (
    layer    text NOT NULL,
    axis     text NOT NULL CHECK (axis IN ('county', 'unit', 'township')),
    code     text NOT NULL,
    is_demo  boolean NOT NULL,
    measure  text NOT NULL,
    n        bigint NOT NULL,
    n_missing bigint NOT NULL,
    total    numeric NOT NULL,
    PRIMARY KEY (layer, axis, code, is_demo, measure)
);
COMMENT ON TABLE rollup IS '当前记录的汇总，与每次入库在同一事务内更新；等于重新计算的结果';

-- One row per share of a polygon record that lies in one county; 'outside' is the rest. Ellipsoidal m².
CREATE TABLE area_share (
    layer       text NOT NULL,
    version_id  bigint NOT NULL,
    county_code text NOT NULL,
    unit_code   text NOT NULL,
    area_m2     double precision NOT NULL,
    PRIMARY KEY (layer, version_id, county_code)
);

-- One row per dated happening worth keeping: who did what to which layer.
CREATE TABLE audit (
    at     timestamptz NOT NULL DEFAULT now(),
    who    text NOT NULL DEFAULT '',
    action text NOT NULL,
    detail jsonb NOT NULL DEFAULT '{}'
);

-- One row per word to find a record by: name, other spellings, pinyin, initials, codes. Current rows only.
CREATE TABLE search_word (
    layer   text NOT NULL,
    id      bigint NOT NULL,
    word    text NOT NULL,
    matched text NOT NULL,
    weight  smallint NOT NULL
);
CREATE INDEX ON search_word (layer, id);
CREATE INDEX ON search_word USING gin (word gin_trgm_ops);

GRANT SELECT ON ALL TABLES IN SCHEMA public TO yuantu_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON resource, load_run, issue, quarantine, area, area_part, place_code,
    layer_state, rollup, area_share, audit, search_word TO yuantu_writer;
GRANT SELECT ON schema_migration TO yuantu_writer;
REVOKE ALL ON quarantine, audit FROM yuantu_reader;
GRANT SELECT ON quarantine TO yuantu_reader;
