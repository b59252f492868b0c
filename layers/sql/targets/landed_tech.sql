-- Purpose: technology projects that started and technology enterprises that settled in the year, up to the day,
-- each body once. One row per candidate; the project of an enterprise that settled in the same year is left
-- out, since the enterprise is counted. What does not say whether it is 科技型 is not counted, named in lacks.
-- @slice project: is_tech, company
-- @slice enterprise: is_tech
-- Parameters: types text[]: 落地 of enterprises, 开工 of projects; neither layer has the other's.
WITH settled AS (
    SELECT s.*, h.event_date
    FROM ({enterprise}) AS s
    JOIN (
        SELECT e.id, min(e.event_date) AS event_date FROM ({enterprise_event}) AS e
        WHERE e.type = ANY(%(types)s::text[]) AND e.event_date BETWEEN %(year_start)s::date AND %(until)s::date GROUP BY e.id
    ) AS h ON h.id = s.id
    WHERE s.is_tech IS NOT FALSE
), landed AS (
    SELECT s.*, h.event_date
    FROM ({project}) AS s
    JOIN (
        SELECT e.id, min(e.event_date) AS event_date FROM ({project_event}) AS e
        WHERE e.type = ANY(%(types)s::text[]) AND e.event_date BETWEEN %(year_start)s::date AND %(until)s::date GROUP BY e.id
    ) AS h ON h.id = s.id
    WHERE s.is_tech IS NOT FALSE
)
SELECT s.id, s.key, s.name, s.county_code, s.unit_code, s.is_demo, s.source_name, s.source_row,
       s.event_date, '企业落地' AS what, 1::numeric AS amount, s.is_tech IS TRUE AS counted,
       CASE WHEN s.is_tech IS NULL THEN '是否科技型' ELSE '' END AS lacks, '' AS caveat
FROM settled AS s
UNION ALL
SELECT p.id, p.key, p.name, p.county_code, p.unit_code, p.is_demo, p.source_name, p.source_row,
       p.event_date, '项目开工', 1::numeric, p.is_tech IS TRUE,
       CASE WHEN p.is_tech IS NULL THEN '是否科技型' ELSE '' END, ''
FROM landed AS p
WHERE NOT EXISTS (
    SELECT 1 FROM settled AS s
    WHERE s.is_tech AND translate(s.name, '（） ', '()') = translate(p.company, '（） ', '()')
)
