"""Which cells of the pyramid lie wholly inside an area, and which its border crosses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

Ints = npt.NDArray[np.int64]
MOST_CELLS = 40_000
MARGIN = 1e-9  # degrees, a tenth of a millimetre: rounding between degrees and the plane


@dataclass(frozen=True)
class Cover:
    """Cells (level, x, y) inside an area, and those that its border may cross. No cell is in two of them."""

    inside: Ints
    border: Ints


def morton_of(x: Ints, y: Ints) -> Ints:
    """Return the Morton numbers of squares: x in the even bits, y in the odd ones."""

    def spread(v: Ints) -> Ints:
        v = (v | (v << 8)) & 0x00FF00FF
        v = (v | (v << 4)) & 0x0F0F0F0F
        v = (v | (v << 2)) & 0x33333333
        return (v | (v << 1)) & 0x55555555

    return spread(np.asarray(x, np.int64)) | (spread(np.asarray(y, np.int64)) << 1)


def _lat(y: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * y)))), np.float64)


def cell_boxes(level: int, x: Ints, y: Ints) -> npt.NDArray[np.object_]:
    """Return cells as boxes in degrees, a tenth of a millimetre wider than they are."""
    n = float(2**level)
    west, east = x / n * 360 - 180, (x + 1) / n * 360 - 180
    south, north = _lat((y + 1) / n), _lat(y / n)
    return np.asarray(shapely.box(west - MARGIN, south - MARGIN, east + MARGIN, north + MARGIN), dtype=object)


def cover(area: shapely.Geometry, levels: Sequence[int], most: int = MOST_CELLS) -> Cover:
    """Cover an area with cells, the coarsest inside first, down to the finest level or to ``most`` border cells.

    Parameters
    ----------
    area : polygon or multi-polygon, degrees
    levels : ascending sequence of int
        The levels there are; level L has 2^L squares a side of the web Mercator plane.
    """
    shapely.prepare(area)
    west, south, east, north = area.bounds
    n = 2 ** levels[0]
    rows = (1 - np.arcsinh(np.tan(np.radians(np.array([north, south])))) / np.pi) / 2 * n
    xs = np.arange(max(0, int((west + 180) / 360 * n)), min(n - 1, int((east + 180) / 360 * n)) + 1)
    ys = np.arange(max(0, int(rows[0])), min(n - 1, int(rows[1])) + 1)
    x, y = (g.ravel().astype(np.int64) for g in np.meshgrid(xs, ys))
    inside: list[Ints] = []
    for i, level in enumerate(levels):
        boxes = cell_boxes(level, x, y)
        touches = shapely.intersects(area, boxes)
        within = np.zeros(len(boxes), dtype=bool)
        within[touches] = shapely.contains_properly(area, boxes[touches])
        inside.append(np.column_stack([np.full(within.sum(), level), x[within], y[within]]))
        x, y = x[touches & ~within], y[touches & ~within]
        finer = levels[i + 1] - level if i + 1 < len(levels) else 0
        if not finer or len(x) * 4**finer > 16 * most:
            return Cover(np.concatenate(inside), np.column_stack([np.full(len(x), level), x, y]))
        step = np.arange(2**finer)
        x = ((x[:, None, None] << finer) + step[None, :, None] + 0 * step[None, None, :]).ravel()
        y = ((y[:, None, None] << finer) + step[None, None, :] + 0 * step[None, :, None]).ravel()
    raise AssertionError("levels must not be empty")
