-- Purpose: siting scenarios: a brief saved under a name, shared by its id, compared with others.

-- One row per version of a scenario. task: {"profile": PROFILE, "off": limits switched off, "pairs": comparisons}.
-- found: what the brief answered when it was saved (sentence, as_of, first sites), for lists only; opening a
-- scenario ranks anew. Invariant: at most one version of an id is open; a deleted scenario has none.
CREATE TABLE scenario (
    id             text NOT NULL CHECK (id ~ '^[a-z0-9]{8,16}$'),
    name           text NOT NULL CHECK (name <> ''),
    note           text NOT NULL DEFAULT '',
    task           jsonb NOT NULL,
    profile_sha256 text NOT NULL,
    found          jsonb NOT NULL DEFAULT '{}',
    saved_by       text NOT NULL DEFAULT '',
    recorded_from  timestamptz NOT NULL,
    recorded_to    timestamptz NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (id, recorded_from),
    CHECK (recorded_from < recorded_to)
);
CREATE UNIQUE INDEX scenario_open ON scenario (id) WHERE recorded_to = 'infinity';
COMMENT ON TABLE scenario IS '选址方案：命名保存的选址任务，改动留下旧版';

GRANT SELECT ON scenario TO yuantu_reader;
GRANT SELECT, INSERT, UPDATE ON scenario TO yuantu_writer;
