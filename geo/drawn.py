"""Areas that a person draws, as one line of text: shapes in steps, joined, cut and intersected.

``poly:120.1,33.2,120.3,33.2,120.2,33.4~d.circle:120.2,33.3,2000`` is a triangle less a circle. A step is an
operator (``u.`` with, ``i.`` only within, ``d.`` without; the first step has none) and a shape:

    poly:lon,lat,…          a ring (closed by itself)
    box:west,south,east,north
    circle:lon,lat,metres   on the ellipsoid
    line:metres,lon,lat,…   everything within so many metres of a line
    area:CODE               a county
    near:LAYER,ID,metres    round a thing
    along:NAME,metres       round a named line of the base map
    saved:ID                an area kept under a name
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
import shapely

from geo.errors import InputError

OPERATORS = {"u": "union", "i": "intersection", "d": "difference"}
MOST_STEPS = 20
MOST_NUMBERS = 4000
FARTHEST_M = 300_000.0
CORNERS = 128  # of a circle
LOCAL = "EPSG:4549"

_GRS80 = pyproj.Geod(ellps="GRS80")


@dataclass(frozen=True)
class Step:
    """One step: what is done (``union`` for the first), the kind of shape, its words and its numbers."""

    operator: str
    kind: str
    words: tuple[str, ...]
    numbers: tuple[float, ...]


# kind -> (number of words before the numbers, least and most numbers)
KINDS: dict[str, tuple[int, int, int]] = {
    "poly": (0, 6, MOST_NUMBERS),
    "box": (0, 4, 4),
    "circle": (0, 3, 3),
    "line": (0, 5, MOST_NUMBERS),
    "area": (1, 0, 0),
    "near": (2, 1, 1),
    "along": (1, 1, 1),
    "saved": (1, 0, 0),
}


def _wrong(text: str, why: str) -> InputError:
    return InputError(f"范围“{text[:60]}”看不懂：{why}。", "请重新画出范围，或检查网址。", area=text[:200])


def parse_area(text: str) -> tuple[Step, ...]:
    """Read an area's text.

    Raises
    ------
    InputError
        Says which step is wrong and why.
    """
    parts = text.split("~")
    if not text or len(parts) > MOST_STEPS:
        raise _wrong(text, f"应有 1 到 {MOST_STEPS} 步")
    steps = []
    for i, part in enumerate(parts):
        head, mark, rest = part.partition(":")
        letter, dot, kind = head.partition(".")
        if not dot:
            letter, kind = "u", head
        if letter not in OPERATORS or kind not in KINDS or not mark or (i == 0 and letter != "u"):
            raise _wrong(part, "没有这种形状或运算")
        n_words, least, most = KINDS[kind]
        values = rest.split(",")
        words, numbers = tuple(values[:n_words]), values[n_words:]
        if len(words) < n_words or not all(words) or not least <= len(numbers) <= most:
            raise _wrong(part, "数字的个数不对")
        try:
            found = tuple(float(v) for v in numbers)
        except ValueError as error:
            raise _wrong(part, "有一处不是数字") from error
        if not all(math.isfinite(v) for v in found):
            raise _wrong(part, "数字太大")
        step = Step(OPERATORS[letter], kind, words, found)
        _check(step, part)
        steps.append(step)
    return tuple(steps)


def _check(step: Step, part: str) -> None:
    metres = {"circle": step.numbers[2:3], "line": step.numbers[:1], "near": step.numbers, "along": step.numbers}
    for value in metres.get(step.kind, ()):
        if not 0 < value <= FARTHEST_M:
            raise _wrong(part, f"距离应大于 0，不超过 {FARTHEST_M / 1000:.0f} 公里")
    places = {"poly": step.numbers, "box": step.numbers, "circle": step.numbers[:2], "line": step.numbers[1:]}
    pairs = places.get(step.kind, ())
    if len(pairs) % 2:
        raise _wrong(part, "经纬度要成对")
    for lon, lat in zip(pairs[::2], pairs[1::2], strict=True):
        if not (-180 <= lon <= 180 and -85 <= lat <= 85):
            raise _wrong(part, "经纬度超出范围")


def circle(lon: float, lat: float, metres: float) -> shapely.Polygon:
    """Return the polygon of the points so many metres from a point on GRS80, at 128 bearings."""
    bearings = np.linspace(0.0, 360.0, CORNERS, endpoint=False)
    ones = np.ones(CORNERS)
    x, y, _ = _GRS80.fwd(lon * ones, lat * ones, bearings, metres * ones)
    return shapely.Polygon(np.column_stack([x, y]))


def buffer_m(shape: shapely.Geometry, metres: float) -> shapely.Geometry:
    """Return everything within so many metres of a shape: of a point its circle, else measured in EPSG:4549.

    That projection is true to 0.02 % within the city. Degrees in, degrees out.
    """
    if shape.geom_type == "Point":
        return circle(shape.x, shape.y, metres)
    there = pyproj.Transformer.from_crs("EPSG:4490", LOCAL, always_xy=True)
    plane = shapely.transform(shape, lambda xy: np.column_stack(there.transform(xy[:, 0], xy[:, 1])))
    # piece by piece and then joined: the buffer of a whole network at once takes ten times as long
    wide = shapely.union_all(
        shapely.buffer(shapely.get_parts(shapely.simplify(plane, metres / 500)), metres, quad_segs=16)
    )
    return shapely.transform(wide, lambda xy: np.column_stack(there.transform(xy[:, 0], xy[:, 1], direction="INVERSE")))


def shape_of(step: Step, look_up: Callable[[Step], shapely.Geometry]) -> shapely.Geometry:
    """Return a step's shape in degrees; ``look_up`` gives what stands in the database or the base map."""
    n = step.numbers
    if step.kind == "poly":
        return shapely.Polygon(np.reshape(n, (-1, 2)))
    if step.kind == "box":
        return shapely.box(min(n[0], n[2]), min(n[1], n[3]), max(n[0], n[2]), max(n[1], n[3]))
    if step.kind == "circle":
        return circle(n[0], n[1], n[2])
    if step.kind == "line":
        return buffer_m(shapely.LineString(np.reshape(n[1:], (-1, 2))), n[0])
    found = look_up(step)
    return buffer_m(found, n[0]) if step.kind in ("near", "along") else found


def combine(steps: Sequence[Step], look_up: Callable[[Step], shapely.Geometry]) -> shapely.MultiPolygon:
    """Return the area of the steps taken one after another, in degrees (EPSG:4490).

    Raises
    ------
    InputError
        Nothing is left of the area, or a shape has none.
    """
    whole: shapely.Geometry = shapely.MultiPolygon()
    for step in steps:
        shape = _polygons(shape_of(step, look_up))
        how: Any = getattr(shapely, step.operator)
        whole = _polygons(how(whole, shape))
    if whole.is_empty:
        raise InputError("这个范围里什么也不剩。", "请检查相交和减去的范围，或撤销最后一步。")
    return whole


def _polygons(shape: shapely.Geometry) -> shapely.MultiPolygon:
    valid = shape if shape.is_valid else shapely.make_valid(shape)
    parts = [p for p in shapely.get_parts(valid) for p in shapely.get_parts(p) if p.geom_type == "Polygon"]
    return shapely.MultiPolygon([p for p in parts if p.area > 0])
