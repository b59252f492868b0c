-- Purpose: keys and codes of layers are looked up, never put in the order of a language: their indexes compare bytes,
-- which makes them in a third of the time. The old ones go here; those of schema/layer/create come in their place
-- when the catalogue is brought in step, right after. And the coordinates that a record came with are kept as the text
-- they are: nobody asks for a part of them.
DO $$
DECLARE
    layer_table regclass;
    index_name regclass;
BEGIN
    FOR layer_table IN
        SELECT t.oid::regclass FROM layer_state AS s
        JOIN pg_class AS t ON t.oid = to_regclass(format('public.%I', 'layer_' || s.layer))
    LOOP
        FOR index_name IN
            SELECT i.indexrelid::regclass FROM pg_index AS i JOIN pg_opclass AS o ON o.oid = i.indclass[0]
            WHERE i.indrelid = layer_table AND o.opcname = 'text_ops'
              AND NOT EXISTS (SELECT 1 FROM pg_constraint AS c WHERE c.conindid = i.indexrelid)
        LOOP
            EXECUTE format('DROP INDEX %s', index_name);
        END LOOP;
        EXECUTE format('ALTER TABLE %s ALTER original DROP DEFAULT, ALTER original TYPE text USING original::text,'
                       ' ALTER original SET DEFAULT %L', layer_table, '{}');
    END LOOP;
END
$$;
