-- Purpose: the work lists that people keep. One row per kept list: the address with both its dates, by which
-- exactly its rows are drawn again, and how many they were. A list taken away keeps its row with removed_at.
CREATE TABLE saved_list (
    saved_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title      text NOT NULL CHECK (title <> ''),
    address    text NOT NULL CHECK (address LIKE '/compare?%'),
    as_of      date NOT NULL,
    known_at   timestamptz,
    n          integer,
    saved_by   text NOT NULL CHECK (saved_by <> ''),
    saved_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    removed_at timestamptz
);
COMMENT ON TABLE saved_list IS '存下的工作清单：地址含截至日期与记录时间，随时重现同样的行';
GRANT SELECT ON saved_list TO yuantu_reader;
GRANT SELECT, INSERT, UPDATE ON saved_list TO yuantu_writer;
