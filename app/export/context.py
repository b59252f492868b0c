"""The surroundings of the city for print: neighbours, lakes, roads, rails, in EPSG:4549, read once a process."""

from __future__ import annotations

import functools
import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from app.export.frame import FORWARD
from geo.errors import MachineError

INLAND = (112.0, 26.0, 119.176, 37.0)  # degrees; west of here no map of the city meets the sea


@dataclass(frozen=True, eq=False)
class Context:
    """What lies behind the data; geometries are EPSG:4549. Told apart by identity.

    Attributes
    ----------
    near : tuple of (adcode, name, geometry)
        Neighbouring counties.
    cities : tuple of (adcode, name, geometry)
        Cities of the province, coarse; the inset locator.
    lakes, urban, roads, rails, rivers : geometry
        Merged.
    publishers : tuple of str
        Credit lines of what is drawn.
    """

    near: tuple[tuple[str, str, shapely.Geometry], ...]
    cities: tuple[tuple[str, str, shapely.Geometry], ...]
    lakes: shapely.Geometry
    urban: shapely.Geometry
    roads: shapely.Geometry
    rails: shapely.Geometry
    rivers: shapely.Geometry
    publishers: tuple[str, ...]


def project(geom: Any) -> Any:
    """Degrees to EPSG:4549 metres, for a geometry or an array of them."""

    def forward(coords: np.ndarray) -> np.ndarray:
        return np.column_stack(FORWARD.transform(coords[:, 0], coords[:, 1]))

    return shapely.transform(geom, forward)


@functools.lru_cache(maxsize=2)
def load_context(data_dir: Path) -> Context:
    """Read the shipped surroundings.

    Raises
    ------
    MachineError
        One of the files is missing or broken.
    """
    folder = data_dir / "context"
    return Context(
        near=_named(folder / "neighbour_counties_cnmaps_wgs84.geojson"),
        cities=_named(folder / "jiangsu_cities_tianditu.geojson"),
        lakes=_merged(folder / "lakes_gshhg_full.geojson"),
        urban=_merged(folder / "ne50m_urban_areas.geojson"),
        roads=_merged(folder / "highways_osm_scgraph.geojson"),
        rails=_merged(folder / "railways_osm_scgraph.geojson"),
        rivers=_merged(folder / "rivers_wdbii_full.geojson"),
        publishers=_credits(folder / "source.toml"),
    )


def _features(path: Path) -> list[tuple[dict[str, Any], shapely.Geometry]]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise MachineError(
            f"报告图的底图文件 {path.name} 读不出来。", "请恢复随程序发布的 data/shapefiles 目录。", file=path.name
        ) from error
    found = document["features"]
    shapes = project(shapely.from_geojson([json.dumps(f["geometry"]) for f in found]))
    return [(f["properties"], g) for f, g in zip(found, shapes, strict=True)]


def _named(path: Path) -> tuple[tuple[str, str, shapely.Geometry], ...]:
    return tuple((str(p["adcode"]), str(p["name"]), shapely.make_valid(g)) for p, g in _features(path))


def _merged(path: Path) -> shapely.Geometry:
    """Everything as one geometry; straight links between road ends (``shortcut``) are not drawn."""
    drawn = np.array([g for p, g in _features(path) if not p.get("shortcut")], dtype=object)
    if (shapely.get_dimensions(drawn) == 2).all():
        return shapely.union_all(shapely.make_valid(drawn))
    return shapely.line_merge(shapely.union_all(drawn))


def _credits(path: Path) -> tuple[str, ...]:
    try:
        files = tomllib.loads(path.read_text(encoding="utf-8")).get("files", [])
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise MachineError(
            "底图的来源说明 source.toml 读不出来。", "请恢复随程序发布的 data/shapefiles 目录。"
        ) from error
    wanted = {"highways": "道路、铁路", "lakes": "湖泊", "neighbour": "邻县"}
    found = []
    for item in files:
        title = next((t for start, t in wanted.items() if str(item["file"]).startswith(start)), "")
        if title:
            licence = str(item.get("licence", "")).split("，", maxsplit=1)
            credit = licence[-1] if "©" in licence[-1] else str(item["publisher"]).split("（")[0]
            found.append(f"{title} {credit}")
    return tuple(found)
