-- Purpose: one record as it was, with where it is drawn (CRS84) and the run that wrote it. One row or none.
SELECT {columns}, s.address, v.run_id, round(ST_X(p.at)::numeric, 7)::float8 AS lon,
       round(ST_Y(p.at)::numeric, 7)::float8 AS lat, GeometryType(s.geom) AS geometry_type,
       s.geom IS NOT NULL AS is_placed, ST_XMin(b.box) AS west, ST_YMin(b.box) AS south, ST_XMax(b.box) AS east,
       ST_YMax(b.box) AS north, v.area_m2, r.kind AS run_kind, r.started_by, r.recorded_at, f.file_name,
       f.publisher, f.licence, f.url, (SELECT count(*) FROM {table} AS o WHERE o.id = s.id) AS n_versions
FROM ({slice}) AS s
JOIN {table} AS v ON v.version_id = s.version_id
JOIN load_run AS r ON r.run_id = v.run_id
LEFT JOIN resource AS f ON f.sha256 = r.resource
CROSS JOIN LATERAL (SELECT ST_Transform(ST_PointOnSurface(s.geom_3857), 4326) AS at) AS p
CROSS JOIN LATERAL (SELECT ST_Transform(ST_Envelope(s.geom_3857), 4326) AS box) AS b
WHERE s.id = %(id)s
