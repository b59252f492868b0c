-- Purpose: the work lists that are kept, the latest first. One row per list that was not taken away.
SELECT saved_id, title, address, as_of, n, saved_by, saved_at FROM saved_list
WHERE removed_at IS NULL ORDER BY saved_at DESC, saved_id DESC LIMIT 50
