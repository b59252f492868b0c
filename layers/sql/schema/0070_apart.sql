-- Purpose: what lets a large file be published into a layer that has little yet: its versions are written into a
-- table apart, without an index on the way, and that table takes the place of the layer's own as the last thing
-- the run does. Readers of the layer wait for that moment only; each of their statements takes its snapshot when it
-- has its tables, as READ COMMITTED does, and so finds one state or the other. Nothing is seen, or left, of a run that
-- does not end well: all of it belongs to the run's transaction.
CREATE SCHEMA apart;
GRANT USAGE ON SCHEMA apart TO yuantu_writer;

-- Make a layer's table apart, with the versions there are, if they are no more than the run opens. Returns whether
-- it was made.
CREATE FUNCTION layer_apart(of_layer text, opened bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    held text := 'layer_' || of_layer;
    kept bigint;
    numbers text;
    last_number bigint;
    given boolean;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM public.layer_state AS s WHERE s.layer = of_layer) THEN
        RAISE EXCEPTION 'no such layer: %', of_layer;
    END IF;
    EXECUTE format('SELECT count(*) FROM (SELECT 1 FROM public.%I LIMIT $1 + 1) AS t', held) INTO kept USING opened;
    IF kept > opened THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE apart.%1$I (LIKE public.%1$I INCLUDING ALL EXCLUDING INDEXES)', held);
    EXECUTE format('GRANT SELECT ON apart.%I TO yuantu_reader', held);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON apart.%I TO yuantu_writer', held);
    EXECUTE format('INSERT INTO apart.%1$I OVERRIDING SYSTEM VALUE SELECT * FROM public.%1$I', held);
    numbers := pg_get_serial_sequence(format('public.%I', held), 'version_id');
    EXECUTE format('SELECT last_value, is_called FROM %s', numbers) INTO last_number, given;
    PERFORM setval(pg_get_serial_sequence(format('apart.%I', held), 'version_id'), last_number, given);
    RETURN true;
END
$$;

-- Index a layer's table apart as the layer's own is.
CREATE FUNCTION layer_indexed(of_layer text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET default_statistics_target = 20 AS $$
DECLARE
    held text := 'layer_' || of_layer;
    own regclass := format('public.%I', held)::regclass;
    found record;
BEGIN
    FOR found IN
        SELECT pg_get_indexdef(i.indexrelid) AS made FROM pg_index AS i
        WHERE i.indrelid = own AND NOT EXISTS (SELECT 1 FROM pg_constraint AS c WHERE c.conindid = i.indexrelid)
    LOOP
        EXECUTE replace(found.made, format(' ON public.%I USING ', held), format(' ON apart.%I USING ', held));
    END LOOP;
    FOR found IN
        SELECT c.conname, pg_get_constraintdef(c.oid) AS made FROM pg_constraint AS c
        WHERE c.conrelid = own AND c.conindid <> 0
    LOOP
        EXECUTE format('ALTER TABLE apart.%I ADD CONSTRAINT %I %s', held, found.conname, found.made);
    END LOOP;
    EXECUTE format('COMMENT ON TABLE apart.%I IS %L', held, coalesce(obj_description(own, 'pg_class'), ''));
    EXECUTE format('ANALYZE apart.%I', held);
END
$$;

-- Put a layer's table apart in the place of the layer's own: views read it from then on.
CREATE FUNCTION layer_joined(of_layer text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    held text := 'layer_' || of_layer;
    own regclass := format('public.%I', held)::regclass;
    found record;
BEGIN
    -- Readers hold the table and its views in any order, and none shall wait long: ask for all, for less than it
    -- takes to find a deadlock, or let go of all and ask again.
    PERFORM set_config('lock_timeout', '800ms', true);
    LOOP
        BEGIN
            FOR found IN
                SELECT DISTINCT r.ev_class::regclass AS name, pg_get_viewdef(r.ev_class) AS made,
                       coalesce(' WITH (' || array_to_string(v.reloptions, ', ') || ')', '') AS options
                FROM pg_depend AS d JOIN pg_rewrite AS r ON r.oid = d.objid JOIN pg_class AS v ON v.oid = r.ev_class
                WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = own
            LOOP
                EXECUTE format(
                    'CREATE OR REPLACE VIEW %s%s AS %s', found.name, found.options,
                    regexp_replace(found.made, format('\mpublic\.%I\M', held), format('apart.%I', held), 'g'));
            END LOOP;
            EXECUTE format('DROP TABLE public.%I', held);
            EXIT;
        EXCEPTION WHEN lock_not_available THEN
            PERFORM pg_sleep(0.3);
        END;
    END LOOP;
    PERFORM set_config('lock_timeout', '0', true);
    EXECUTE format('ALTER TABLE apart.%I SET SCHEMA public', held);
END
$$;

REVOKE EXECUTE ON FUNCTION layer_apart(text, bigint), layer_indexed(text), layer_joined(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION layer_apart(text, bigint), layer_indexed(text), layer_joined(text) TO yuantu_writer;
