"""The counties as outlines fitted into a small picture, north up."""

from __future__ import annotations

import functools
import json
import math
from dataclasses import dataclass

import shapely

DETAIL_PX = 0.5


@dataclass(frozen=True)
class Shape:
    """A county in the picture: its outline and where its number stands, in pixels."""

    code: str
    name: str
    path: str
    x: float
    y: float


@functools.lru_cache(maxsize=8)
def shapes(areas: bytes, width: int, height: int, margin: int = 5) -> tuple[Shape, ...]:
    """Return the counties of a GeoJSON (CRS84) fitted into a picture, north up, true at the middle latitude."""
    features = json.loads(areas)["features"]
    if not features:
        return ()
    found = [shapely.geometry.shape(f["geometry"]) for f in features]
    west, south, east, north = shapely.total_bounds(found)
    narrow = math.cos(math.radians((south + north) / 2))
    scale = min((width - 2 * margin) / ((east - west) * narrow), (height - 2 * margin) / (north - south))
    left = (width - (east - west) * narrow * scale) / 2
    top = (height - (north - south) * scale) / 2
    flat = [shapely.transform(g, lambda c: (c - [west, north]) * [narrow * scale, -scale] + [left, top]) for g in found]
    fine = shapely.coverage_simplify(flat, DETAIL_PX)
    made = []
    for feature, shape in zip(features, fine, strict=True):
        at = shapely.maximum_inscribed_circle(shape).coords[0]
        made.append(Shape(feature["id"], feature["properties"].get("name", ""), _path(shape), at[0], at[1]))
    return tuple(made)


def _path(shape: shapely.Geometry) -> str:
    rings = [r for part in shapely.get_parts(shape) for r in (part.exterior, *part.interiors)]
    return "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in r.coords[:-1]) + "Z" for r in rings)
