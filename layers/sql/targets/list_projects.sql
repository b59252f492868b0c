-- Purpose: the projects of a tier, as the list stood on the day. One row per project; one that does not say
-- whether it is industrial is not counted and named in lacks.
-- @slice records: tier, is_industrial
-- Parameters: tiers text[].
SELECT s.id, s.key, s.name, s.county_code, s.unit_code, s.is_demo, s.source_name, s.source_row,
       NULL::date AS event_date, s.tier AS what, 1::numeric AS amount, s.is_industrial IS TRUE AS counted,
       CASE WHEN s.is_industrial IS NULL THEN '是否工业项目' ELSE '' END AS lacks, '' AS caveat
FROM ({records}) AS s
WHERE s.tier = ANY(%(tiers)s::text[]) AND s.is_industrial IS NOT FALSE
