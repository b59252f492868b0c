"""Exact Euclidean distance on a grid, and polygons as cells.

The transform is separable: the squared distance within columns, then, along every row, the lower envelope of the
parabolas that stand on it. Source: Felzenszwalb & Huttenlocher, "Distance transforms of sampled functions",
Theory of Computing 8 (2012) 415–428. Rows and columns are independent and run on all cores.
"""

from __future__ import annotations

import itertools
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import shapely

from geo._jit import jit

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
#: Further than any grid is wide, and its square is still exact in float32 and int32 arithmetic.
FAR = 30_000


def distance_transform(mask: npt.ArrayLike) -> Singles:
    """Return each cell's distance to the nearest True cell, in cells between centres.

    Parameters
    ----------
    mask : array_like of bool, (h, w)
        At most 20,000 either way.

    Returns
    -------
    ndarray of float32, (h, w)
        0 in True cells; inf throughout where there is none.
    """
    cells = np.ascontiguousarray(mask, np.bool_)
    h, w = cells.shape
    out = np.empty((h, w), np.float32)
    if not cells.any():
        out.fill(np.inf)
        return out
    within = np.empty((h, w), np.int32)
    workers = os.cpu_count() or 1
    with ThreadPoolExecutor(max_workers=workers) as pool:
        list(pool.map(lambda s: _columns(cells, within, s[0], s[1]), _parts(w, workers)))
        list(pool.map(lambda s: _rows(within, out, s[0], s[1]), _parts(h, workers)))
    return out


def _parts(n: int, k: int) -> list[tuple[int, int]]:
    edges = np.linspace(0, n, k + 1).astype(int).tolist()
    return list(itertools.pairwise(edges))


@jit
def _columns(cells, within, first, last):  # type: ignore[no-untyped-def]
    h = cells.shape[0]
    away = np.empty(last - first, np.int32)
    away[:] = FAR
    for i in range(h):
        for j in range(first, last):
            away[j - first] = 0 if cells[i, j] else min(away[j - first] + 1, FAR)
            within[i, j] = away[j - first]
    away[:] = FAR
    for k in range(h):
        i = h - 1 - k
        for j in range(first, last):
            away[j - first] = 0 if cells[i, j] else min(away[j - first] + 1, FAR)
            within[i, j] = min(within[i, j], away[j - first])


@jit
def _rows(within, out, first, last):  # type: ignore[no-untyped-def]
    w = within.shape[1]
    apex, height = np.empty(w, np.int64), np.empty(w, np.int64)
    start = np.empty(w + 1, np.int64)
    for i in range(first, last):
        k = -1
        for q in range(w):
            if within[i, q] >= FAR:
                continue
            f = np.int64(within[i, q]) ** 2
            while k >= 0:
                # first whole column where the new parabola is at most the last one
                s = (f + q * q - height[k] - apex[k] * apex[k]) // (2 * (q - apex[k])) + 1
                if s > start[k]:
                    break
                k -= 1
            k += 1
            apex[k], height[k] = q, f
            start[k] = 0 if k == 0 else s
        n, k = k, 0
        for j in range(w):
            while k < n and start[k + 1] <= j:
                k += 1
            d = j - apex[k]
            out[i, j] = np.sqrt(np.float32(d * d + height[k]))


def fill_polygon(geometry: shapely.Geometry, west: float, north: float, cell: float, shape: tuple[int, int]) -> Bools:
    """Return the cells whose centre lies in a polygon; row 0 is the northernmost.

    A centre on an edge that two polygons share belongs to one of them.

    Parameters
    ----------
    geometry : Polygon or MultiPolygon
        In the grid's plane.
    west, north : float
        Outer corner of the grid.
    cell : float
        Side of a cell.
    shape : (h, w)
        Size of the grid.
    """
    made = np.zeros(shape, np.bool_)
    if geometry.is_empty:
        return made
    left, bottom, right, top = geometry.bounds
    i0, i1 = (int(np.clip(np.floor((north - y) / cell) + k, 0, shape[0])) for y, k in ((top, -1), (bottom, 2)))
    j0, j1 = (int(np.clip(np.floor((x - west) / cell) + k, 0, shape[1])) for x, k in ((left, -1), (right, 2)))
    if i0 >= i1 or j0 >= j1:
        return made
    flips = np.zeros((i1 - i0, j1 - j0 + 1), np.bool_)
    west, north = west + j0 * cell, north - i0 * cell  # the window of the polygon
    rings = shapely.get_rings(shapely.get_parts(geometry))
    coords, ring = shapely.get_coordinates(rings, return_index=True)
    joined = ring[1:] == ring[:-1]
    a, b = coords[:-1][joined], coords[1:][joined]
    # rows are counted from the north; an edge crosses the rows whose centre is in [lower, upper)
    va, vb = (north - a[:, 1]) / cell - 0.5, (north - b[:, 1]) / cell - 0.5
    low, high = np.ceil(np.minimum(va, vb)).astype(np.int64), np.ceil(np.maximum(va, vb)).astype(np.int64)
    low, high = np.clip(low, 0, i1 - i0), np.clip(high, 0, i1 - i0)
    many = high - low
    edge = np.repeat(np.arange(len(a)), many)
    if len(edge):
        row = low[edge] + np.arange(len(edge)) - np.repeat(np.cumsum(many) - many, many)
        share = (row - va[edge]) / (vb[edge] - va[edge])
        x = a[edge, 0] + share * (b[edge, 0] - a[edge, 0])
        column = np.clip(np.ceil((x - west) / cell - 0.5).astype(np.int64), 0, j1 - j0)
        np.logical_xor.at(flips, (row, column), True)
    made[i0:i1, j0:j1] = np.logical_xor.accumulate(flips, axis=1)[:, :-1]
    return made
