"""Lines that people name without drawing them: the coast, the highways, the railways, the rivers."""

from __future__ import annotations

import functools
import json
from pathlib import Path

import shapely

from geo.errors import NotFoundError
from layers.settings import Settings

FILES = {
    "coast": "seaward_boundary_from_counties",
    "highway": "highways_osm_scgraph",
    "railway": "railways_osm_scgraph",
    "river": "rivers_wdbii_full",
}
NAMES = {"coast": "海岸线", "highway": "公路网", "railway": "铁路", "river": "河流"}
FRAME = shapely.box(118.9, 32.2, 121.6, 34.9)  # the city and what is near it


@functools.cache
def _read(folder: Path, name: str) -> shapely.Geometry:
    path = folder / "context" / f"{FILES[name]}.geojson"
    try:
        features = json.loads(path.read_text("utf-8"))["features"]
    except OSError as error:
        raise NotFoundError(
            f"没有底图文件 {path.name}。", "请恢复 data/shapefiles/context。", file=path.name
        ) from error
    shapes = shapely.from_geojson([json.dumps(f["geometry"]) for f in features])
    return shapely.intersection(shapely.unary_union(shapes), FRAME)


def named_line(name: str, folder: Path | None = None) -> shapely.Geometry:
    """Return a named line near the city, in degrees.

    Raises
    ------
    NotFoundError
        No such line.
    """
    if name not in FILES:
        raise NotFoundError(f"没有名为“{name}”的线。", f"可用：{'、'.join(FILES)}。", name=name)
    return _read(folder or Settings().data_dir, name)
