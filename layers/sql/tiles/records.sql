-- Purpose: one tile of records and what names the layer's content at that very instant. One row.
SELECT ({stamp}) AS stamp, ({records}) AS tile
