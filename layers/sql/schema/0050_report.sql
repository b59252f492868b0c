-- Purpose: reports that were ordered, made and issued. An issued report is kept for ever: its figures, its file and
-- what it was made from never change; a later issue follows it and lists the differences.

-- One row per order. share: the part that is done, 0 to 1. beat_at: when the process that makes it last said so; an
-- order that is running without a beat is lost. figures: every number it states (app/export/figures.py).
CREATE TABLE report (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind         text NOT NULL,
    format       text NOT NULL,
    title        text NOT NULL DEFAULT '',
    ordered      jsonb NOT NULL,
    state        text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    share        double precision NOT NULL DEFAULT 0 CHECK (share BETWEEN 0 AND 1),
    step         text NOT NULL DEFAULT '',
    message      text NOT NULL DEFAULT '',
    asked_by     text NOT NULL DEFAULT '',
    asked_at     timestamptz NOT NULL DEFAULT now(),
    beat_at      timestamptz NOT NULL DEFAULT now(),
    finished_at  timestamptz,
    recipe       jsonb,
    figures      jsonb,
    as_of        date,
    known_at     timestamptz,
    n_demo       integer NOT NULL DEFAULT 0,
    file_name    text NOT NULL DEFAULT '',
    media        text NOT NULL DEFAULT '',
    n_bytes      bigint NOT NULL DEFAULT 0,
    sha256       text NOT NULL DEFAULT '',
    follows      bigint REFERENCES report ON DELETE SET NULL,
    differences  jsonb,
    issued_at    timestamptz,
    issued_by    text NOT NULL DEFAULT '',
    issue_number text NOT NULL DEFAULT '',
    CHECK (issued_at IS NULL OR (state = 'done' AND issued_by <> ''))
);
CREATE INDEX report_asked ON report (asked_at DESC);
COMMENT ON TABLE report IS '报告：排队、生成和正式出具的记录；已出具的不再改变';

-- One row per finished report: its file as it was given out.
CREATE TABLE report_file (
    report_id bigint PRIMARY KEY REFERENCES report ON DELETE CASCADE,
    content   bytea NOT NULL
);
COMMENT ON TABLE report_file IS '报告文件原样';

CREATE FUNCTION report_keeps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'report_file' THEN
        IF TG_OP = 'UPDATE' OR EXISTS (SELECT 1 FROM report AS r WHERE r.id = OLD.report_id AND r.issued_at IS NOT NULL)
        THEN RAISE EXCEPTION 'an issued report never changes'; END IF;
        RETURN OLD;
    END IF;
    IF OLD.issued_at IS NOT NULL THEN
        IF TG_OP = 'DELETE' OR NEW IS DISTINCT FROM OLD THEN RAISE EXCEPTION 'an issued report never changes'; END IF;
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER report_keeps BEFORE UPDATE OR DELETE ON report FOR EACH ROW EXECUTE FUNCTION report_keeps();
CREATE TRIGGER report_file_keeps BEFORE UPDATE OR DELETE ON report_file FOR EACH ROW EXECUTE FUNCTION report_keeps();

GRANT SELECT ON report, report_file TO yuantu_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON report, report_file TO yuantu_writer;
