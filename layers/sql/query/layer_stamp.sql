-- Purpose: what names one layer's present content, as layer_stamps. At most one row.
SELECT version || '-' || coalesce((extract(epoch FROM loaded_at) * 1000000)::bigint, 0) FROM layer_state
WHERE layer = %(layer)s
