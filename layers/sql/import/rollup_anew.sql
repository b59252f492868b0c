-- Purpose: write a layer's rollup anew from its current versions, whatever stood there.
DELETE FROM rollup WHERE layer = %(layer)s;
INSERT INTO rollup (layer, axis, code, is_demo, measure, n, n_missing, total)
SELECT %(layer)s, x.axis, x.code, x.is_demo, x.measure, x.n, x.n_missing, x.total FROM ({recompute}) AS x
