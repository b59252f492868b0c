-- Purpose: take a kept list away, or (with back) bring it back. One row.
UPDATE saved_list SET removed_at = CASE WHEN %(back)s THEN NULL ELSE clock_timestamp() END
WHERE saved_id = %(saved_id)s AND (removed_at IS NULL) <> %(back)s
