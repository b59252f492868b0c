-- Purpose: one tile in one statement, of a filter or a recorded time that the pyramid does not hold: cells computed
-- from the records where there are more than %(most)s, else the records, with what names the layer's content. One row.
SELECT ({stamp}) AS stamp, CASE WHEN ({many}) > %(most)s THEN ({cells}) ELSE ({records}) END AS tile
