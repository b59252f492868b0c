"""Which area is a thing in? The exact cell index, and the shares of polygons and lines.

The areas are drawn once on a grid of cells. A cell that no border passes is a table look-up; a cell that a
border passes keeps its candidates in order of code and runs the exact test on the edges of its row. The
rule is one for every caller: an area covers its border, and where several areas cover a point, the lowest
code has it. Coordinates are degrees of one datum (EPSG:4490 in storage), edges straight in lon, lat, as
PostGIS ``ST_Covers(geometry, geometry)`` sees them; orientation is decided exactly, never by a tolerance.
"""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from geo import _pip
from geo._shares import LineShares, Shares, line_shares, polygon_shares
from geo.errors import InputError

__all__ = ["OUTSIDE", "UNLOCATED", "AreaIndex", "LineShares", "Shares"]

OUTSIDE = _pip.OUTSIDE
UNLOCATED = _pip.UNLOCATED

_CELLS_PER_EDGE, _FEWEST_CELLS, _MOST_CELLS = 64, 2**16, 2**26
_CHUNK = 250_000

Geometries = npt.NDArray[np.object_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


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
    _grid: npt.NDArray[np.int32]
    _frame: tuple[float, float, float, float, float, float]
    _candidates: tuple[Ints, npt.NDArray[np.int32], Ints, Ints]
    _edges: Floats

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
            nothing = np.zeros(0, np.int64)
            grid = np.full((1, 1), OUTSIDE, np.int32)
            frame = (0.0, 0.0, 1.0, 1.0, -np.inf, -np.inf)
            empty = (np.zeros(1, np.int64), np.zeros(0, np.int32), nothing, nothing)
            return cls(names, array, grid, frame, empty, np.zeros((0, 4)))
        edges, owner = _edges(array)
        wanted = cells or min(max(_CELLS_PER_EDGE * len(edges), _FEWEST_CELLS), _MOST_CELLS)
        frame, n_x, n_y = _frame(shapely.total_bounds(array), wanted)
        grid, candidates, edges = _draw(edges, owner, len(names), frame, n_x, n_y)
        return cls(names, array, grid, frame, candidates, edges)

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
        if np.ndim(lon) != 1 or np.shape(lon) != np.shape(lat):
            raise InputError(f"经度有 {np.shape(lon)}，纬度有 {np.shape(lat)}，", "请给出两个等长的一维数组。")
        x, y = _plain(lon), _plain(lat)
        out = np.empty(len(x), np.int32)

        def run(start: int, stop: int) -> None:
            part = slice(start, stop)
            _pip.locate(x[part], y[part], self._grid, self._frame, *self._candidates, self._edges, out[part])

        if threads <= 1 or len(x) <= _CHUNK:
            run(0, len(x))
        else:
            starts = range(0, len(x), _CHUNK)
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(run, starts, [min(s + _CHUNK, len(x)) for s in starts]))
        return out

    def polygons(self, geoms: Iterable[object]) -> Shares:
        """Split polygons among the areas; see :func:`geo._shares.polygon_shares`."""
        return polygon_shares(self.geoms, np.array(list(geoms), dtype=object))

    def lines(self, geoms: Iterable[object]) -> LineShares:
        """Split lines among the areas; see :func:`geo._shares.line_shares`."""
        return line_shares(self.geoms, np.array(list(geoms), dtype=object))


def _objects(geoms: Iterable[object]) -> Geometries:
    listed = list(geoms)
    array: Geometries = np.empty(len(listed), np.object_)
    array[:] = listed
    return array


def _plain(values: npt.ArrayLike) -> Floats:
    # One memory layout, one compiled signature: pandas hands out read-only arrays.
    array = np.ascontiguousarray(values, np.float64)
    return array if array.flags.writeable else array.copy()


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
    edges = np.hstack([coords[:-1], coords[1:]])[joined]
    owner = part_area[ring_part[ring[:-1][joined]]].astype(np.int32)
    long = (edges[:, :2] != edges[:, 2:]).any(axis=1)
    edges, owner = edges[long], owner[long]
    down = edges[:, 1] > edges[:, 3]
    edges[down] = edges[down][:, [2, 3, 0, 1]]
    return edges, owner


def _frame(bounds: Floats, cells: int) -> tuple[tuple[float, float, float, float, float, float], int, int]:
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
) -> tuple[npt.NDArray[np.int32], tuple[Ints, npt.NDArray[np.int32], Ints, Ints], Floats]:
    lattice = frame[:4]
    total = _pip.count_rows(edges, lattice, n_y)
    key, edge = _pip.list_rows(edges, owner, lattice, n_y, n_areas, total)
    order = np.argsort(key, kind="stable")
    key, rows = key[order], edges[edge[order]]
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
    flat[touched] = -2 - np.arange(len(touched), dtype=np.int32)
    return grid, (cand_start, area.astype(np.int32), low, high), np.ascontiguousarray(rows)
