"""Suitability over the whole city: a grid of cells that answers as sites do, and its weighting in milliseconds.

Cells are 100 m squares of EPSG:4549; only those whose centre lies in the city are kept, as flat arrays from the
north-west. Distances to points, sums, densities and road ways are exact at the centres; distances to outlines come
from an exact transform between centres, so they are right to one cell's diagonal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from scipy.ndimage import find_objects, label

from geo.criteria_base import Ints
from geo.rank import normalise_weights
from geo.surface_grid import CELL_M, Grid

__all__ = ["CELL_M", "Grid", "HotArea", "hot_areas", "quantile_breaks", "weigh"]

Singles = npt.NDArray[np.float32]


def weigh(stack: Singles, weights: npt.ArrayLike, method: str = "wsm") -> Singles:
    """Return every cell's score as matrix products.

    Parameters
    ----------
    stack : ndarray of float32, (m, n)
        Values 0 to 1 of each criterion, one row a criterion; NaN marks a cell without score.
    weights : array_like, (m,)
        Any scale, not all zero.
    method : {"wsm", "topsis"}
        As ``geo.rank``; the ideals of TOPSIS are the best and worst among the cells.
    """
    w = normalise_weights(weights).astype(np.float32)
    if method == "wsm":
        return np.asarray(w @ stack, np.float32)
    best, worst = np.nanmax(stack, axis=1), np.nanmin(stack, axis=1)
    away, toward = np.zeros(stack.shape[1], np.float32), np.zeros(stack.shape[1], np.float32)
    for j in range(len(stack)):
        away += (w[j] * (best[j] - stack[j])) ** 2
        toward += (w[j] * (stack[j] - worst[j])) ** 2
    away, toward = np.sqrt(away), np.sqrt(toward)
    whole = away + toward
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(whole == 0, np.float32(1), toward / whole), np.float32)


def quantile_breaks(scores: Singles, k: int = 5, steps: int = 2000) -> list[float]:
    """Return the upper bounds of ``k`` classes of equal size, to 1/2000: one pass, however many cells."""
    known = scores[np.isfinite(scores)]
    if len(known) == 0:
        return []
    counts = np.bincount(np.clip((known * steps).astype(np.int64), 0, steps), minlength=steps + 1)
    edges = (np.searchsorted(np.cumsum(counts), np.arange(1, k) * len(known) / k) + 1) / steps
    return sorted({*map(float, edges[edges < known.max()]), float(known.max())})


@dataclass(frozen=True, eq=False)
class HotArea:
    """Cells of the best class that hang together: outline (EPSG:4549), how many, and their mean score."""

    outline: shapely.Geometry
    n_cells: int
    mean_score: float


def hot_areas(grid: Grid, scores: Singles, bound: float, most: int = 12) -> list[HotArea]:
    """Return the largest groups of cells that score above ``bound``, largest first; corners do not join cells."""
    groups, n = label(grid.full(scores > bound, False))
    sizes = np.bincount(groups.ravel(), minlength=n + 1)
    sizes[0] = 0
    boxes = find_objects(groups)
    table = grid.full(scores, np.float32(np.nan))
    found = []
    for k in np.argsort(-sizes, kind="stable")[: min(most, n)]:
        i, j = boxes[k - 1]
        rows, columns = np.nonzero(groups[i, j] == k)
        mean = float(table[i, j][rows, columns].mean())
        found.append(HotArea(_outline(grid, rows + i.start, columns + j.start), int(sizes[k]), mean))
    return found


def _outline(grid: Grid, rows: Ints, columns: Ints) -> shapely.Geometry:
    """Return the union of cells, joined run by run."""
    starts = np.r_[True, (np.diff(rows) != 0) | (np.diff(columns) != 1)]
    first = np.flatnonzero(starts)
    last = np.r_[first[1:], len(rows)] - 1
    x0, x1 = grid.west + columns[first] * grid.cell_m, grid.west + (columns[last] + 1) * grid.cell_m
    y1 = grid.north - rows[first] * grid.cell_m
    return shapely.union_all(shapely.box(x0, y1 - grid.cell_m, x1, y1))
