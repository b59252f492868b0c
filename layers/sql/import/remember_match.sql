-- Purpose: remember what a person said a header means; a later word replaces an earlier one. One row.
INSERT INTO column_match (publisher, layer, header_key, header, target, decided_by)
VALUES (%(publisher)s, %(layer)s, %(header_key)s, %(header)s, %(target)s, %(by)s)
ON CONFLICT (publisher, layer, header_key) DO UPDATE
SET header = excluded.header, target = excluded.target, decided_by = excluded.decided_by, decided_at = now()
