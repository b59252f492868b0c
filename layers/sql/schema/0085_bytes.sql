-- Purpose: keys and codes of layers are looked up, never put in the order of a language: their indexes compare bytes,
-- which makes them in a third of the time. The old ones go here; those of schema/layer/create come in their place
-- when the catalogue is brought in step, right after.
DO $$
DECLARE
    found record;
BEGIN
    FOR found IN
        SELECT i.indexrelid::regclass AS name
        FROM layer_state AS s
        JOIN pg_index AS i ON i.indrelid = to_regclass(format('public.%I', 'layer_' || s.layer))
        JOIN pg_opclass AS o ON o.oid = i.indclass[0]
        WHERE o.opcname = 'text_ops' AND NOT EXISTS (SELECT 1 FROM pg_constraint AS c WHERE c.conindid = i.indexrelid)
    LOOP
        EXECUTE format('DROP INDEX %s', found.name);
    END LOOP;
END
$$;

-- The coordinates that a record came with are kept as the text they are: nobody asks for a part of them.
DO $$
DECLARE
    found record;
BEGIN
    FOR found IN
        SELECT t.oid::regclass AS name
        FROM layer_state AS s
        JOIN pg_class AS t ON t.oid = to_regclass(format('public.%I', 'layer_' || s.layer))
        JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attname = 'original' AND a.atttypid = 'jsonb'::regtype
    LOOP
        EXECUTE format('ALTER TABLE %s ALTER original DROP DEFAULT, ALTER original TYPE text USING original::text,'
                       ' ALTER original SET DEFAULT %L', found.name, '{}');
    END LOOP;
END
$$;
