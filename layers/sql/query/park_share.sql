-- Purpose: join of v to the parks it lies in, with the part of it in each: a point wholly, a line by its
-- length, a polygon by its area on the ellipsoid; what lies in no park comes without a code.
-- One row per (v, park it has a part in), and one for the rest.
LEFT JOIN LATERAL (
    WITH piece AS (
        SELECT p.id, CASE ST_Dimension(v.geom)
            WHEN 0 THEN CASE WHEN ST_Covers(p.geom, v.geom) THEN 1.0 ELSE 0.0 END
            WHEN 1 THEN ST_Length(ST_Intersection(p.geom, v.geom)::geography)
                        / nullif(ST_Length(v.geom::geography), 0)
            ELSE ST_Area(ST_Intersection(p.geom, v.geom)::geography) / nullif(ST_Area(v.geom::geography), 0)
        END AS share
        FROM ({parks}) AS p WHERE ST_Dimension(p.geom) = 2 AND ST_Intersects(p.geom, v.geom)
    )
    SELECT id::text AS code, share::numeric AS share FROM piece WHERE share > 0
    UNION ALL
    SELECT NULL, (1 - coalesce(sum(share), 0))::numeric FROM piece HAVING coalesce(sum(share), 0) < 1 - 1e-9
) AS park ON v.geom IS NOT NULL
