"""Where the map lies on the sheet: EPSG:4549 metres to millimetres of paper, at an exact ratio.

Everything is pure arithmetic. The page's origin is the upper left corner, y grows downwards, as on a form.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyproj

EPSG = 4549
CRS_TEXT = "CGCS2000 / 3 度带 120°E（EPSG:4549）"
GEOD = pyproj.Geod(ellps="GRS80")
FORWARD = pyproj.Transformer.from_crs(4490, EPSG, always_xy=True)
BACK = pyproj.Transformer.from_crs(EPSG, 4490, always_xy=True)

_RATIOS = (
    *(1, 1.05, 1.1, 1.15, 1.2, 1.25, 1.3, 1.35, 1.4, 1.45, 1.5, 1.6, 1.7, 1.8, 1.9),
    *(2, 2.1, 2.2, 2.3, 2.4, 2.5, 2.8, 3, 3.2, 3.5, 3.8, 4, 4.5, 5, 5.5, 6, 6.5, 7, 7.5, 8, 9, 10),
)
_BARS = (2, 4, 6, 8, 12)  # a quarter and a half of these read well
_STEPS = (5.0, 2.0, 1.0, 0.5, 1 / 3, 0.25, 1 / 6, 1 / 12, 1 / 20, 1 / 30, 1 / 60)

Floats = npt.NDArray[np.float64]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class ScaleBar:
    """A bar that is ``ground_m`` long on the ellipsoid and ``length_mm`` on paper."""

    ground_m: float
    length_mm: float


@dataclass(frozen=True)
class Tick:
    """Where a line of the graticule meets an edge of the frame, in page mm."""

    text: str
    edge: str
    x_mm: float
    y_mm: float


@dataclass(frozen=True)
class Frame:
    """A window of the sheet through which the map is seen.

    Attributes
    ----------
    x, y, w, h : float
        The window, page mm.
    ratio : float
        1 mm of paper is ``ratio`` mm of EPSG:4549.
    east, north : float
        The grid metres at the window's middle.
    """

    x: float
    y: float
    w: float
    h: float
    ratio: float
    east: float
    north: float

    @classmethod
    def fit(
        cls, window: Box, bounds: Box, *, margin: float = 0.03, ratio: float | None = None, lead: float = 0.5
    ) -> Frame:
        """Choose the largest round ratio at which all of ``bounds`` (grid metres) is inside the window.

        ``lead`` is the share of the room left over that lies west of the bounds.
        """
        x, y, w, h = window
        west, south, east, north = bounds
        need = 1000 * max((east - west) / (w * (1 - 2 * margin)), (north - south) / (h * (1 - 2 * margin)))
        ratio = ratio or round_ratio(need)
        slack = w * ratio / 1000 - (east - west)
        return cls(x, y, w, h, ratio, (west + east) / 2 + slack * (0.5 - lead), (south + north) / 2)

    def to_page(self, coords: npt.ArrayLike) -> Floats:
        """Grid metres (n × 2) to page mm (n × 2)."""
        grid = np.asarray(coords, np.float64)
        out = np.empty_like(grid)
        out[:, 0] = self.x + self.w / 2 + (grid[:, 0] - self.east) * 1000 / self.ratio
        out[:, 1] = self.y + self.h / 2 - (grid[:, 1] - self.north) * 1000 / self.ratio
        return out

    def place(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> Floats:
        """Degrees to page mm (n × 2)."""
        east, north = FORWARD.transform(np.atleast_1d(lon), np.atleast_1d(lat))
        return self.to_page(np.column_stack([east, north]))

    @property
    def bounds(self) -> Box:
        """West, south, east, north of the window in grid metres."""
        half_w, half_h = self.w * self.ratio / 2000, self.h * self.ratio / 2000
        return (self.east - half_w, self.north - half_h, self.east + half_w, self.north + half_h)

    @cached_property
    def centre(self) -> tuple[float, float]:
        """Longitude and latitude of the middle."""
        lon, lat = BACK.transform(self.east, self.north)
        return float(lon), float(lat)

    def contains(self, points: Floats, margin: float = 0.0) -> npt.NDArray[np.bool_]:
        """Whether page points (n × 2, mm) lie in the window, ``margin`` mm from its edge."""
        x, y = points[:, 0], points[:, 1]
        inside_x = (x >= self.x + margin) & (x <= self.x + self.w - margin)
        return np.asarray(inside_x & (y >= self.y + margin) & (y <= self.y + self.h - margin), np.bool_)

    def page_length(self, ground_m: float) -> float:
        """Length on paper (mm) of an east-west geodesic through the middle, ``ground_m`` metres long."""
        lon, lat = self.centre
        lons, lats, _ = GEOD.fwd([lon, lon], [lat, lat], [90.0, 270.0], [ground_m / 2, ground_m / 2])
        ends = self.place(lons, lats)
        return float(np.hypot(*(ends[0] - ends[1])))

    def scale_bar(self, most_mm: float) -> ScaleBar:
        """Choose a round ground length whose bar is at most ``most_mm`` long."""
        exponent = math.floor(math.log10(most_mm * self.ratio / 1000)) + 1
        lengths = [b * 10.0**e for e in range(exponent - 3, exponent + 1) for b in _BARS]
        fitting = [ScaleBar(m, self.page_length(m)) for m in lengths if m * 1000 / self.ratio < 1.2 * most_mm]
        return max((bar for bar in fitting if bar.length_mm <= most_mm), key=lambda bar: bar.length_mm)

    def north_at(self, x: float, y: float) -> float:
        """Angle of true north from the page's up at a page point, degrees clockwise."""
        east = self.east + (x - self.x - self.w / 2) * self.ratio / 1000
        north = self.north - (y - self.y - self.h / 2) * self.ratio / 1000
        lon, lat = BACK.transform(east, north)
        e2, n2 = FORWARD.transform(lon, lat + 0.01)
        return math.degrees(math.atan2(e2 - east, n2 - north))

    def graticule(self) -> tuple[list[Floats], list[Tick]]:
        """Return the lines of the graticule as page mm, unclipped, and the ticks on the frame."""
        west, south, east, north = self.bounds
        edge = np.linspace(0, 1, 41)
        xs = np.r_[west + edge * (east - west), west + edge * (east - west), np.full(41, west), np.full(41, east)]
        side = south + edge * (north - south)
        ys = np.r_[np.full(41, south), np.full(41, north), side, side]
        lon, lat = BACK.transform(xs, ys)
        low, high = (float(lon.min()), float(lat.min())), (float(lon.max()), float(lat.max()))
        span = min(high[0] - low[0], (high[1] - low[1]) * 1.15)
        step = next((s for s in _STEPS if span / s >= 3), _STEPS[-1])
        lines, ticks = [], []
        for axis in (0, 1):
            other = np.linspace(low[1 - axis] - 0.05, high[1 - axis] + 0.05, 121)
            for i in range(math.ceil(low[axis] / step), math.floor(high[axis] / step) + 1):
                value = np.full_like(other, i * step)
                line = self.place(value, other) if axis == 0 else self.place(other, value)
                lines.append(line)
                ticks += self._ticks(line, axis, degree_text(i * step, "EN"[axis]))
        return lines, ticks

    def _ticks(self, line: Floats, axis: int, text: str) -> list[Tick]:
        """Where one line crosses its two edges: meridians top and bottom, parallels left and right."""
        found = []
        edges = [("bottom", self.y + self.h), ("top", self.y)]
        if axis == 1:
            edges = [("left", self.x), ("right", self.x + self.w)]
        along, across = (1, 0) if axis == 0 else (0, 1)
        order = np.argsort(line[:, along])
        low, size = (self.x, self.w) if axis == 0 else (self.y, self.h)
        for name, at in edges:
            other = float(np.interp(at, line[order, along], line[order, across]))
            if low <= other <= low + size:
                found.append(Tick(text, name, *((other, at) if axis == 0 else (at, other))))
        return found


def round_ratio(need: float) -> float:
    """Return the smallest round ratio that is not below ``need``."""
    power = 10.0 ** math.floor(math.log10(need))
    return next(r * power for r in _RATIOS if r * power >= need * (1 - 1e-12))


def degree_text(value: float, letter: str) -> str:
    """Write degrees and minutes: 119°30′E."""
    minutes = round(value * 60)
    return f"{minutes // 60}°{minutes % 60:02d}′{letter}"
