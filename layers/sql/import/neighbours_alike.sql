-- Purpose: a layer's current records that share a code, or a name but for its spelling, with another one: only they
-- can be two of one thing. One row per record, in the order of their ids; lon, lat EPSG:4490. One name in two
-- spellings has one number (name_core); %(counties)s turns each word for a county into its code, %(county)s finds the
-- first one, as the comparison of the import does. Of many thousands of records a few are read.
WITH current AS MATERIALIZED (
    SELECT t.id, t.key, {codes}
           upper(translate(replace(normalize(t.name, NFKC), ' ', ''), '()[]{{}}<>〈〉《》【】〔〕「」『』"''“”‘’', '')) AS form
    FROM {table} AS t WHERE t.recorded_to = 'infinity'
), named AS (
    SELECT c.id, name_core(CASE WHEN m.found IS NULL THEN c.form
        ELSE overlay(c.form PLACING %(counties)s::jsonb ->> m.found[2]
                     FROM strpos(c.form, m.found[1] || m.found[2]) FOR length(m.found[1] || m.found[2])) END) AS number
    FROM current AS c
    LEFT JOIN LATERAL (SELECT regexp_match(c.form, %(county)s) AS found WHERE c.form ~ %(any)s) AS m ON true
), shared AS (
    SELECT unnest(array_agg(id)) AS id FROM named GROUP BY number HAVING count(*) > 1
    {by_code}
)
SELECT t.key, t.name, {credit}, {project}, t.county_code, t.is_demo, ST_X(p.at), ST_Y(p.at)
FROM {table} AS t
LEFT JOIN LATERAL (SELECT CASE WHEN ST_GeometryType(t.geom) = 'ST_Point' THEN t.geom
                               ELSE ST_PointOnSurface(t.geom) END AS at) AS p ON t.geom IS NOT NULL
WHERE t.id IN (SELECT id FROM shared) AND t.recorded_to = 'infinity'
ORDER BY t.id
