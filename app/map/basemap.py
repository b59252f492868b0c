"""The built-in base map: sea, land, counties, water, roads and names in one small JSON.

Compiled from the shipped context and boundary files, so that the map is whole with no network. County
borders are simplified as one coverage (shared edges stay shared). Coordinates are CRS84 degrees times
``SCALE``, rounded, each ring or line flat and delta-coded: ``[x0, y0, dx1, dy1, …]``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import LineString, MultiPolygon, Polygon, box, shape
from shapely.geometry.base import BaseGeometry
from shapely.ops import linemerge

from geo.errors import MachineError

SCALE = 100_000
FRAME = (116.0, 30.6, 124.5, 37.0)  # w, s, e, n in degrees: as far as a person can zoom out
COAST_BOX = (119.175, 31.605, 121.905, 35.295)  # where the GSHHG coastline is whole
COUNTY_TOLERANCE = 0.0003  # degrees, about 30 m: coverage simplification of shared edges
FAR_TOLERANCE = 0.002
PLACE_REACH = 0.42  # degrees round the city within which a neighbour's name should stand

COUNTIES = "counties_cnmaps_2021.geojson"
NEIGHBOURS = "neighbour_counties_cnmaps_wgs84.geojson"
CITIES = "jiangsu_cities_tianditu.geojson"

Feature = tuple[dict[str, Any], BaseGeometry]


def build_basemap(data_dir: Path) -> bytes:
    """Compile the base map from the shipped files.

    Parameters
    ----------
    data_dir : Path
        Folder that holds, at any depth, the boundary and context GeoJSONs (CRS84).

    Returns
    -------
    bytes
        UTF-8 JSON, the same bytes for the same files.

    Raises
    ------
    MachineError
        When one of the files is missing.
    """
    counties = _read(data_dir, COUNTIES)
    neighbours = _read(data_dir, NEIGHBOURS)
    cities = _read(data_dir, CITIES)
    coverage = shapely.coverage_simplify(
        np.array([g for _, g in (*counties, *neighbours)], dtype=object), COUNTY_TOLERANCE
    )
    own, near = coverage[: len(counties)], coverage[len(counties) :]
    far = shapely.coverage_simplify(near, FAR_TOLERANCE, simplify_boundary=False)
    city = shapely.union_all(own)
    land = _land(city, shapely.union_all(near), cities, _read(data_dir, "coastline_gshhg_full.geojson"))
    document = {
        "version": 1,
        "scale": SCALE,
        "bounds": [round(v, 5) for v in city.bounds],
        "land": _polygons([land]),
        "near": _polygons(far),
        "counties": [
            {
                "code": str(p["code"]),
                "name": p["name"],
                "label": _middle(g),
                "rings": _polygons([g]),
            }
            for (p, _), g in zip(counties, own, strict=True)
        ],
        "city": _polygons([city]),
        "urban": _polygons(g for _, g in _read(data_dir, "ne50m_urban_areas.geojson")),
        "lakes": _polygons(shapely.simplify(g, 0.0008) for _, g in _read(data_dir, "lakes_gshhg_full.geojson")),
        "rivers": _lines([g for _, g in _read(data_dir, "rivers_wdbii_full.geojson")], land, 0.001),
        "roads": _lines(_drawn(_read(data_dir, "highways_osm_scgraph.geojson")), None, 0.0003),
        "rails": _lines(_drawn(_read(data_dir, "railways_osm_scgraph.geojson")), None, 0.0003),
        "places": [*_city_places(city, neighbours, cities), *_county_places(neighbours, near)],
        "sea": {"name": "黄海", "at": [[121.05, 33.95], [121.4, 33.5], [120.75, 34.5], [121.9, 34.3]]},
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _read(data_dir: Path, name: str) -> list[Feature]:
    found = sorted(data_dir.rglob(name))
    if not found:
        raise MachineError(
            f"底图缺少文件 {name}：在 {data_dir} 下没有找到。",
            "请恢复随程序发布的 data/shapefiles 目录。",
        )
    document = json.loads(found[0].read_text(encoding="utf-8"))
    return [(f["properties"], shape(f["geometry"])) for f in document["features"]]


def _drawn(features: Sequence[Feature]) -> list[BaseGeometry]:
    """Edges that follow a road; ``shortcut`` edges are straight links and are not drawn."""
    return [g for p, g in features if not p.get("shortcut")]


def _land(city: BaseGeometry, near: BaseGeometry, cities: Sequence[Feature], coast: Sequence[Feature]) -> BaseGeometry:
    """Everything that is not sea within FRAME; beyond the known coast its ends are carried on straight."""
    inland = [g for p, g in cities if p["name"] not in ("盐城市", "连云港市", "南通市", "苏州市")]
    known = shapely.union_all([city, near])
    frame = box(*COAST_BOX)
    shores = [g for p, g in coast if p["gshhg_level"] == 1]
    pieces = shapely.polygonize([shapely.union_all([frame.boundary, *shores])])
    seed = shapely.union_all([known, *inland, box(COAST_BOX[0], COAST_BOX[1], 119.3, 32.5)])
    shore = [p for p in pieces.geoms if shapely.intersection(p, seed).area > 0.5 * p.area]
    west = box(FRAME[0], FRAME[1], COAST_BOX[0] + 0.001, FRAME[3])
    parts = [known, west, *inland, *shore]
    parts += _carried(shapely.union_all([*shore, known]), COAST_BOX[3], FRAME[3])
    parts += _carried(shapely.union_all([*shore, known]), COAST_BOX[1], FRAME[1])
    whole = shapely.union_all(parts)
    filled = [Polygon(p.exterior) for p in _parts(whole, Polygon) if p.area > 0.0004]
    rough = shapely.simplify(shapely.union_all(filled), COUNTY_TOLERANCE)
    return shapely.make_valid(rough)


def _carried(land: BaseGeometry, y: float, to: float) -> list[BaseGeometry]:
    """Boxes that carry the land met at latitude ``y`` on to latitude ``to``."""
    inside = y - 0.01 if to > y else y + 0.01
    cut = shapely.intersection(land, LineString([(FRAME[0], inside), (FRAME[2], inside)]))
    low, high = (inside, to) if to > y else (to, inside)
    return [box(g.bounds[0], low, g.bounds[2], high) for g in _parts(cut, LineString)]


def _city_places(city: BaseGeometry, neighbours: Sequence[Feature], cities: Sequence[Feature]) -> list[dict[str, Any]]:
    """Return the neighbouring cities, each with places for its name: near our border first."""
    names = {str(p["adcode"])[:4]: (p["name"], g) for p, g in cities}
    groups: dict[str, list[BaseGeometry]] = {}
    for p, g in neighbours:
        groups.setdefault(str(p["adcode"])[:4], []).append(g)
    reach = shapely.buffer(shapely.simplify(city, 0.01), PLACE_REACH)
    places = []
    for code in sorted(names):
        name, whole = names[code]
        if name == "盐城市":
            continue
        own = shapely.union_all(groups[code]) if code in groups else whole
        at = [_middle(part) for part in (shapely.intersection(own, reach), own) if not part.is_empty]
        places.append({"name": name, "kind": "city", "at": at})
    return places


def _county_places(neighbours: Sequence[Feature], shapes: Iterable[BaseGeometry]) -> list[dict[str, Any]]:
    named = sorted(zip(neighbours, shapes, strict=True), key=lambda item: str(item[0][0]["adcode"]))
    return [{"name": p["name"], "kind": "county", "at": [_middle(g)]} for (p, _), g in named]


def _middle(geometry: BaseGeometry) -> list[float]:
    """Return the centre of the widest circle inside, in degrees."""
    largest = max(_parts(geometry, Polygon), key=lambda p: p.area)
    x, y = shapely.maximum_inscribed_circle(largest, 0.01).coords[0]
    return [round(x, 3), round(y, 3)]


def _parts(geometry: BaseGeometry, kind: type) -> list[Any]:
    parts = shapely.get_parts(geometry)
    return [p for p in parts if isinstance(p, kind) and not p.is_empty]


def _polygons(geometries: Iterable[BaseGeometry]) -> list[list[list[int]]]:
    """Polygons as lists of rings, each ring delta-coded without its closing point."""
    coded = []
    for geometry in geometries:
        whole = geometry if isinstance(geometry, Polygon | MultiPolygon) else shapely.make_valid(geometry)
        for polygon in _parts(whole, Polygon):
            rings = [_coded(np.asarray(r.coords)[:-1]) for r in (polygon.exterior, *polygon.interiors)]
            coded.append([r for r in rings if len(r) >= 6])
    return [rings for rings in coded if rings]


def _lines(geometries: Sequence[BaseGeometry], within: BaseGeometry | None, tolerance: float) -> list[list[int]]:
    distinct = shapely.get_parts(shapely.union_all(list(geometries)))
    merged: BaseGeometry = linemerge(list(distinct))
    clipped = merged if within is None else shapely.intersection(merged, within)
    lines = _parts(shapely.simplify(clipped, tolerance), LineString)
    return sorted(c for c in (_coded(np.asarray(line.coords)) for line in lines) if len(c) >= 4)


def _coded(points: np.ndarray[Any, Any]) -> list[int]:
    """Points (n × 2, degrees) as ``[x0, y0, dx1, dy1, …]``; points that round to the same place merge."""
    whole = np.rint(points[:, :2] * SCALE).astype(np.int64)
    steps = np.diff(whole, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    keep = np.any(steps != 0, axis=1)
    keep[0] = True
    return [int(v) for v in steps[keep].ravel()]
