-- Purpose: the extension and the four roles, before any table exists. Runs as the database's owner or a
-- superuser; everything after it runs as yuantu_owner. Roles belong to the whole cluster, so each is
-- made only where it is missing.
CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS pg_trgm;

DO $$
DECLARE
    role_name text;
BEGIN
    PERFORM pg_advisory_xact_lock(320900, 1);
    FOREACH role_name IN ARRAY ARRAY['yuantu_owner', 'yuantu_writer', 'yuantu_reader', 'yuantu_public'] LOOP
        IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = role_name) THEN
            EXECUTE format('CREATE ROLE %I NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS', role_name);
        END IF;
    END LOOP;
    IF NOT pg_has_role(current_user, 'yuantu_owner', 'MEMBER') THEN
        EXECUTE format('GRANT yuantu_owner TO %I', current_user);
    END IF;
    EXECUTE format('GRANT CREATE, CONNECT, TEMPORARY ON DATABASE %I TO yuantu_owner', current_database());
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO yuantu_writer', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO yuantu_reader, yuantu_public', current_database());
    EXECUTE format('ALTER ROLE yuantu_public IN DATABASE %I SET statement_timeout = ''5s''', current_database());
    EXECUTE format('ALTER ROLE yuantu_public IN DATABASE %I SET default_transaction_read_only = on', current_database());
    EXECUTE format('ALTER ROLE yuantu_reader IN DATABASE %I SET statement_timeout = ''30s''', current_database());
    EXECUTE format('ALTER ROLE yuantu_reader IN DATABASE %I SET default_transaction_read_only = on', current_database());
END $$;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT ALL ON SCHEMA public TO yuantu_owner;
CREATE SCHEMA IF NOT EXISTS pub AUTHORIZATION yuantu_owner;
GRANT USAGE ON SCHEMA public TO yuantu_writer, yuantu_reader, yuantu_public;
GRANT USAGE ON SCHEMA pub TO yuantu_public, yuantu_reader;
