-- Purpose: the boundary generations of the counties that are kept. One row per generation, the active one first.
SELECT generation, bool_or(is_active) AS is_active FROM area WHERE kind = 'county'
GROUP BY generation ORDER BY bool_or(is_active) DESC, generation
