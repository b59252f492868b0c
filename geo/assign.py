"""Which area is a thing in? The exact cell index, and the shares of polygons and lines.

The areas are drawn once on a grid of cells. A cell that no border passes is a table look-up; a cell that a
border passes keeps its candidates in order of code and runs the exact test on the edges of its row. The
rule is one for every caller: an area covers its border, and where several areas cover a point, the lowest
code has it. Coordinates are degrees of one datum (EPSG:4490 in storage), edges straight in lon, lat, as
PostGIS ``ST_Covers(geometry, geometry)`` sees them; orientation is decided exactly, never by a tolerance.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from geo import _pip
from geo._shares import LineShares, Shares, line_shares, polygon_shares
from geo.errors import InputError

__all__ = ["OUTSIDE", "UNLOCATED", "AreaIndex", "LineShares", "Shares", "Totals"]

OUTSIDE = _pip.OUTSIDE
UNLOCATED = _pip.UNLOCATED

_CELLS_PER_EDGE, _FEWEST_CELLS, _MOST_CELLS = 64, 2**16, 2**26
_CHUNK = 250_000

Geometries = npt.NDArray[np.object_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Frame = tuple[float, float, float, float, float, float]
Candidates = tuple[Ints, npt.NDArray[np.int32], Ints, Ints]
#: The packed grid (tiles, values, how many values stand for whole tiles), frame, shape, candidates, edges.
Tables = tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], np.uint32, Frame, tuple[int, int], Candidates, Floats]


@dataclass(frozen=True, eq=False)
class Totals:
    """How many points each area has and what their weights add up to.

    Attributes
    ----------
    n, total : ndarray, (areas,)
        In the order of the index's ``codes``; ``total`` is int64 or float64, as the weights were.
    n_beside, total_beside : tuple of two numbers
        The same of the points outside every area, and of those without a place.
    """

    n: Ints
    total: npt.NDArray[Any]
    n_beside: tuple[int, int]
    total_beside: tuple[Any, Any]


@dataclass(frozen=True, eq=False)
class AreaIndex:
    """Areas of one generation, ready to answer "which one" for millions of points.

    Attributes
    ----------
    codes : tuple of str
        The area codes in ascending order; every answer is an index into it.
    geoms : ndarray of shapely geometries
        The areas in the order of ``codes``.
    """

    codes: tuple[str, ...]
    geoms: Geometries
    _tables: Tables

    @classmethod
    def build(cls, codes: Sequence[str], geoms: Iterable[object], *, cells: int | None = None) -> "AreaIndex":
        """Draw the areas on a grid.

        Parameters
        ----------
        codes : sequence of str
            One distinct code per area, in any order.
        geoms : sequence of Polygon or MultiPolygon, (n,)
            Valid, degrees; they may touch and overlap.
        cells : int, optional
            About how many grid cells (4 bytes each); by default 64 per edge, between 65,536 and 67 million.

        Raises
        ------
        InputError
            Codes repeat or do not match the geometries, or a geometry is missing, invalid or no polygon.
        """
        array = _objects(geoms)
        _check(codes, array)
        order = sorted(range(len(codes)), key=codes.__getitem__)
        names = tuple(codes[i] for i in order)
        array = shapely.force_2d(array[order]) if order else array
        if not order:
            return cls(names, array, _no_areas())
        edges, owner = _edges(array)
        wanted = cells or min(max(_CELLS_PER_EDGE * len(owner), _FEWEST_CELLS), _MOST_CELLS)
        frame, n_x, n_y = _frame(shapely.total_bounds(array), wanted)
        grid, candidates, edges = _draw(edges, owner, len(names), frame, n_x, n_y)
        packed = _pip.pack(grid, len(names))
        return cls(names, array, (*packed, np.uint32(len(names) + 2), frame, (n_y, n_x), candidates, edges))

    @property
    def n_edges(self) -> int:
        """How many pieces of border the grid keeps, one in each row of cells that it meets."""
        return int(self._tables[-1].shape[1])

    def points(self, lon: npt.ArrayLike, lat: npt.ArrayLike, *, threads: int = 1) -> npt.NDArray[np.int32]:
        """Find the area of each point.

        Parameters
        ----------
        lon, lat : array_like, (n,)
            Degrees in the areas' datum.
        threads : int
            The kernel runs without the GIL; more than one thread pays from a few hundred thousand points.

        Returns
        -------
        ndarray of int32, (n,)
            Index into ``codes``; ``OUTSIDE`` (-1); ``UNLOCATED`` (-2) where a coordinate is not finite.

        Raises
        ------
        InputError
            The two arrays are not of one length.
        """
        x, y = _pair(lon, lat)
        out = np.empty(len(x), np.int32)

        def run(part: slice) -> None:
            _pip.locate(x[part], y[part], self._tables, out[part])

        _in_parts(run, len(x), threads)
        return out

    def totals(self, lon: npt.ArrayLike, lat: npt.ArrayLike, weight: npt.ArrayLike, *, threads: int = 1) -> "Totals":
        """Count the points of each area and add up a weight, in one pass that keeps no area per point.

        Parameters
        ----------
        lon, lat : array_like, (n,)
            Degrees in the areas' datum.
        weight : array_like, (n,)
            Whole numbers add up exactly (int64); others as float64. A NaN makes its area's total NaN.
        threads : int
            As in :meth:`points`; the answer is the same for any number, floats included.

        Raises
        ------
        InputError
            The three arrays are not of one length.
        """
        x, y = _pair(lon, lat)
        given = np.asarray(weight)
        if given.shape != x.shape:
            raise InputError(f"坐标有 {len(x)} 个，要合计的数有 {given.shape}，", "请给出等长的一维数组。")
        values = _plain(given, np.int64 if given.dtype.kind in "biu" else np.float64)
        parts = range(0, max(len(x), 1), _CHUNK)
        count = np.zeros((len(parts), len(self.codes) + 2), np.int64)
        total = np.zeros(count.shape, values.dtype)

        def run(part: slice) -> None:
            k = part.start // _CHUNK
            _pip.add_up(x[part], y[part], values[part], self._tables, count[k], total[k])

        _in_parts(run, len(x), threads)
        n, sums = count.sum(axis=0), total.sum(axis=0)
        return Totals(n[2:], sums[2:], (int(n[1]), int(n[0])), (sums[1], sums[0]))

    def polygons(self, geoms: Iterable[object]) -> Shares:
        """Split polygons among the areas; see :func:`geo._shares.polygon_shares`."""
        return polygon_shares(self.geoms, np.array(list(geoms), dtype=object))

    def lines(self, geoms: Iterable[object]) -> LineShares:
        """Split lines among the areas; see :func:`geo._shares.line_shares`."""
        return line_shares(self.geoms, np.array(list(geoms), dtype=object))


def _no_areas() -> Tables:
    nothing, numbers = np.zeros(0, np.int64), np.arange(2, dtype=np.int32)
    frame = (0.0, 0.0, 1.0, 1.0, -np.inf, -np.inf)
    candidates = (np.zeros(1, np.int64), numbers[:0], nothing, nothing)
    tiles = np.array([1, 1, 0], np.int32)
    return tiles, numbers + UNLOCATED, np.uint32(2), frame, (1, 1), candidates, np.zeros((4, 0))


def _objects(geoms: Iterable[object]) -> Geometries:
    listed = list(geoms)
    array: Geometries = np.empty(len(listed), np.object_)
    array[:] = listed
    return array


def _plain(values: npt.ArrayLike, kind: type[np.generic] = np.float64) -> npt.NDArray[Any]:
    # One memory layout, one compiled signature: pandas hands out read-only arrays.
    array = np.ascontiguousarray(values, kind)
    return array if array.flags.writeable else array.copy()


def _pair(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
    if np.ndim(lon) != 1 or np.shape(lon) != np.shape(lat):
        raise InputError(f"经度有 {np.shape(lon)}，纬度有 {np.shape(lat)}，", "请给出两个等长的一维数组。")
    return _plain(lon), _plain(lat)


def _in_parts(run: Callable[[slice], None], n: int, threads: int) -> None:
    # The parts are the same for any number of threads, so that sums of floats are, too.
    parts = [slice(s, min(s + _CHUNK, n)) for s in range(0, n, _CHUNK)]
    if threads <= 1 or len(parts) <= 1:
        for part in parts:
            run(part)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(run, parts))


def _check(codes: Sequence[str], geoms: Geometries) -> None:
    if len(codes) != len(geoms):
        raise InputError(f"区域代码有 {len(codes)} 个，图形有 {len(geoms)} 个，", "两者应一一对应。")
    if len(set(codes)) != len(codes):
        twice = sorted({c for c in codes if list(codes).count(c) > 1})
        raise InputError(f"区域代码重复：{'、'.join(twice[:5])}，", "每个代码只应出现一次，请先合并图形。")
    for code, geom in zip(codes, geoms, strict=True):
        if not isinstance(geom, shapely.Polygon | shapely.MultiPolygon) or geom.is_empty:
            kind = getattr(geom, "geom_type", "无图形")
            raise InputError(f"区域 {code} 的图形是 {kind}，", "应为非空的面，请检查边界文件。")
        if not geom.is_valid:
            why = shapely.is_valid_reason(geom)
            raise InputError(f"区域 {code} 的图形无效（{why}），", "请先用 geo.geometry.clean_polygon 修复。")


def _edges(geoms: Geometries) -> tuple[Floats, npt.NDArray[np.int32]]:
    parts, part_area = shapely.get_parts(geoms, return_index=True)
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    coords, ring = shapely.get_coordinates(rings, return_index=True)
    joined = ring[1:] == ring[:-1]
    joined[joined] = (coords[:-1][joined] != coords[1:][joined]).any(axis=1)
    edges = np.vstack([coords[:-1][joined].T, coords[1:][joined].T])
    owner = part_area[ring_part[ring[:-1][joined]]].astype(np.int32)
    down = edges[1] > edges[3]
    edges[:, down] = edges[:, down][[2, 3, 0, 1]]
    return edges, owner


def _frame(bounds: Floats, cells: int) -> tuple[Frame, int, int]:
    x_min, y_min, x_max, y_max = (float(v) for v in bounds)
    # A cell stays some 10^8 times wider than the rounding of a coordinate, so that the margins of
    # `_pip._span` always beat the rounding.
    finest = 2.0**-52 * 1e8 * max(abs(x_min), abs(x_max), abs(y_min), abs(y_max))
    width, height = x_max - x_min, y_max - y_min
    side = max(np.sqrt(width * height / cells), finest, max(width, height) / 2**15)
    n_x, n_y = max(1, int(width / side)), max(1, int(height / side))
    return (x_min, y_min, n_x / width, n_y / height, x_max, y_max), n_x, n_y


def _draw(
    edges: Floats, owner: npt.NDArray[np.int32], n_areas: int, frame: tuple[float, ...], n_x: int, n_y: int
) -> tuple[npt.NDArray[np.int32], Candidates, Floats]:
    lattice = frame[:4]
    total = _pip.count_rows(edges, lattice, n_y)
    key, edge = _pip.list_rows(edges, owner, lattice, n_y, n_areas, total)
    order = np.argsort(key, kind="stable")
    key, rows = key[order], np.ascontiguousarray(edges[:, edge[order]])
    first = np.flatnonzero(np.r_[True, key[1:] != key[:-1]])
    starts = np.r_[first, len(key)].astype(np.int64)
    keys = key[first]
    grid, cell, bucket = _pip.fill(rows, keys, starts, lattice, n_x, n_y, n_areas)

    area = (keys[bucket] % n_areas).astype(np.int32)
    flat = grid.ravel()
    whole = flat[cell]  # the lowest area that covers the whole cell hides every higher one
    seen = (whole == OUTSIDE) | (area < whole)
    touched = np.unique(cell)
    hidden = touched[flat[touched] != OUTSIDE]
    cell = np.r_[cell[seen], hidden]
    area = np.r_[area[seen], flat[hidden]]
    low = np.r_[starts[bucket[seen]], np.full(len(hidden), -1)]
    high = np.r_[starts[bucket[seen] + 1], np.full(len(hidden), -1)]
    order = np.lexsort((area, cell))
    cell, area, low, high = cell[order], area[order], low[order], high[order]
    slot = np.searchsorted(touched, cell)
    cand_start = np.searchsorted(slot, np.arange(len(touched) + 1)).astype(np.int64)
    flat[touched] = -3 - np.arange(len(touched), dtype=np.int32)
    return grid, (cand_start, area.astype(np.int32), low, high), rows
