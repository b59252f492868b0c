-- Purpose: what decides where records lie: a fingerprint of the active areas that codes are assigned from.
SELECT md5(string_agg(kind || code || md5(ST_AsEWKB(geom)), ',' ORDER BY kind, code))
FROM area WHERE is_active AND kind IN ('county', 'township')
