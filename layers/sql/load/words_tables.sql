-- Purpose: how many tables of search words of their own a layer's large loads have that were published. One row.
SELECT count(*) FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
WHERE i.inhparent = 'search_word'::regclass AND c.relname ~ ('^search_word_' || %(layer)s || '_[0-9]+$')
