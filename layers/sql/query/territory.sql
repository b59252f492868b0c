-- Purpose: how large the areas are that things lie in: active counties and parks, m² on the ellipsoid.
-- One row per (kind, code).
SELECT 'county' AS kind, code, area_m2 FROM area WHERE is_active AND kind = 'county'
UNION ALL
SELECT 'park', p.id::text, ST_Area(p.geom::geography) FROM ({parks}) AS p WHERE ST_Dimension(p.geom) = 2
