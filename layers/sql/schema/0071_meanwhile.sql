-- Purpose: the search words of a large load are written and indexed by a second connection while the first one
-- writes the records; they are joined to search_word in the run's own transaction. Until then nobody reads them,
-- and a table that no run has joined is of a run that was killed: the layer's next large load drops it.

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

REVOKE EXECUTE ON FUNCTION words_dropped(text), words_indexed(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION words_dropped(text), words_indexed(text) TO yuantu_writer;
