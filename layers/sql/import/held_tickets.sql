-- Purpose: one page of a layer's quarantine: the tickets of the rows with a cause and with a text in a cell, in the
-- order of the grid. One row per run: its tickets on the page, its rows that match, its rows that wait.
-- No type: any cause. No text: any cells; else a pattern of ILIKE.
WITH waiting AS (
    SELECT q.quarantine_id, q.run_id, q.entry_number,
           (%(type)s::text IS NULL OR EXISTS (
               SELECT FROM issue AS i
               WHERE i.run_id = q.run_id AND i.entry_number = q.entry_number
                 AND i.severity = 'error' AND i.type = %(type)s AND i.field = %(field)s)
             OR EXISTS (
               SELECT FROM issue AS i
               WHERE i.run_id = q.run_id AND i.entry_number IS NULL AND i.row_no = q.row_no
                 AND i.severity = 'error' AND i.type = %(type)s AND i.field = %(field)s))
           AND (%(text)s::text IS NULL OR EXISTS (
               SELECT FROM jsonb_each_text(q.cells) AS c WHERE c.value ILIKE %(text)s)) AS matches
    FROM quarantine AS q
    WHERE q.layer = %(layer)s AND q.cleared_run IS NULL
), placed AS (
    SELECT *, row_number() OVER (PARTITION BY matches ORDER BY run_id, entry_number) AS place FROM waiting
)
SELECT run_id,
       array_agg(quarantine_id) FILTER (WHERE matches AND place > %(skip)s AND place <= %(skip)s + %(most)s) AS tickets,
       count(*) FILTER (WHERE matches) AS n_match, count(*) AS n
FROM placed
GROUP BY run_id
ORDER BY run_id
