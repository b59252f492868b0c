-- Purpose: take a kept area off the list; addresses that name it still answer. One row, none when it is not there.
UPDATE drawn_area SET removed_at = CASE WHEN %(back)s THEN NULL ELSE now() END
WHERE drawn_id = %(id)s AND (removed_at IS NULL) <> %(back)s
RETURNING drawn_id
