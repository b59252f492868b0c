-- Purpose: what lets a large file be published at the speed of the tables. The run of a version, an event or a
-- figure is written in the same transaction and runs are never deleted (the writer may not): the key is not
-- looked up row by row. Indexes of fields hold the records that have a value. Search words of a large load are
-- written into a table of their own, indexed at once, and joined to search_word as it is done: readers of
-- search_word never wait, and see them with the run's other rows.
REVOKE DELETE ON load_run FROM yuantu_writer;

DO $$
DECLARE
    found record;
BEGIN
    FOR found IN
        SELECT c.conrelid::regclass AS held, c.conname
        FROM pg_constraint AS c JOIN layer_state AS s
          ON c.conrelid IN (to_regclass(quote_ident('layer_' || s.layer)), to_regclass(quote_ident(s.layer || '_event')),
                            to_regclass(quote_ident(s.layer || '_figure')))
        WHERE c.contype = 'f' AND c.confrelid = 'load_run'::regclass
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', found.held, found.conname);
    END LOOP;
    -- made again, without the records that have no value, as the catalogue is brought in step
    FOR found IN
        SELECT i.indexrelid::regclass AS held
        FROM pg_index AS i JOIN layer_state AS s ON i.indrelid = to_regclass(quote_ident('layer_' || s.layer))
        WHERE i.indpred IS NOT NULL AND NOT i.indisunique AND i.indexrelid::regclass::text LIKE '%\_now%'
    LOOP
        EXECUTE format('DROP INDEX %s', found.held);
    END LOOP;
END
$$;

-- Make a table for the search words of one large load, without an index yet; NULL where the layer has enough of
-- them. Returns its name.
CREATE FUNCTION words_apart(of_layer text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    made text;
BEGIN
    FOR k IN 1..8 LOOP
        made := 'search_word_' || of_layer || '_' || k;
        IF to_regclass('public.' || quote_ident(made)) IS NULL THEN
            IF NOT EXISTS (SELECT 1 FROM layer_state AS s WHERE s.layer = of_layer) THEN
                RAISE EXCEPTION 'no such layer: %', of_layer;
            END IF;
            EXECUTE format('CREATE TABLE public.%I (LIKE public.search_word, CHECK (layer = %L))', made, of_layer);
            EXECUTE format('GRANT INSERT ON public.%I TO yuantu_writer', made);
            RETURN made;
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;

-- Index the words of one large load and let them be found with the others.
CREATE FUNCTION words_joined(made text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF made NOT LIKE 'search\_word\_%' THEN
        RAISE EXCEPTION 'not a table of search words: %', made;
    END IF;
    EXECUTE format('CREATE INDEX ON public.%I (layer, id)', made);
    EXECUTE format('CREATE INDEX ON public.%I USING gin (word gin_trgm_ops)', made);
    EXECUTE format('ALTER TABLE public.%I INHERIT public.search_word', made);
END
$$;

REVOKE EXECUTE ON FUNCTION words_apart(text), words_joined(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION words_apart(text), words_joined(text) TO yuantu_writer;
