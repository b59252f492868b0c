-- Purpose: the published view of a layer: one row per current record, public fields only, EPSG:4490.
SELECT {columns}, {geom} AS geom FROM ({slice}) AS s
