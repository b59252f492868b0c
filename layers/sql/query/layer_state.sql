-- Purpose: each layer's version and the instant of its last load. One row per layer.
SELECT layer, version, data_date, loaded_at FROM layer_state
