"""Borders in tiles: neighbours keep one line between them at every zoom, and GDAL reads what is drawn."""

import datetime as dt
import json
import math
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import mapbox_vector_tile
import pyogrio
import pytest
import shapely

from layers.registry import catalogue
from layers.settings import ROOT
from layers.store.db import role_dsn
from layers.store.reader import Reader
from layers.store.slices import When
from tests import support
from tests.api import world

COUNTIES = ROOT / "data/shapefiles/boundary/counties_cnmaps_2021.geojson"
DAY = When(dt.date(2026, 6, 30))


@pytest.fixture(scope="module")
def counties(scratch_database: Callable[[], AbstractContextManager[str]]) -> Iterator[str]:
    """The real counties, as the boundary layer holds them."""
    features = json.loads(COUNTIES.read_text("utf-8"))["features"]
    rows = [
        world.row(
            "boundary", f"{f['properties']['code']}|g", name=f["properties"]["name"], kind="county", generation="g",
            code=f["properties"]["code"], county=f["properties"]["code"],
            geom=shapely.from_geojson(json.dumps(f["geometry"])),
        )
        for f in features
    ]  # fmt: skip
    with scratch_database() as url:
        world.load(role_dsn(url, "yuantu_writer", support.SECRET_KEY), "boundary", rows)
        yield url


@pytest.fixture
async def reader(counties: str) -> AsyncIterator[Reader]:
    async with Reader(role_dsn(counties, "yuantu_reader", support.SECRET_KEY), catalogue()) as made:
        yield made


def tile_of(lon: float, lat: float, z: int) -> tuple[int, int]:
    n = 2**z
    return int((lon + 180) / 360 * n), int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n)


@pytest.mark.parametrize("zoom", [5, 6, 7, 8, 9, 10, 12])
async def test_no_sliver_opens_between_counties(reader: Reader, zoom: int) -> None:
    x, y = tile_of(120.1, 33.4, zoom)  # where several counties meet
    body = mapbox_vector_tile.decode(await reader.tile("boundary", zoom, x, y, "", DAY))
    shapes = [shapely.make_valid(shapely.geometry.shape(f["geometry"])) for f in body["boundary"]["features"]]
    assert len(shapes) >= 2
    for i, a in enumerate(shapes):
        for b in shapes[i + 1 :]:
            common = shapely.intersection(a, b)
            # an overlap, should rounding make one, is thinner than the tile's grid: a sixteenth of a pixel
            assert shapely.is_empty(shapely.buffer(common, -1.0)), (zoom, shapely.area(common))
    whole = shapely.union_all([shapely.buffer(s, 1.0, join_style="mitre") for s in shapes])
    holes = [
        r for part in shapely.get_parts(whole) for r in shapely.get_parts(part) if len(getattr(r, "interiors", ()))
    ]
    assert not holes, "a gap wider than the grid"


async def test_gdal_reads_every_county_and_its_pieces_end_in_the_buffer(reader: Reader, tmp_path: Path) -> None:
    zoom = 9
    seen: set[int] = set()
    x0, y0 = tile_of(119.3, 34.7, zoom)
    x1, y1 = tile_of(121.2, 32.4, zoom)
    for x in range(x0, x1 + 1):
        for y in range(y0, y1 + 1):
            raw = await reader.tile("boundary", zoom, x, y, "", DAY)
            if not raw:
                continue
            path = tmp_path / f"{x}-{y}.mvt"
            path.write_bytes(raw)
            frame = pyogrio.read_dataframe(path, layer="boundary")
            seen |= set(frame["id"])
            decoded = mapbox_vector_tile.decode(raw)["boundary"]["features"]
            assert {f["id"] for f in decoded} == set(frame["id"])
            for f in decoded:
                shape = shapely.make_valid(shapely.geometry.shape(f["geometry"]))
                assert shapely.within(shape, shapely.box(-64, -64, 4160, 4160))
    assert len(seen) == 9
