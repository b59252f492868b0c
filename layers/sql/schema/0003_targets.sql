-- Purpose: the year's targets: documents as loaded, figures entered by hand, allocations, settings. Every row is
-- a version (recorded_from, recorded_to); what was known on a date can be asked for ever. Nothing is deleted.

-- One row per loaded version of a document that states targets. body: the document as its data file says it,
-- rows included. text: the document itself, where a user attached it; no figure depends on it.
CREATE TABLE target_document (
    document_version bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    document_id   text NOT NULL,
    year          integer NOT NULL,
    title         text NOT NULL,
    version       text NOT NULL DEFAULT '',
    body          jsonb NOT NULL,
    sha256        text NOT NULL,
    text          text NOT NULL DEFAULT '',
    text_name     text NOT NULL DEFAULT '',
    loaded_by     text NOT NULL DEFAULT '',
    recorded_from timestamptz NOT NULL,
    recorded_to   timestamptz NOT NULL DEFAULT 'infinity',
    CHECK (recorded_from < recorded_to)
);
CREATE UNIQUE INDEX target_document_now ON target_document (document_id) WHERE recorded_to = 'infinity';
COMMENT ON TABLE target_document IS '年度目标文件的各个版本';

-- One row per statement of a document's version, in the document's order.
CREATE TABLE target (
    document_version bigint NOT NULL REFERENCES target_document,
    id         text NOT NULL,
    ordinal    integer NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('target', 'list', 'threshold', 'milestone')),
    alias_of   text NOT NULL DEFAULT '',
    section    text NOT NULL,
    task       integer,
    indicator  text NOT NULL,
    comparator text NOT NULL,
    value      double precision,
    unit       text NOT NULL DEFAULT '',
    clause     text NOT NULL,
    PRIMARY KEY (document_version, id)
);
COMMENT ON TABLE target IS '文件中的每一条目标、清单规模、门槛和里程碑';

-- One row per recorded version of a figure entered by hand. measure 'value' is the target's own figure in its
-- unit, 'denominator' what a share is taken of. An entry that was withdrawn has no current version.
CREATE TABLE target_entry (
    entry_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    year          integer NOT NULL,
    target_id     text NOT NULL,
    measure       text NOT NULL CHECK (measure IN ('value', 'denominator')),
    entry_date    date NOT NULL,
    value         double precision NOT NULL,
    source        text NOT NULL CHECK (source <> ''),
    note          text NOT NULL DEFAULT '',
    entered_by    text NOT NULL CHECK (entered_by <> ''),
    recorded_from timestamptz NOT NULL,
    recorded_to   timestamptz NOT NULL DEFAULT 'infinity',
    CHECK (recorded_from < recorded_to)
);
CREATE UNIQUE INDEX target_entry_now ON target_entry (year, target_id, measure, entry_date)
    WHERE recorded_to = 'infinity';
COMMENT ON TABLE target_entry IS '手工录入的目标数据，带日期、来源和录入人';

-- One row per recorded version of a county's or unit's share of a target. Invariant: the current rows of a
-- target on an axis add up to the target's figure (checked when they are written, as one set).
CREATE TABLE target_allocation (
    allocation_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    year          integer NOT NULL,
    target_id     text NOT NULL,
    axis          text NOT NULL CHECK (axis IN ('county', 'unit')),
    code          text NOT NULL,
    value         numeric NOT NULL CHECK (value >= 0),
    source        text NOT NULL CHECK (source <> ''),
    entered_by    text NOT NULL CHECK (entered_by <> ''),
    recorded_from timestamptz NOT NULL,
    recorded_to   timestamptz NOT NULL DEFAULT 'infinity',
    CHECK (recorded_from < recorded_to)
);
CREATE UNIQUE INDEX target_allocation_now ON target_allocation (year, target_id, axis, code)
    WHERE recorded_to = 'infinity';
COMMENT ON TABLE target_allocation IS '目标分解到县（市、区）或板块；合计等于全市目标';

-- One row per recorded version of a setting: the schedule, the date of a list, the width of 左右.
-- target_id '' is every target of the year.
CREATE TABLE target_setting (
    setting_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    year          integer NOT NULL,
    target_id     text NOT NULL DEFAULT '',
    name          text NOT NULL CHECK (name IN ('schedule', 'list_by', 'quarter_shares', 'band_width')),
    value         jsonb NOT NULL,
    reason        text NOT NULL DEFAULT '',
    entered_by    text NOT NULL CHECK (entered_by <> ''),
    recorded_from timestamptz NOT NULL,
    recorded_to   timestamptz NOT NULL DEFAULT 'infinity',
    CHECK (recorded_from < recorded_to)
);
CREATE UNIQUE INDEX target_setting_now ON target_setting (year, target_id, name) WHERE recorded_to = 'infinity';
COMMENT ON TABLE target_setting IS '判定用的设置：进度、名单公布日、“左右”的宽度';

GRANT SELECT ON target_document, target, target_entry, target_allocation, target_setting TO yuantu_reader;
GRANT SELECT, INSERT, UPDATE ON target_document, target, target_entry, target_allocation, target_setting
    TO yuantu_writer;
