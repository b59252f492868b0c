"""Places for labels: one after the other, each where it hides nothing more important. Pure geometry, page mm."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

Box = tuple[float, float, float, float]  # left, top, right, bottom
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Wanted:
    """A label that wants a place: size of its text and the symbol (a disc) it belongs to, page mm."""

    text: str
    width: float
    height: float
    x: float
    y: float
    radius: float


@dataclass(frozen=True)
class Placed:
    """Where a label stands: its box, and the end of its leader line when it stands apart."""

    wanted: Wanted
    box: Box
    leader: tuple[float, float] | None = None


class Placer:
    """Greedy placement: what has been placed is never covered; discs are covered only when asked."""

    def __init__(self, window: Box) -> None:
        self.window = window
        self._boxes = np.empty((0, 4))
        self._discs = np.empty((0, 3))  # by x
        self._largest = 0.0

    def block(self, box: Box) -> None:
        """Keep labels off a box."""
        self._boxes = np.vstack([self._boxes, box])

    def block_discs(self, centres: Floats, radii: npt.ArrayLike) -> None:
        """Keep labels off symbols (n × 2, mm)."""
        sizes = np.broadcast_to(np.asarray(radii, np.float64), len(centres))
        every = np.vstack([self._discs, np.column_stack([centres, sizes])])
        self._discs = every[np.argsort(every[:, 0], kind="stable")]
        self._largest = float(every[:, 2].max(initial=0.0))

    def is_free(self, box: Box, gap: float = 0.25) -> bool:
        """Whether a box is inside the window and off everything that has been placed."""
        left, top, right, bottom = box
        x0, y0, x1, y1 = self.window
        if left < x0 or top < y0 or right > x1 or bottom > y1:
            return False
        b = self._boxes
        hit = (b[:, 0] < right + gap) & (b[:, 2] > left - gap) & (b[:, 1] < bottom + gap) & (b[:, 3] > top - gap)
        return not bool(hit.any())

    def covered(self, box: Box) -> float:
        """How much of symbols a box would hide: the sum over discs of the depth it reaches into them, mm."""
        left, top, right, bottom = box
        first, last = np.searchsorted(self._discs[:, 0], (left - self._largest, right + self._largest))
        d = self._discs[first:last]
        dx = np.maximum(np.maximum(left - d[:, 0], d[:, 0] - right), 0)
        dy = np.maximum(np.maximum(top - d[:, 1], d[:, 1] - bottom), 0)
        return float(np.maximum(d[:, 2] - np.hypot(dx, dy), 0).sum())

    def at_symbol(self, wanted: Wanted, *, tolerance: float = 0.25, far: bool = True) -> Placed | None:
        """Place a label beside its symbol, or further away with a leader line; None when there is no room."""
        best: tuple[float, Placed] | None = None
        for cost, box in _around(wanted):
            if self.is_free(box):
                hidden = self.covered(box)
                if hidden <= tolerance and (best is None or cost + 4 * hidden < best[0]):
                    best = (cost + 4 * hidden, Placed(wanted, box))
        if best is None and far:
            for box in _further(wanted):
                if self.is_free(box) and self.covered(box) <= 0.01:
                    best = (0.0, Placed(wanted, box, _nearest(box, wanted.x, wanted.y)))
                    break
        if best is None:
            return None
        self.block(best[1].box)
        return best[1]

    def inside(self, wanted: Wanted, polygon: shapely.Geometry) -> Placed | None:
        """Place an area's name inside it (page mm), near its preferred point and off symbols where possible."""
        shapely.prepare(polygon)
        best: tuple[float, Box] | None = None
        for x, y in _grid(polygon, wanted):
            far = float(np.hypot(x - wanted.x, y - wanted.y))
            if best is not None and far >= best[0]:
                break  # the spots come by distance: none of the others can cost less
            box = (x - wanted.width / 2, y - wanted.height / 2, x + wanted.width / 2, y + wanted.height / 2)
            if not self.is_free(box, 0.5) or not polygon.contains(shapely.box(*box)):
                continue
            cost = far + 12 * self.covered(box)
            if best is None or cost < best[0]:
                best = (float(cost), box)
        if best is None:
            return None
        self.block(best[1])
        return Placed(wanted, best[1])


def _around(w: Wanted) -> Iterable[tuple[float, Box]]:
    gap = w.radius + 0.7
    diagonal = 0.72 * w.radius + 0.4
    spots = (
        (0.0, w.x + gap, w.y - w.height / 2),
        (0.4, w.x - gap - w.width, w.y - w.height / 2),
        (0.6, w.x - w.width / 2, w.y - gap - w.height),
        (0.7, w.x - w.width / 2, w.y + gap),
        (0.8, w.x + diagonal, w.y - diagonal - w.height),
        (0.9, w.x + diagonal, w.y + diagonal),
        (1.0, w.x - diagonal - w.width, w.y - diagonal - w.height),
        (1.1, w.x - diagonal - w.width, w.y + diagonal),
    )
    for cost, left, top in spots:
        yield cost, (left, top, left + w.width, top + w.height)


def _further(w: Wanted) -> Iterable[Box]:
    for distance in (4.0, 6.5, 9.5):
        for angle in np.arange(0, 360, 22.5):
            dx, dy = np.cos(np.radians(angle)), np.sin(np.radians(angle))
            x, y = w.x + (w.radius + distance) * dx, w.y + (w.radius + distance) * dy
            left = x if dx > 0.38 else x - w.width if dx < -0.38 else x - w.width / 2
            top = y - w.height / 2
            yield (left, top, left + w.width, top + w.height)


def _nearest(box: Box, x: float, y: float) -> tuple[float, float]:
    return float(np.clip(x, box[0], box[2])), float(np.clip(y, box[1], box[3]))


def _grid(polygon: shapely.Geometry, wanted: Wanted, step: float = 1.5) -> Sequence[tuple[float, float]]:
    """The preferred point, then points of a grid over the polygon."""
    left, top, right, bottom = polygon.bounds
    xs = np.arange(left + wanted.width / 2, right - wanted.width / 2 + 1e-9, step)
    ys = np.arange(top + wanted.height / 2, bottom - wanted.height / 2 + 1e-9, step)
    grid = [(float(x), float(y)) for x in xs for y in ys]
    near = sorted(grid, key=lambda p: (p[0] - wanted.x) ** 2 + (p[1] - wanted.y) ** 2)
    return [(wanted.x, wanted.y), *near]
