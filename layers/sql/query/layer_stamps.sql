-- Purpose: what names each layer's present content, also across databases. One row per layer.
SELECT layer, version || '-' || coalesce((extract(epoch FROM loaded_at) * 1000000)::bigint, 0) AS stamp FROM layer_state
