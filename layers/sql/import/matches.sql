-- Purpose: the headers that a person matched. One row per publisher, layer and header; '' for all.
SELECT publisher, layer, header, target, decided_by, decided_at FROM column_match
WHERE (%(layer)s = '' OR layer = %(layer)s) AND (%(publisher)s = '' OR publisher = %(publisher)s)
ORDER BY publisher, layer, header
