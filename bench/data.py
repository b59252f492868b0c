"""What is measured on: the shipped counties, and seeded points that cluster as industry does."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import shapely

from layers.settings import ROOT

COUNTIES = ROOT / "data/shapefiles/boundary/counties_cnmaps_2021.geojson"
SEED = 320900


@dataclass(frozen=True, eq=False)
class Counties:
    """The nine shipped counties: codes ascending, names and geometries in the same order."""

    codes: tuple[str, ...]
    names: tuple[str, ...]
    geoms: npt.NDArray[np.object_]

    @cached_property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north of all, degrees."""
        west, south, east, north = shapely.total_bounds(self.geoms)
        return float(west), float(south), float(east), float(north)


@dataclass(frozen=True, eq=False)
class Points:
    """Points with a value: lon, lat in degrees, value in whole yuan."""

    lon: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]
    value: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.lon)


def read_counties() -> Counties:
    """Read the shipped counties of the generation in use."""
    features = json.loads(COUNTIES.read_text("utf-8"))["features"]
    features.sort(key=lambda f: f["properties"]["code"])
    shapes = shapely.from_geojson([json.dumps(f["geometry"]) for f in features])
    return Counties(
        tuple(f["properties"]["code"] for f in features), tuple(f["properties"]["name"] for f in features),
        np.asarray(shapes, dtype=object),
    )  # fmt: skip


def make_points(n: int, counties: Counties, seed: int = SEED) -> Points:
    """Return ``n`` points: seven in ten in some 90 clusters, the rest anywhere in the counties' box.

    The same seed gives the same points; some lie outside every county.
    """
    rng = np.random.default_rng(seed)
    west, south, east, north = counties.bounds
    homes = shapely.get_coordinates(shapely.point_on_surface(counties.geoms))
    centres = np.repeat(homes, 10, axis=0) + rng.normal(0, 0.12, (10 * len(homes), 2))
    width = rng.lognormal(-4.2, 0.6, len(centres))
    chosen = rng.integers(0, len(centres), n)
    lon = centres[chosen, 0] + rng.normal(0, 1, n) * width[chosen]
    lat = centres[chosen, 1] + rng.normal(0, 1, n) * width[chosen]
    anywhere = rng.random(n) < 0.3
    lon[anywhere] = rng.uniform(west, east, int(anywhere.sum()))
    lat[anywhere] = rng.uniform(south, north, int(anywhere.sum()))
    value = rng.lognormal(16, 1.5, n).astype(np.int64)
    return Points(lon, lat, value)
