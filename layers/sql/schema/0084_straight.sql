-- Purpose: a large file of new records alone is written straight into the table apart that will take the layer's
-- place: committed as soon as it is filled, so that two connections can index it side by side. Nobody reads it until
-- layer_joined, the last thing its run does. A table apart that no run has joined is of a run that was killed: the
-- layer's next large load drops it. All of these are called under the layer's lock only.
DROP FUNCTION layer_indexed(text);

-- Drop a layer's table apart, if there is one.
CREATE FUNCTION apart_dropped(of_layer text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('DROP TABLE IF EXISTS apart.%I', 'layer_' || of_layer);
END
$$;

-- Make a layer's table apart for the new records of a run, with the versions there are. Returns the first of the
-- record numbers that are the run's from now on.
CREATE FUNCTION apart_begun(of_layer text, opened bigint, of_run bigint, moment timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    held text := 'layer_' || of_layer;
    numbers regclass := format('public.%I', held || '_feature')::regclass;
    first bigint;
BEGIN
    IF NOT public.layer_apart(of_layer, opened) THEN
        RAISE EXCEPTION 'layer % holds more than the % records to come', of_layer, opened;
    END IF;
    EXECUTE format('ALTER TABLE apart.%I ALTER run_id SET DEFAULT %L, ALTER recorded_from SET DEFAULT %L,'
                   ' ALTER row_hash SET DEFAULT %L', held, of_run, moment, '');
    first := nextval(numbers);
    PERFORM setval(numbers, first + opened - 1);
    RETURN first;
END
$$;

-- The indexes that a layer's table apart will have, the slowest to make first.
CREATE FUNCTION apart_indexes(of_layer text) RETURNS TABLE (name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT c.relname::text
    FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_am AS m ON m.oid = c.relam
    WHERE i.indrelid = format('public.%I', 'layer_' || of_layer)::regclass
    ORDER BY m.amname = 'btree', c.relname
$$;

-- Make one of them.
CREATE FUNCTION apart_indexed(of_layer text, of_index text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    held text := 'layer_' || of_layer;
    made text;
BEGIN
    SELECT pg_get_indexdef(i.indexrelid) INTO STRICT made FROM pg_index AS i
    WHERE i.indrelid = format('public.%I', held)::regclass
      AND i.indexrelid = format('public.%I', of_index)::regclass;
    EXECUTE replace(made, format(' ON public.%I USING ', held), format(' ON apart.%I USING ', held));
END
$$;

-- All rows and indexes being there, let the table apart have the constraints, defaults and comment of the layer's own.
CREATE FUNCTION apart_completed(of_layer text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET default_statistics_target = 20 AS $$
DECLARE
    held text := 'layer_' || of_layer;
    own regclass := format('public.%I', held)::regclass;
    found record;
BEGIN
    FOR found IN
        SELECT c.conname, CASE c.contype WHEN 'p' THEN 'PRIMARY KEY' ELSE 'UNIQUE' END AS kind FROM pg_constraint AS c
        WHERE c.conrelid = own AND c.conindid <> 0
    LOOP
        EXECUTE format('ALTER TABLE apart.%I ADD CONSTRAINT %I %s USING INDEX %2$I', held, found.conname, found.kind);
    END LOOP;
    EXECUTE format('ALTER TABLE apart.%I ALTER run_id DROP DEFAULT, ALTER recorded_from DROP DEFAULT,'
                   ' ALTER row_hash DROP DEFAULT', held);
    EXECUTE format('COMMENT ON TABLE apart.%I IS %L', held, coalesce(obj_description(own, 'pg_class'), ''));
    EXECUTE format('ANALYZE apart.%I', held);
END
$$;

REVOKE EXECUTE ON FUNCTION apart_dropped(text), apart_begun(text, bigint, bigint, timestamptz), apart_indexes(text),
                           apart_indexed(text, text), apart_completed(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION apart_dropped(text), apart_begun(text, bigint, bigint, timestamptz), apart_indexes(text),
                          apart_indexed(text, text), apart_completed(text) TO yuantu_writer;
