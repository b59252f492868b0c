-- Purpose: a run changed the layer: its version grows, its data date follows its current records, which the
-- stored rollup counts by date.
UPDATE layer_state SET version = version + 1, loaded_at = %(at)s,
       data_date = (SELECT max(r.code)::date FROM rollup AS r
                    WHERE r.layer = %(layer)s AND r.axis = 'data_date' AND NOT r.is_demo AND r.n > 0 AND r.code <> '')
WHERE layer = %(layer)s
