-- Purpose: remember which specification a layer's tables were made from. One row per layer.
INSERT INTO layer_state (layer, spec_hash, spec) VALUES (%(layer)s, %(hash)s, %(spec)s)
ON CONFLICT (layer) DO UPDATE
SET spec_hash = excluded.spec_hash, spec = excluded.spec, version = layer_state.version + 1
