-- Purpose: the instant of a layer's last run; what is known at it never changes. One row or none.
SELECT loaded_at FROM layer_state WHERE layer = %(layer)s AND loaded_at IS NOT NULL
