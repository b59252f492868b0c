-- Purpose: whether a layer has ever said anything of what a target counts: events of its types or figures of its
-- series, on any date, of any record. One row. None at all means that nothing is known, not that there is nothing.
SELECT count(*) AS n, max(d.happened) AS newest
FROM (
    SELECT e.id, e.event_date AS happened FROM ({events}) AS e WHERE e.type = ANY(%(types)s::text[])
    UNION ALL
    SELECT f.id, f.period_end FROM ({figures}) AS f WHERE f.measure = ANY(%(figures)s::text[])
) AS d
WHERE EXISTS (SELECT 1 FROM ({versions}) AS v WHERE v.id = d.id AND (%(demo)s OR NOT v.is_demo))
