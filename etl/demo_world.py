"""Where 演示数据 may stand: counties, townships, the coast, and the towns and ports that draw industry."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.random import Generator
from shapely.geometry import shape

SHAPEFILES = Path(__file__).resolve().parents[1] / "data" / "shapefiles"
#: Degrees of longitude that are as long as one degree of latitude here (33.4° N).
STRETCH = 1.0 / float(np.cos(np.radians(33.4)))
KM = 1.0 / 110.9
DECIMALS = 6


@dataclass(frozen=True)
class Anchor:
    """A town, port or zone that draws industry: its county, unit, place, pull and spread."""

    county: str
    lon: float
    lat: float
    weight: float
    spread_km: float
    unit: str = ""


#: Rough places, good enough for invented records.
ANCHORS = (
    Anchor("亭湖区", 120.17, 33.42, 8, 5),
    Anchor("亭湖区", 120.23, 33.36, 9, 3, "盐城经济技术开发区"),
    Anchor("盐都区", 120.05, 33.34, 8, 5),
    Anchor("盐都区", 120.13, 33.29, 6, 3, "盐南高新区"),
    Anchor("大丰区", 120.46, 33.20, 10, 6),
    Anchor("大丰区", 120.74, 33.23, 8, 5),
    Anchor("响水县", 119.58, 34.20, 6, 5),
    Anchor("响水县", 119.83, 34.42, 4, 4),
    Anchor("滨海县", 119.84, 33.99, 7, 5),
    Anchor("滨海县", 120.24, 34.28, 5, 4),
    Anchor("阜宁县", 119.80, 33.78, 8, 6),
    Anchor("射阳县", 120.26, 33.77, 8, 6),
    Anchor("射阳县", 120.45, 33.82, 5, 4),
    Anchor("建湖县", 119.80, 33.47, 8, 6),
    Anchor("东台市", 120.32, 32.85, 10, 6),
    Anchor("东台市", 120.75, 32.75, 3, 8),
)


@dataclass(frozen=True)
class World:
    """The counties by name (CRS84 polygons), their codes and townships, all land, and the coast line."""

    counties: dict[str, Any]
    codes: dict[str, str]
    townships: dict[str, list[str]]
    land: Any
    coast: Any


def read_world(boundaries: gpd.GeoDataFrame | None = None) -> World:
    """Read the shipped counties, or take those given.

    Parameters
    ----------
    boundaries : GeoDataFrame, optional
        Columns ``code``, ``name``, geometry in CRS84. Default: the shipped default generation.
    """
    if boundaries is None:
        path = SHAPEFILES / "boundary" / "counties_cnmaps_2021.geojson"
        boundaries = gpd.GeoDataFrame.from_features(json.loads(path.read_text(encoding="utf-8")), crs=4490)
    counties = dict(zip(boundaries["name"], boundaries.geometry, strict=True))
    for polygon in counties.values():
        shapely.prepare(polygon)
    land = shapely.union_all(list(counties.values()))
    shapely.prepare(land)
    townships: dict[str, list[str]] = {}
    with (SHAPEFILES / "admin" / "townships_mca_2026.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            townships.setdefault(row["county"], []).append(row["name"])
    sea = SHAPEFILES / "context" / "seaward_boundary_from_counties.geojson"
    coast = shape(json.loads(sea.read_text(encoding="utf-8"))["features"][0]["geometry"])
    return World(counties, dict(zip(boundaries["name"], boundaries["code"], strict=True)), townships, land, coast)


def pick_anchor(rng: Generator) -> Anchor:
    """Draw an anchor by its pull."""
    weights = np.array([a.weight for a in ANCHORS])
    return ANCHORS[int(rng.choice(len(ANCHORS), p=weights / weights.sum()))]


def point_near(world: World, anchor: Anchor, rng: Generator) -> Any:
    """Return a point scattered round an anchor and inside its county."""
    county = world.counties[anchor.county]
    while True:
        east, north = rng.normal(0.0, anchor.spread_km * KM, 2)
        point = shapely.Point(round(anchor.lon + east * STRETCH, DECIMALS), round(anchor.lat + north, DECIMALS))
        if shapely.covers(county, point):
            return point


def point_inside(polygon: Any, rng: Generator) -> Any:
    """Return a point inside a polygon, uniformly by rejection."""
    west, south, east, north = polygon.bounds
    while True:
        point = shapely.Point(round(rng.uniform(west, east), DECIMALS), round(rng.uniform(south, north), DECIMALS))
        if shapely.covers(polygon, point):
            return point


def point_at_sea(world: World, rng: Generator) -> Any:
    """Return a point 5 to 25 km off the coast, outside every county."""
    while True:
        on_coast = world.coast.interpolate(rng.uniform(0.05, 0.95), normalized=True)
        offset = rng.uniform(5, 25) * KM
        bearing = rng.uniform(0, np.pi / 2)
        point = shapely.Point(
            round(on_coast.x + offset * STRETCH * float(np.cos(bearing)), DECIMALS),
            round(on_coast.y + offset * float(np.sin(bearing)), DECIMALS),
        )
        if not shapely.intersects(world.land, point):
            return point


def block(lon: float, lat: float, width_km: float, height_km: float, angle: float, jitter: Any) -> Any:
    """Return a rotated quadrilateral in CRS84.

    Parameters
    ----------
    lon, lat : float
        Centre, degrees.
    width_km, height_km : float
        Sides before the corners are moved.
    angle : float
        Rotation, radians.
    jitter : array_like, shape (4, 2)
        How far each corner moves, as a share of the sides.
    """
    corners = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]]) + np.asarray(jitter)
    corners = corners * [width_km * KM, height_km * KM]
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    xy = corners @ turn.T * [STRETCH, 1.0] + [lon, lat]
    return shapely.Polygon(np.round(xy, DECIMALS))


def blob(lon: float, lat: float, radius_km: float, rng: Generator) -> Any:
    """Return an uneven round polygon of 24 corners in CRS84, about ``radius_km`` wide each way."""
    angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    waves = sum(rng.uniform(0.02, 0.16) * np.sin(k * angles + rng.uniform(0, 6.28)) for k in (2, 3, 5))
    radii = radius_km * KM * (0.9 + waves)
    xy = np.column_stack((lon + radii * np.cos(angles) * STRETCH, lat + radii * np.sin(angles)))
    return shapely.Polygon(np.round(xy, DECIMALS))
