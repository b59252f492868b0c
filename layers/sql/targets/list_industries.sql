-- Purpose: the city's traditional industries, as the vocabulary of industries groups them. One row per term.
-- No layer is read: the list is part of the catalogue.
-- Parameters: terms text[]; term_lines integer[], the line of the file on which each stands.
SELECT v.ordinal AS id, v.term AS key, v.term AS name, 'unlocated' AS county_code, 'unlocated' AS unit_code,
       false AS is_demo, 'layers/vocab/industry.toml' AS source_name, v.line AS source_row,
       NULL::date AS event_date, '传统产业' AS what, 1::numeric AS amount, true AS counted, '' AS lacks, '' AS caveat
FROM unnest(%(terms)s::text[], %(term_lines)s::integer[]) WITH ORDINALITY AS v (term, line, ordinal)
