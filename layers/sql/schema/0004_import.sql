-- Purpose: what the import remembers: how each file was read, corrected headers, decisions on duplicates.

ALTER TABLE load_run DROP CONSTRAINT load_run_kind_check;
ALTER TABLE load_run ADD CONSTRAINT load_run_kind_check
    CHECK (kind IN ('import', 'sketch', 'edit', 'rollback', 'reassign', 'rebuild'));

-- The place of the row among the rows read, from 1: tells rows of several sheets with one number apart.
ALTER TABLE issue ADD COLUMN entry_number integer;
ALTER TABLE quarantine ADD COLUMN sheet text NOT NULL DEFAULT '';

-- One row per import run: how its file was understood. columns: a list in the file's order of
-- {header, kind, target, how, score}. notes: titles and notes round the table, where units are stated.
CREATE TABLE import_reading (
    run_id   bigint PRIMARY KEY REFERENCES load_run,
    columns  jsonb NOT NULL DEFAULT '[]',
    notes    jsonb NOT NULL DEFAULT '[]',
    evidence jsonb NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE import_reading IS '每次导入时表头如何对应、注释写了什么';

-- One row per header that a person matched for a publisher's files of one layer; applied to the next file.
-- target: a field, a role, event:<type>, figure:<id>, or '' to leave the column alone.
CREATE TABLE column_match (
    publisher  text NOT NULL CHECK (publisher <> ''),
    layer      text NOT NULL,
    header_key text NOT NULL,
    header     text NOT NULL,
    target     text NOT NULL,
    decided_by text NOT NULL DEFAULT '',
    decided_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (publisher, layer, header_key)
);
COMMENT ON TABLE column_match IS '人工确认的表头对应，按发布单位和图层记住';

-- One row per pair of records that a person has judged. merge: other_key ended, its files' rows go to
-- kept_key. apart: never proposed again. Invariant: at most one decision per unordered pair.
CREATE TABLE duplicate_decision (
    layer      text NOT NULL,
    kept_key   text NOT NULL,
    other_key  text NOT NULL,
    decision   text NOT NULL CHECK (decision IN ('merge', 'apart')),
    reason     text NOT NULL DEFAULT '',
    decided_by text NOT NULL DEFAULT '',
    decided_at timestamptz NOT NULL DEFAULT now(),
    run_id     bigint REFERENCES load_run,
    CHECK (kept_key <> other_key)
);
CREATE UNIQUE INDEX duplicate_decision_pair
    ON duplicate_decision (layer, least(kept_key, other_key), greatest(kept_key, other_key));
COMMENT ON TABLE duplicate_decision IS '疑似重复的记录：合并或分开，人工决定后记住';

GRANT SELECT ON import_reading, column_match, duplicate_decision TO yuantu_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON import_reading, column_match, duplicate_decision TO yuantu_writer;
