-- Purpose: the search words of a large load are written and indexed by a second connection while the first one
-- writes the records; they are joined to search_word in the run's own transaction. Until then nobody reads them,
-- and a table that no run has joined is of a run that was killed: the layer's next large load drops it.
-- A layer's table apart is indexed before the words are waited for, and takes its place after.

-- Make a table for the search words of one large load, without an index yet; NULL where the layer has enough of
-- them. Called under the layer's lock only. Returns its name.
CREATE OR REPLACE FUNCTION words_apart(of_layer text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    made text;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM layer_state AS s WHERE s.layer = of_layer) THEN
        RAISE EXCEPTION 'no such layer: %', of_layer;
    END IF;
    FOR k IN 1..8 LOOP
        made := 'search_word_' || of_layer || '_' || k;
        PERFORM words_dropped(made);
        IF to_regclass('public.' || quote_ident(made)) IS NULL THEN
            EXECUTE format('CREATE TABLE public.%I (LIKE public.search_word, CHECK (layer = %L))', made, of_layer);
            EXECUTE format('GRANT INSERT ON public.%I TO yuantu_writer', made);
            RETURN made;
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;

-- Drop a table of words that was never joined.
CREATE FUNCTION words_dropped(made text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    held regclass := to_regclass('public.' || quote_ident(made));
BEGIN
    IF made LIKE 'search\_word\_%' AND held IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM pg_inherits AS i WHERE i.inhrelid = held) THEN
        EXECUTE format('DROP TABLE public.%I', made);
    END IF;
END
$$;

-- Index the words of one large load.
CREATE FUNCTION words_indexed(made text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF made NOT LIKE 'search\_word\_%' THEN
        RAISE EXCEPTION 'not a table of search words: %', made;
    END IF;
    EXECUTE format('CREATE INDEX ON public.%I (layer, id)', made);
    EXECUTE format('CREATE INDEX ON public.%I USING gin (word gin_trgm_ops)', made);
END
$$;

-- Let the words of one large load be found with the others.
CREATE OR REPLACE FUNCTION words_joined(made text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF made NOT LIKE 'search\_word\_%' THEN
        RAISE EXCEPTION 'not a table of search words: %', made;
    END IF;
    EXECUTE format('ALTER TABLE public.%I INHERIT public.search_word', made);
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
CREATE OR REPLACE FUNCTION layer_joined(of_layer text) RETURNS void
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

REVOKE EXECUTE ON FUNCTION words_dropped(text), words_indexed(text), layer_indexed(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION words_dropped(text), words_indexed(text), layer_indexed(text) TO yuantu_writer;
