-- Purpose: a layer's version, which grows with every run that changes it; 0 before the first. One row.
SELECT coalesce(max(version), 0) FROM layer_state WHERE layer = %(layer)s
