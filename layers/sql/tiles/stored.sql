-- Purpose: one tile in one statement: the stored cells where they count more than %(most)s records, else the
-- records themselves (read only then), with what names the layer's content at that very instant. One row.
SELECT ({stamp}) AS stamp, CASE WHEN c.n > %(most)s THEN c.tile ELSE ({records}) END AS tile FROM ({cells}) AS c
