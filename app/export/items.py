"""The things of a layer as the sheet draws them: where, how large, in which colour."""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
import shapely
from scipy.spatial import cKDTree

from app.export.context import project
from app.export.data import LayerData
from app.export.frame import Frame
from geo.geometry import point_on
from layers.spec import Style

PX = 0.19  # mm of A4 for a pixel of the screen's symbols
APPROXIMATE = ("township", "county")
DRAWN_FROM_BELOW = ("hatch", "polygon", "line", "dot", "circle", "square", "icon")
FEWEST, TOUCHING = 5_000, 0.8  # symbols; the part of them that touch another
_MAJOR_ICONS = ("quay", "plane", "lng", "tank")

# no value is no data: never the colour of a value
BLANK = "ink-4"


@dataclass(frozen=True)
class Item:
    """One thing on the sheet; ``x``, ``y`` and ``shape`` are page mm, ``radius`` mm of its symbol."""

    name: str
    props: dict[str, Any]
    shape: shapely.Geometry
    x: float
    y: float
    radius: float
    token: str
    icon: str
    rank: float

    @functools.cached_property
    def is_point(self) -> bool:
        """Whether it is drawn by a symbol."""
        return bool(shapely.get_dimensions(self.shape) == 0)

    @property
    def is_hollow(self) -> bool:
        """Whether only its town or county is known."""
        return self.props.get("location_accuracy") in APPROXIMATE

    @property
    def is_sketched(self) -> bool:
        """Whether its outline is a sketch."""
        return self.props.get("location_accuracy") == "sketched"

    @property
    def is_stalled(self) -> bool:
        """Whether it is one of the 三未."""
        return bool(self.props.get("stalled"))

    @property
    def is_demo(self) -> bool:
        """Whether it is 演示数据."""
        return bool(self.props.get("is_demo"))


@dataclass(frozen=True)
class Drawn:
    """A layer's things inside the window, and how many of its records are not."""

    data: LayerData
    items: tuple[Item, ...]
    n_beyond: int

    @functools.cached_property
    def is_dense(self) -> bool:
        """Whether its symbols are so many that most of them touch another: they are drawn as counts then."""
        points = [i for i in self.items if i.is_point]
        if len(points) < FEWEST:
            return False
        xy = np.array([(i.x, i.y) for i in points])
        asked = np.arange(0, len(points), len(points) // FEWEST)  # every so-many-th stands for its neighbours
        gaps = cKDTree(xy).query(xy[asked], k=2)[0][:, 1]
        radii = np.array([points[i].radius for i in asked])
        return bool((gaps < 2 * radii).mean() >= TOUCHING)

    def counts(self, field: str) -> dict[str, int]:
        """How many of the things drawn have each value of a field."""
        found: dict[str, int] = {}
        for item in self.items:
            value = item.props.get(field)
            for term in value if isinstance(value, list) else [value]:
                if term not in (None, ""):
                    found[str(term)] = found.get(str(term), 0) + 1
        return found


def multipoint(places: Sequence[tuple[float, float]]) -> shapely.MultiPoint:
    """Return many places as one geometry."""
    return shapely.multipoints(np.array(places, np.float64).reshape(-1, 2))


def read_items(data: LayerData, frame: Frame, u: float) -> Drawn:
    """Put a layer's GeoJSON on the sheet."""
    features = orjson.loads(data.features)["features"] if data.features else []
    features = [f for f in features if f.get("geometry")]
    if not features:
        return Drawn(data, (), 0)
    shapes = project(shapely.from_geojson([orjson.dumps(f["geometry"]) for f in features]))
    shapes = shapely.transform(shapes, frame.to_page)
    window = shapely.box(frame.x, frame.y, frame.x + frame.w, frame.y + frame.h)
    points = shapely.get_dimensions(shapes) == 0
    least = radius_mm(data.layer.style, None, u) + 0.2 * u  # a symbol is drawn whole or not at all
    inner = shapely.buffer(window, -least, join_style="mitre")
    seen = np.where(points, shapely.intersects(shapes, inner), shapely.intersects(shapes, window))
    tokens = {v.value: v.color for v in data.values if v.color}
    icons = {v.value: v.icon for v in data.values if v.icon}
    items = [
        _item(data, f["properties"], shape, window, tokens, icons, u)
        for f, shape, inside in zip(features, shapes, seen, strict=True)
        if inside
    ]
    items.sort(key=lambda item: (-item.rank, item.name))
    return Drawn(data, tuple(items), len(features) - len(items))


def read_shapes(data: LayerData, field: str, value: str) -> tuple[float, float, float, float] | None:
    """Return the box in degrees of the things whose field has a value; None without any."""
    features = orjson.loads(data.features)["features"] if data.features else []
    kept = [f["geometry"] for f in features if f.get("geometry") and f["properties"].get(field) == value]
    if not kept:
        return None
    west, south, east, north = shapely.total_bounds(shapely.from_geojson([json.dumps(g) for g in kept]))
    return (float(west), float(south), float(east), float(north))


def _item(
    data: LayerData, props: dict[str, Any], shape: shapely.Geometry, window: shapely.Geometry,
    tokens: dict[str, str], icons: dict[str, str], u: float,
) -> Item:  # fmt: skip
    style = data.layer.style
    if shape.geom_type == "MultiPoint" and len(shape.geoms) == 1:
        shape = shape.geoms[0]
    anchor = (
        shape
        if shape.geom_type == "Point"
        else point_on(shape if window.contains(shape) else shape.intersection(window))
    )
    value = props.get(style.color_by) if style.color_by else None
    terms = [str(v) for v in (value if isinstance(value, list) else [value]) if v is not None]
    token = next((tokens[t] for t in terms if t in tokens), BLANK if style.color_by else style.color or "m-park")
    icon = next((style.icons.get(t) or icons.get(t, "") for t in terms if t in icons or t in style.icons), "dot")
    radius = radius_mm(style, props.get(style.size_by) if style.size_by else None, u)
    rank = importance(data, props, icon)
    name = str(props.get("name") or "")
    return Item(name, props, shape, float(anchor.x), float(anchor.y), radius, token, icon, rank)


def radius_mm(style: Style, value: Any, u: float) -> float:
    """Radius of a point symbol: a circle's area is in proportion to its value, as on the screen."""
    if style.symbol == "circle":
        least, most = style.size_range
        at = max(style.size_at)
        known = isinstance(value, int | float) and value > 0 and at > 0
        pixels = max(least, min(1.5 * most, most * math.sqrt(value / at))) if known else least
        return pixels * PX * u
    return {"dot": 0.5, "icon": 1.75, "square": 1.0}.get(style.symbol, 1.0) * u


def level_of(data: LayerData, props: dict[str, Any], field: str) -> int:
    """Level of a recognition counted from 1; 0 without."""
    value = props.get(field)
    if value in (None, "", False):
        return 0
    terms = data.levels.get(field, ())
    return terms.index(str(value)) + 1 if str(value) in terms else 1


def importance(data: LayerData, props: dict[str, Any], icon: str) -> float:
    """Rank among the things of a layer: what keeps its label and pictogram where it is crowded."""
    style = data.layer.style
    size = props.get(style.size_by) if style.size_by else None
    rank = math.log10(size + 1) if isinstance(size, int | float) and size > 0 else 0.0
    if style.line_by:
        rank += 2 * level_of(data, props, style.line_by)
    for field in (*style.pips, style.ring_by):
        rank += level_of(data, props, field) if field else 0
    if style.symbol == "icon":
        rank += 6 if icon in _MAJOR_ICONS else 0 if icon in ("turbine", "dot") else 2
        capacity = props.get("capacity_mw")
        rank += math.log10(capacity + 1) if isinstance(capacity, int | float) and capacity > 0 else 0
        rank -= 3 if props.get("kind") == "风机" else 0
    rank -= 0.5 if props.get("location_accuracy") in APPROXIMATE else 0
    return rank - (1 if props.get("is_demo") else 0)


def thinned(items: tuple[Item, ...], gap: float) -> np.ndarray:
    """Which symbols are drawn whole: by rank, none within ``gap`` mm of a better one; the rest are dots."""
    kept: list[tuple[float, float]] = []
    whole = np.zeros(len(items), bool)
    for i, item in enumerate(items):
        if all(max(abs(item.x - x), abs(item.y - y)) >= gap for x, y in kept):
            whole[i] = True
            kept.append((item.x, item.y))
    return whole
