"""The map page: layers, filters, map, rollup, card and table."""
