"""The whole city as alternatives: of each 2 km block the best cell of the 100 m grid, the best blocks first."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from geo.criteria import World
from geo.criteria_plane import to_degrees
from layers.site import Profile
from layers.site_surface import make_surface
from layers.store.queries_site import Row, Surroundings

BLOCK_M = 2000.0
MOST = 60


def grid_rows(profile: Profile, world: World, around: Surroundings) -> list[Row]:
    """Return cells as rows of alternatives: at most one a block, all scored above nothing, in order of position.

    Raises
    ------
    InputError
        No criterion of the brief can be judged on a grid, or none has weight.
    """
    surface = make_surface(profile, world, around)
    grid = surface.stack.grid
    known = np.flatnonzero(np.isfinite(surface.scores))
    order = known[np.argsort(-surface.scores[known], kind="stable")]
    blocks = np.floor(grid.xy[order] / BLOCK_M).astype(np.int64)
    _, first = np.unique(blocks, axis=0, return_index=True)
    chosen = np.sort(order[np.sort(first)[:MOST]])
    half = grid.cell_m / 2
    place = {c["code"]: c["name"] for c in around.counties}
    standing = {int(cell): k for k, cell in enumerate(chosen[np.argsort(-surface.scores[chosen], kind="stable")], 1)}
    rows: list[Row] = []
    for cell in chosen.tolist():
        x, y = grid.xy[cell]
        code = grid.codes[grid.area[cell]]
        outline: Any = shapely.transform(shapely.box(x - half, y - half, x + half, y + half), to_degrees)
        rows.append({
            "id": cell + 1, "name": f"{place.get(code, code)}网格 {standing[cell]:02d}",
            "geom": shapely.to_wkb(outline), "county_code": code, "location_accuracy": "surveyed", "is_demo": False,
            "data_date": None,
        })  # fmt: skip
    return rows
