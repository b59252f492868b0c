-- Purpose: empty stand-ins of a layer's tables for one transaction. Temporary tables go before the real ones
-- of the same name, so that the statements of a load write to them unchanged.
CREATE TEMP TABLE {table} (LIKE {real_table} INCLUDING DEFAULTS INCLUDING IDENTITY) ON COMMIT DROP;
CREATE TEMP TABLE {event} (LIKE {real_event} INCLUDING DEFAULTS INCLUDING IDENTITY) ON COMMIT DROP;
CREATE TEMP TABLE {figure} (LIKE {real_figure} INCLUDING DEFAULTS INCLUDING IDENTITY) ON COMMIT DROP;
CREATE TEMP TABLE area_share (LIKE public.area_share INCLUDING DEFAULTS) ON COMMIT DROP;
CREATE TEMP SEQUENCE {shadow_sequence};
CREATE INDEX ON {table} (key);
CREATE INDEX ON {table} (id);
CREATE INDEX ON {event} (id);
CREATE INDEX ON {figure} (id)
