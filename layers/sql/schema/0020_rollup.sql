-- Purpose: what lets a rollup be read and kept in step without a look at every record: counts by data date,
-- and an index of the versions that have ended.
ALTER TABLE rollup DROP CONSTRAINT rollup_axis_check;
ALTER TABLE rollup ADD CONSTRAINT rollup_axis_check CHECK (axis IN ('county', 'unit', 'township', 'data_date'));

DO $$
DECLARE
    found record;
BEGIN
    FOR found IN SELECT layer, 'layer_' || layer AS held FROM layer_state LOOP
        CONTINUE WHEN to_regclass(quote_ident(found.held)) IS NULL;
        EXECUTE format(
            'INSERT INTO rollup (layer, axis, code, is_demo, measure, n, n_missing, total)'
            ' SELECT %L, ''data_date'', coalesce(data_date::text, ''''), is_demo, ''n'', count(*), 0, count(*)'
            ' FROM %I WHERE recorded_to = ''infinity'' GROUP BY data_date, is_demo', found.layer, found.held);
    END LOOP;
END
$$;
