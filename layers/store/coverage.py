"""Polygons that lie side by side, simplified by zoom with their shared borders kept shared."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from psycopg import sql

from layers.spec import Layer
from layers.store.pool import Pool
from layers.store.queries_layers import template

WIDTH_M = 40075016.685578488  # of the web Mercator plane
GRID = 4096  # units of a tile
UNITS = 6.0  # of the tile's grid, by which a border may move: three eighths of a pixel
DETAILED = 13  # from this zoom on the shapes are drawn as they are


def is_coverage(layer: Layer) -> bool:
    """Whether the layer's polygons lie side by side, by generation."""
    return layer.geometry == "polygon" and all(layer.field(f) for f in ("kind", "generation"))


def simplify(rows: Sequence[tuple[int, str, bytes]], zoom: int) -> list[tuple[int, bytes]]:
    """Return polygons thinned for a zoom; each coverage as a whole, so that neighbours keep one line.

    Parameters
    ----------
    rows : sequence of (version_id, coverage, WKB in EPSG:3857)
    """
    tolerance = UNITS * WIDTH_M / 2**zoom / GRID
    groups: dict[str, list[tuple[int, bytes]]] = defaultdict(list)
    for version, coverage, wkb in rows:
        groups[coverage].append((version, wkb))
    found = []
    for group in groups.values():
        shapes = np.asarray(shapely.from_wkb([wkb for _, wkb in group]), dtype=object)
        thin = shapely.coverage_simplify(shapes, tolerance)
        found += [(version, bytes(shapely.to_wkb(shape))) for (version, _), shape in zip(group, thin, strict=True)]
    return found


class Coverages:
    """Simplified coverages by layer and zoom, kept while the layer stands still."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, int], tuple[str, list[tuple[int, bytes]]]] = {}

    async def at(self, pool: Pool, layer: Layer, zoom: int, stamp: str) -> list[tuple[int, bytes]]:
        """Return (version_id, WKB in EPSG:3857) of the layer's current records for a zoom."""
        held = self._held.get((layer.id, zoom))
        if held is None or held[0] != stamp:
            rows = await pool.fetch(template("tiles/coverage", table=sql.Identifier(layer.table)))
            shapes = [(int(r["version_id"]), str(r["coverage"]), bytes(r["wkb"])) for r in rows]
            held = self._held[layer.id, zoom] = (stamp, await asyncio.to_thread(simplify, shapes, zoom))
        return held[1]


THINNED = """ LEFT JOIN (SELECT u.version_id, ST_GeomFromWKB(u.wkb, 3857) AS geom
    FROM unnest(%(thin_ids)s::bigint[], %(thin_wkb)s::bytea[]) AS u (version_id, wkb)) AS thin
    ON thin.version_id = s.version_id"""  # the thinned shapes beside a slice ``s``


def thinned_params(found: Sequence[tuple[int, bytes]]) -> dict[str, Any]:
    """Return the parameters of ``THINNED``."""
    return {"thin_ids": [v for v, _ in found], "thin_wkb": [w for _, w in found]}
