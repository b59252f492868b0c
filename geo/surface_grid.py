"""The cells of a city as locations that criteria measure; see ``geo.surface``."""

from __future__ import annotations

import functools
import itertools
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import cKDTree

from geo._jit import jit
from geo.criteria_base import Bools, Floats, Ints, Places, World
from geo.criteria_sites import EMPTY
from geo.errors import InputError
from geo.network import RoadGraph, RoadTable
from geo.surface_distance import distance_transform, fill_polygon

CELL_M = 100.0
MARGIN_CELLS = 50
MAX_CELLS = 40_000_000
#: Up to this many points, looking at each is faster than a tree.
FEW = 64


@dataclass(frozen=True, eq=False)
class Grid:
    """The cells of a city.

    Attributes
    ----------
    west, north : float
        Outer corner, EPSG:4549 metres.
    cell_m : float
        Side of a cell.
    shape : (int, int)
        Rows and columns of the rectangle.
    cells : ndarray of int, (n,)
        Positions of the kept cells in the rectangle, row by row.
    area : ndarray of int, (n,)
        Which of the areas each lies in.
    codes : tuple of str
        The areas' codes.
    """

    west: float
    north: float
    cell_m: float
    shape: tuple[int, int]
    cells: Ints
    area: Ints
    codes: tuple[str, ...]
    _near: dict[int, tuple[Floats, Ints]] = field(default_factory=dict, repr=False)

    @classmethod
    def build(cls, codes: Sequence[str], areas: Sequence[shapely.Geometry], cell_m: float = CELL_M) -> Grid:
        """Lay a grid over areas, (EPSG:4549), lowest code first where two would have a cell.

        Raises
        ------
        InputError
            No area, or too many cells.
        """
        if not len(areas):
            raise InputError("没有行政区界线，", "请先导入 boundary 图层。")
        west, south, east, north = shapely.total_bounds(np.asarray(areas, object))
        west, north = (
            (np.floor(west / cell_m) - MARGIN_CELLS) * cell_m,
            (np.ceil(north / cell_m) + MARGIN_CELLS) * cell_m,
        )
        h = int(np.ceil((north - south) / cell_m)) + MARGIN_CELLS
        w = int(np.ceil((east - west) / cell_m)) + MARGIN_CELLS
        if h * w > MAX_CELLS:
            raise InputError(f"{cell_m:g} 米网格有 {h * w:,} 格，", f"最多 {MAX_CELLS:,} 格，请放大网格。")
        which = np.full((h, w), -1, np.int16)
        for k in sorted(range(len(codes)), key=lambda k: codes[k], reverse=True):
            which[fill_polygon(areas[k], west, north, cell_m, (h, w))] = k
        cells = np.flatnonzero(which >= 0)
        return cls(
            float(west), float(north), cell_m, (h, w), cells, which.ravel()[cells].astype(np.int64), tuple(codes)
        )

    def __len__(self) -> int:
        return len(self.cells)

    @functools.cached_property
    def xy(self) -> Floats:
        """Centres, (n, 2), metres."""
        row, column = np.divmod(self.cells, self.shape[1])
        x = self.west + (column + 0.5) * self.cell_m
        return np.column_stack([x, self.north - (row + 0.5) * self.cell_m])

    def full(self, values: npt.ArrayLike, blank: Any) -> npt.NDArray[Any]:
        """Return one value per kept cell as a rectangle, ``blank`` elsewhere."""
        array = np.asarray(values)
        made = np.full(self.shape, blank, array.dtype)
        made.ravel()[self.cells] = array
        return made

    def find(self, xy: npt.ArrayLike) -> Ints:
        """Return the kept cell that holds each point, (k, 2) metres; -1 for none."""
        points = np.asarray(xy, np.float64).reshape(-1, 2)
        column = np.floor((points[:, 0] - self.west) / self.cell_m)
        row = np.floor((self.north - points[:, 1]) / self.cell_m)
        good = np.isfinite(row + column) & (row >= 0) & (column >= 0) & (row < self.shape[0]) & (column < self.shape[1])
        flat = np.where(good, row * self.shape[1] + column, -1).astype(np.int64)
        at = np.minimum(np.searchsorted(self.cells, flat), max(len(self.cells) - 1, 0))
        return np.where(self.cells[at] == flat, at, -1) if len(self.cells) else np.full(len(points), -1)

    def covered(self, shapes: Iterable[Any]) -> Bools:
        """Return which kept cells have their centre in any of some outlines."""
        return self._rectangle(shapes).ravel()[self.cells]

    def _rectangle(self, shapes: Iterable[Any]) -> Bools:
        made = np.zeros(self.shape, np.bool_)
        for shape in shapes:
            if shape is not None and not shape.is_empty:
                made |= fill_polygon(shape, self.west, self.north, self.cell_m, self.shape)
        return made

    def nearest_m(self, places: Places) -> Floats:
        """See ``geo.criteria_base.Locations``."""
        if len(places) == 0:
            return np.full(len(self), np.nan)
        if places.shapes is not None:
            mask = self._rectangle(places.shapes)
            row = np.floor((self.north - places.xy[:, 1]) / self.cell_m).astype(np.int64)
            column = np.floor((places.xy[:, 0] - self.west) / self.cell_m).astype(np.int64)
            good = (row >= 0) & (column >= 0) & (row < self.shape[0]) & (column < self.shape[1])
            mask[row[good], column[good]] = True  # what is smaller than a cell
            found = distance_transform(mask).ravel()[self.cells].astype(np.float64) * self.cell_m
            return np.where(np.isinf(found), np.nan, found)
        if len(places) <= FEW:
            return self._each(lambda xy, _: _nearest(xy, places.xy))
        return np.asarray(cKDTree(places.xy).query(self.xy, workers=-1)[0], np.float64)

    def road(self, places: Places, world: World, detour: float) -> RoadTable:
        """See ``geo.criteria_base.Locations``; only the total is there."""
        graph = world.roads or EMPTY
        nothing = np.full(len(self), np.nan)
        none = np.full(len(self), -1)
        if len(places) == 0:
            return RoadTable(nothing, nothing, nothing, nothing, none, none)
        legs, nodes = self._graph_near(graph)
        reach = graph.reach(places.xy, detour)
        straight = self.nearest_m(Places.at(places.xy))
        if legs.shape[1] == 0:
            return RoadTable(straight * detour, nothing, nothing, nothing, none, none)
        total = self._each(
            lambda _, s: _by_road(legs[s], nodes[s], reach.node_m, reach.exit_m, straight[s] * detour, detour)
        )
        return RoadTable(total, nothing, nothing, nothing, none, none)

    def _graph_near(self, graph: RoadGraph) -> tuple[Floats, Ints]:
        if id(graph) not in self._near:
            self._near.clear()
            self._near[id(graph)] = graph.near(self.xy)
        return self._near[id(graph)]

    def _each(self, work: Callable[[Floats, slice], Floats]) -> Floats:
        """Run a function of (centres, slice) over parts of the cells on all cores."""
        n = os.cpu_count() or 1
        edges = np.linspace(0, len(self), n + 1).astype(int).tolist()
        parts = [slice(a, b) for a, b in itertools.pairwise(edges)]
        with ThreadPoolExecutor(max_workers=n) as pool:
            return np.concatenate(list(pool.map(lambda s: work(self.xy[s], s), parts)))

    def sum_within(self, places: Places, radius_m: float, amounts: Floats | None = None) -> Floats:
        """See ``geo.criteria_base.Locations``."""
        if len(places) == 0:
            return np.full(len(self), np.nan)
        weight = np.ones(len(places)) if amounts is None else np.nan_to_num(amounts)
        made: Floats = _stamp(places.xy, weight, radius_m, self.west, self.north, self.cell_m, *self.shape, False)
        return made.ravel()[self.cells]

    def density(self, places: Places, bandwidth_m: float) -> Floats:
        """See ``geo.criteria_base.Locations``."""
        if len(places) == 0:
            return np.full(len(self), np.nan)
        each = np.full(len(places), 3.0 / (np.pi * bandwidth_m**2) * 1e6)
        made: Floats = _stamp(places.xy, each, bandwidth_m, self.west, self.north, self.cell_m, *self.shape, True)
        return made.ravel()[self.cells]

    def number(self, column: str) -> Floats:  # noqa: ARG002 - a cell has no figures of its own
        """See ``geo.criteria_base.Locations``."""
        return np.full(len(self), np.nan)

    def by_park(self, amounts: Floats, outside: float, world: World) -> Floats:
        """See ``geo.criteria_base.Locations``; the first of parks that overlap."""
        made = np.full(self.shape, outside)
        shapes = world.places("park").shapes
        for k in reversed(range(0 if shapes is None else len(shapes))):
            assert shapes is not None
            if shapes[k].area > 0:
                made[fill_polygon(shapes[k], self.west, self.north, self.cell_m, self.shape)] = amounts[k]
        return made.ravel()[self.cells]

    def by_county(self, amounts: Mapping[str, float]) -> Floats:
        """See ``geo.criteria_base.Locations``."""
        return np.array([amounts.get(code, np.nan) for code in self.codes], np.float64)[self.area]


@jit
def _nearest(xy, points):  # type: ignore[no-untyped-def]
    out = np.empty(xy.shape[0])
    for i in range(xy.shape[0]):
        best = np.inf
        for k in range(points.shape[0]):
            dx, dy = xy[i, 0] - points[k, 0], xy[i, 1] - points[k, 1]
            best = min(best, dx * dx + dy * dy)
        out[i] = np.sqrt(best)
    return out


@jit
def _by_road(legs, nodes, node_m, exit_m, direct, detour):  # type: ignore[no-untyped-def]
    out = np.empty(legs.shape[0])
    for i in range(legs.shape[0]):
        best, leg, by = np.inf, 0.0, -1
        for k in range(legs.shape[1]):
            way = legs[i, k] * detour + node_m[nodes[i, k]]
            if way < best:
                best, leg, by = way, legs[i, k] * detour, nodes[i, k]
        out[i] = best if by >= 0 and leg + exit_m[by] < direct[i] else direct[i]
    return out


@jit
def _stamp(xy, amounts, radius, west, north, cell, h, w, kernel):  # type: ignore[no-untyped-def]
    out = np.zeros((h, w))
    for p in range(xy.shape[0]):
        if amounts[p] == 0.0:
            continue
        x, y = xy[p, 0] - west, north - xy[p, 1]
        first, last = max(int((y - radius) / cell - 0.5), 0), min(int((y + radius) / cell - 0.5) + 1, h - 1)
        for i in range(first, last + 1):
            dy = (i + 0.5) * cell - y
            reach = radius * radius - dy * dy
            if reach < 0:
                continue
            half = np.sqrt(reach)
            for j in range(max(int((x - half) / cell - 0.5), 0), min(int((x + half) / cell - 0.5) + 1, w - 1) + 1):
                dx = (j + 0.5) * cell - x
                away = (dx * dx + dy * dy) / (radius * radius)
                if away <= 1.0:
                    out[i, j] += amounts[p] * (1.0 - away) ** 2 if kernel else amounts[p]
    return out
