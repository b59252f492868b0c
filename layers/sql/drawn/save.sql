-- Purpose: keep an area under a name. One row.
INSERT INTO drawn_area (name, expression, source_name, area_m2, geom, created_by)
VALUES (%(name)s, %(expression)s, %(source_name)s, %(area_m2)s, ST_Multi(ST_GeomFromWKB(%(wkb)s, 4490)), %(by)s)
RETURNING drawn_id
