"""From records to the world and the sites that criteria measure."""

from __future__ import annotations

import datetime as dt
import functools
import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from geo.criteria import Places, Sites, World
from geo.criteria_base import Floats, Objects
from geo.criteria_plane import point_on, shapes_to_plane, to_plane
from geo.errors import InputError
from geo.measure import geodesic_area_m2
from geo.network import RoadGraph
from layers.registry import catalogue
from layers.site import Profile
from layers.store.queries_site import Row, Surroundings

MU_M2 = 2000 / 3
_OWN = ("id", "name", "geom", "county_code", "location_accuracy", "is_demo", "data_date")
#: How far off a place of each accuracy may be, metres (one standard deviation).
SIGMA_M = {
    "surveyed": 0.0, "address": 300.0, "sketched": 1500.0, "township": 4000.0, "county": 12000.0, "none": 12000.0,
}  # fmt: skip
RAIL_SIGMA_M = 300.0
OUTLINED = ("park", "constraint")
REFERENCES = Path(__file__).with_name("site_places.toml")


@dataclass(frozen=True, eq=False)
class Reference:
    """A place that stands in where a record has no coordinates, or a county seat."""

    lonlat: tuple[float, float]
    sigma_m: float
    source: str


@functools.cache
def references() -> tuple[dict[tuple[str, str], Reference], dict[str, Reference]]:
    """Return the reference places: by (layer, name), and the county seats by name."""
    raw = tomllib.loads(REFERENCES.read_text(encoding="utf-8"))

    def made(entry: Mapping[str, Any]) -> Reference:
        return Reference((entry["lon"], entry["lat"]), float(entry["sigma_m"]), entry["source"])

    records = {(r["layer"], name): made(r) for r in raw["record"] for name in r["names"]}
    return records, {s["name"]: made(s) for s in raw["seat"]}


@functools.lru_cache(maxsize=4)
def road_graph(data_dir: Path, name: str = "highways_osm_scgraph") -> RoadGraph:
    """Read a shipped graph of ``context/``: an edge is two ends in degrees, ``length`` in km, and ``shortcut``.

    Raises
    ------
    InputError
        The file is not there.
    """
    path = data_dir / "context" / f"{name}.geojson"
    try:
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
    except OSError as error:
        raise InputError(f"没有路网文件 {path.name}。", "请恢复 data/shapefiles/context。", file=path.name) from error
    ends = np.array([[f["geometry"]["coordinates"][k] for k in (0, -1)] for f in features], np.float64)
    lengths = np.array([f["properties"]["length"] for f in features], np.float64) * 1000
    return RoadGraph.build(ends, to_plane(ends), lengths, [bool(f["properties"]["shortcut"]) for f in features])


def geometries(rows: Sequence[Row]) -> Objects:
    """Return the stated geometries of rows, degrees; None where there is none."""
    made = np.full(len(rows), None, object)
    for i, row in enumerate(rows):
        if row.get("geom") is not None:
            made[i] = shapely.from_wkb(bytes(row["geom"]))
    return made


def make_places(layer: str, rows: Sequence[Row]) -> Places:
    """Return the records that have a place, their own or a reference's."""
    shapes = geometries(rows)
    lonlat = point_on(shapes)
    sigma = np.array([SIGMA_M.get(r["location_accuracy"], 0.0) for r in rows], np.float64)
    for i, row in enumerate(rows):
        stand_in = references()[0].get((layer, row["name"]))
        if stand_in is not None and np.isnan(lonlat[i, 0]):
            lonlat[i], sigma[i] = stand_in.lonlat, stand_in.sigma_m
    placed = np.isfinite(lonlat).all(axis=1)
    columns = {k: [r[k] for r in rows] for k in (rows[0] if rows else {}) if k not in ("geom", "id")}
    terms, numbers = {}, {}
    for name, values in columns.items():
        if all(v is None or (isinstance(v, (int, float)) and not isinstance(v, bool)) for v in values):
            numbers[name] = np.array([np.nan if v is None else float(v) for v in values], np.float64)[placed]
        if any(isinstance(v, (str, list)) for v in values):
            held = np.full(len(values), None, object)
            held[:] = [tuple(v) if isinstance(v, list) else v for v in values]
            terms[name] = held[placed]
    numbers["id"] = np.array([float(r["id"]) for r in rows], np.float64)[placed]
    names = np.array([r["name"] for r in rows], object)[placed]
    outlined = shapes_to_plane(shapes[placed]) if layer in OUTLINED else None
    return Places(to_plane(lonlat[placed]), names, sigma[placed], terms, numbers, outlined)


@functools.lru_cache(maxsize=8)
def make_world(around: Surroundings, data_dir: Path, day: dt.date) -> World:
    """Return the world that criteria look at."""
    layers = {layer: make_places(layer, rows) for layer, rows in around.rows.items()}
    seats = references()[1]
    points = np.array([r.lonlat for r in seats.values()], np.float64).reshape(-1, 2)
    layers["seat"] = Places(
        to_plane(points), np.array(list(seats), object), np.array([r.sigma_m for r in seats.values()], np.float64)
    )
    rail = road_graph(data_dir, "railways_osm_scgraph").xy
    layers["rail"] = Places(rail, np.full(len(rail), "铁路线", object), np.full(len(rail), RAIL_SIGMA_M))
    return World(layers, road_graph(data_dir), around.rates, day.year)


@dataclass(frozen=True, eq=False)
class Choices:
    """The alternatives: their rows, their geometry in degrees, and what criteria read of them.

    ``kept`` holds what was found out of them: for some briefs, and their shapes in the plane.
    """

    rows: list[Row]
    shapes: Objects
    sites: Sites
    kept: dict[Any, Any] = field(default_factory=dict, repr=False)

    def lonlat(self) -> Floats:
        """Return a point on each, degrees."""
        return point_on(self.shapes)


def make_choices(layer: str, rows: list[Row], world: World, day: dt.date) -> Choices:
    """Return the alternatives of a layer."""
    shapes = geometries(rows)
    found = [n for n in (rows[0] if rows else {}) if any(_is_number(r[n]) for r in rows)]
    columns = {n: np.array([float(r[n]) if _is_number(r[n]) else np.nan for r in rows], np.float64) for n in found}
    columns |= _derived(layer, rows, columns, day)
    accuracy = [SIGMA_M.get(r["location_accuracy"], 0.0) for r in rows]
    sites = Sites(
        to_plane(point_on(shapes)), np.array(accuracy, np.float64), columns,
        np.array([r["county_code"] for r in rows], object), _parks(layer, rows, world),
    )  # fmt: skip
    return Choices(rows, shapes, sites)


def _derived(layer: str, rows: Sequence[Row], columns: Mapping[str, Floats], day: dt.date) -> dict[str, Floats]:
    made: dict[str, Floats] = {}
    if "floor_m2" in columns and "area_mu" not in columns:
        made["area_mu"] = columns["floor_m2"] / MU_M2
    if layer == "park" and "available_mu" in columns:
        made["area_mu"] = columns["available_mu"]
    if any(r.get("ready_date") for r in rows):
        days = [(dt.date.fromisoformat(r["ready_date"]) - day).days if r.get("ready_date") else np.nan for r in rows]
        made["ready_days"] = np.maximum(np.array(days, np.float64), 0.0)
    return made


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _parks(layer: str, rows: Sequence[Row], world: World) -> Any:
    """Return each site's park among the world's: itself, the one that ``park_key`` names, or -1."""
    parks = world.places("park")
    ids = {int(i): k for k, i in enumerate(parks.number("id")) if np.isfinite(i)}
    words: dict[str, int] = {}
    for column in ("name", "key"):
        for k, word in enumerate(parks.terms.get(column, [])):
            words.setdefault(str(word), k)
    if layer == "park":
        return np.array([ids.get(int(r["id"]), -1) for r in rows], np.int64)
    return np.array([words.get(str(r.get("park_key") or ""), -1) for r in rows], np.int64)


def _stated(given: Any) -> Row:
    """Return what a feature states: the layer's numbers, terms and dates as such, nothing else that has a meaning."""
    layer = catalogue().layers.get("parcel")
    row: Row = {}
    for key, value in (given if isinstance(given, Mapping) else {}).items():
        spec = layer.field(str(key)) if layer else None
        if spec is None or spec.internal or key in _OWN:
            continue
        if spec.type == "date":
            try:
                row[key] = dt.date.fromisoformat(str(value)[:10]).isoformat()
            except ValueError:
                continue
        elif _is_number(value) if spec.is_number else isinstance(value, str):
            row[key] = [value] if spec.type == "list" else value
    return row


def drawn_rows(profile: Profile, counties: Iterable[Row]) -> list[Row]:
    """Return the drawn or uploaded sites of a profile as rows, each with its area and its county.

    Raises
    ------
    InputError
        A feature that is no geometry in degrees.
    """
    features: Any = (profile.alternatives.sites or {}).get("features", [])
    areas = [(c["code"], shapely.from_wkb(bytes(c["geom"]))) for c in counties]
    rows = []
    for i, feature in enumerate(features, 1):
        try:
            shape = shapely.geometry.shape(feature["geometry"])
            west, south, east, north = shape.bounds
        except (KeyError, TypeError, ValueError, AttributeError, shapely.errors.ShapelyError) as error:
            raise InputError(f"第 {i} 个自绘地块没有可用的图形。", "请给出 GeoJSON 的点或面。", site=i) from error
        if not shape.is_valid or not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
            raise InputError(f"第 {i} 个自绘地块的图形自相交或不在经纬度范围内。", "请重画，坐标用经纬度。", site=i)
        stated = feature.get("properties")
        point = shapely.point_on_surface(shape)
        row = _stated(stated)
        area = float(geodesic_area_m2([shape])[0])
        rows.append(row | {
            "id": i, "name": str((stated or {}).get("name") or f"自绘地块 {i}"), "geom": shapely.to_wkb(shape),
            "county_code": next((c for c, a in areas if a.intersects(point)), "outside"),
            "location_accuracy": "sketched", "is_demo": False, "data_date": None,
            "area_mu": row.get("area_mu") or (area / MU_M2 if area else None),
        })  # fmt: skip
    columns = dict.fromkeys(k for r in rows for k in r)
    return [{k: r.get(k) for k in columns} for r in rows]


__all__ = ["Choices", "drawn_rows", "make_choices", "make_places", "make_world", "references", "road_graph"]
