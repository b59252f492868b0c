"""Sketch 黄海新区 from what is stated of it: between 灌河 and 淮河入海水道, along the sea, 616 km².

No open polygon exists. The strip of 响水县 and 滨海县 behind the seaward boundary (whose ends there are the
mouths of 灌河, the city's northern end, and of 淮河入海水道, where 射阳县 begins) is widened inland until its
ellipsoidal area is the stated one. The western edge therefore only resembles G228; the record says 示意.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import mapping, shape

from geo.crs import geodesic_area_m2

SKETCHED = "黄海新区"
COUNTIES = ("320921", "320922")
STATED_M2 = 616e6
#: Degrees of longitude per degree of latitude that make a square at 34.3° N: buffers stay round there.
STRETCH = float(np.cos(np.radians(34.3)))


def strip(land: Any, coast: Any, width_deg: float) -> Any:
    """Return the part of ``land`` within ``width_deg`` degrees of latitude of ``coast``, both in CRS84."""
    flat = shapely.transform(coast, lambda xy: xy * [STRETCH, 1.0]).buffer(width_deg, quad_segs=8)
    return land.intersection(shapely.transform(flat, lambda xy: xy / [STRETCH, 1.0]))


def widen_to_area(land: Any, coast: Any, area_m2: float) -> Any:
    """Return the strip of ``land`` behind ``coast`` whose ellipsoidal area is ``area_m2`` within 0.01 km²."""
    low, high = 0.0, 0.5
    for _ in range(40):
        middle = (low + high) / 2
        if float(geodesic_area_m2([strip(land, coast, middle)])[0]) < area_m2:
            low = middle
        else:
            high = middle
    return strip(land, coast, (low + high) / 2)


def sketch_huanghai(shapefiles: Path) -> dict[str, Any]:
    """Return the sketched polygon of 黄海新区 as a GeoJSON geometry in CRS84, five decimals (about 1 m)."""
    counties = _features(shapefiles / "boundary" / "counties_cnmaps_2021.geojson")
    land = shapely.union_all([shape(f["geometry"]) for f in counties if f["properties"]["code"] in COUNTIES])
    sea = _features(shapefiles / "context" / "seaward_boundary_from_counties.geojson")
    coast = shapely.intersection(shape(sea[0]["geometry"]), land.buffer(1e-4))
    parts = shapely.get_parts(widen_to_area(land, coast, STATED_M2).simplify(5e-5))
    whole = max(parts, key=lambda part: part.area)
    rounded = shapely.set_precision(whole, 1e-5)
    return dict(mapping(shapely.orient_polygons(rounded)))


def _features(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["features"]
    return found
