-- Purpose: the records whose words match a text: exact (0), at the start (1), inside (2). One row per record.
WITH hit AS (
    SELECT DISTINCT ON (w.layer, w.id) w.layer, w.id, w.matched, w.weight, length(w.word) AS size,
           CASE WHEN w.word = %(text)s THEN 0 WHEN starts_with(w.word, %(text)s) THEN 1 ELSE 2 END AS rank
    FROM search_word AS w
    WHERE w.word LIKE %(pattern)s AND w.layer = ANY(%(layers)s)
    ORDER BY w.layer, w.id, rank, w.weight DESC, size
), best AS (
    SELECT h.* FROM hit AS h ORDER BY h.rank, h.weight DESC, h.size, h.layer, h.id LIMIT 400
)
SELECT b.layer, b.id, r.name, b.matched, b.rank, r.is_demo, r.county_code, p.name AS county,
       round(ST_X(r.at)::numeric, 7)::float8 AS lon, round(ST_Y(r.at)::numeric, 7)::float8 AS lat
FROM best AS b
JOIN ({records}) AS r ON r.layer = b.layer AND r.id = b.id
LEFT JOIN place_code AS p ON p.code = r.county_code
ORDER BY b.rank, r.is_demo, b.weight DESC, b.size, r.name, b.id
LIMIT %(limit)s
