-- Purpose: a run changed the layer: its version grows, its data date follows its current records.
UPDATE layer_state SET version = version + 1, loaded_at = %(at)s,
       data_date = (SELECT max(data_date) FROM {table} WHERE recorded_to = 'infinity' AND NOT is_demo)
WHERE layer = %(layer)s
