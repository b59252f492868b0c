"""Laws 4 and 6 on generated records: tiles, cells and rollups give the same numbers for filters and dates."""

import asyncio
import datetime as dt
import json
import math
import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import mapbox_vector_tile
import pytest

from layers.registry import catalogue
from layers.settings import ROOT
from layers.store import queries_tiles
from layers.store.db import role_dsn
from layers.store.places import seed_places
from layers.store.reader import Reader
from layers.store.slices import When
from tests import support
from tests.api import world

CAT = catalogue()
STAGES = ("储备", "签约", "开工", "竣工", "达产", "达效")
WHENS = [When(dt.date(2026, 6, 30)), When(dt.date(2023, 9, 1)), When(dt.date(2020, 1, 1))]
DAY = When(dt.date(2026, 6, 30))


def generate(dsn: str) -> None:
    """Some 600 projects with stages, clustered, a few outside, a few nowhere; and 500 enterprises bound to no day."""
    chance = random.Random(5)
    places = [*world.CENTRES, "unlocated"]
    rows: dict[str, list[dict[str, Any]]] = {"project": [], "enterprise": []}
    events = []
    for i in range(1100):
        place = chance.choice(places)
        lon, lat = world.CENTRES.get(place, (0.0, 0.0))
        at = {"at": (chance.gauss(lon, 0.03), chance.gauss(lat, 0.03))} if place in world.CENTRES else {}
        layer = "project" if i < 600 else "enterprise"
        values: dict[str, Any] = {"registered_cny": chance.choice([None, chance.randrange(10**9)])}
        if layer == "project":
            values = {"invest_cny": chance.choice([None, chance.randrange(10**9)]), "project_code": f"P{i}"}
            day = dt.date(2019, 1, 1)
            for stage in STAGES[: chance.randrange(5)]:
                day += dt.timedelta(days=chance.randrange(1, 900))
                events.append((f"R{i}", stage, "", day, None))
        rows[layer].append(world.row(layer, f"R{i}", county=place, demo=i % 9 == 0, **at, **values))
    world.load(dsn, "project", rows["project"], events=events)
    world.load(dsn, "enterprise", rows["enterprise"])


@pytest.fixture(scope="module")
def generated(scratch_database: Callable[[], AbstractContextManager[str]]) -> Iterator[str]:
    with scratch_database() as url:
        dsn = role_dsn(url, "yuantu_writer", support.SECRET_KEY)
        seed_places(dsn, ROOT / "data" / "shapefiles")
        generate(dsn)
        yield url


@pytest.fixture
async def reader(generated: str) -> AsyncIterator[Reader]:
    async with Reader(role_dsn(generated, "yuantu_reader", support.SECRET_KEY), CAT) as made:
        yield made


async def tiles(reader: Reader, layer: str, zoom: int, text: str, when: When, demo: bool) -> dict[str, Any]:
    """Everything the tiles of a zoom say: from cells n and sums, from records those whose point lies in the tile."""
    money = "invest_cny" if layer == "project" else "registered_cny"
    n = total = cells = 0
    terms: dict[str, int] = {}
    todo = [(0, 0, 0)]
    while todo:
        z, x, y = todo.pop()
        body = await reader.tile(layer, z, x, y, text, when, demo)
        if not body:
            continue
        if z < zoom:
            todo += [(z + 1, 2 * x + i, 2 * y + j) for i in (0, 1) for j in (0, 1)]
            continue
        ((name, found),) = mapbox_vector_tile.decode(body, default_options={"y_coord_down": True}).items()
        for feature in found["features"]:
            value = feature["properties"]
            if name.endswith("_cell"):
                cells += 1
                n += value["n"]
                total += value.get(f"sum_{money}", 0)
                for key in value:
                    if key.startswith("n_"):
                        terms[key[2:]] = terms.get(key[2:], 0) + value[key]
            elif all(0 <= c < 4096 for c in feature["geometry"]["coordinates"]):
                n += 1
                total += value.get(money, 0) if layer == "project" else 0
                if layer == "project" and value.get("stage"):
                    terms[value["stage"]] = terms.get(value["stage"], 0) + 1
    return {"n": n, "total": total, "terms": terms, "cells": cells}


@pytest.mark.parametrize("when", WHENS, ids=lambda w: w.as_of.isoformat())
@pytest.mark.parametrize(
    "text",
    ["", "county_code = '320902'", "stage IN ('签约','开工') AND county_code IN ('320902','320981')",
     "invest_cny > 500000000 AND NOT is_demo"],
)  # fmt: skip
async def test_cells_and_records_of_any_zoom_add_up_to_the_rollup(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, text: str, when: When
) -> None:
    monkeypatch.setattr(queries_tiles, "CELLS_ABOVE", 3)
    counted = await reader.rollup("project", ("stage",), "n", text, when)
    money = await reader.rollup("project", ("county",), "sum_invest_cny", text, when)
    located = counted["total"] - (await reader.rollup("project", ("county",), "n", text, when))["unlocated"]
    stages = {r["code"]: r["n_features"] for r in counted["rows"] if r["code"]}
    seen = [await tiles(reader, "project", zoom, text, when, True) for zoom in (6, 9)]
    for found in seen:
        assert found["n"] == located
        assert found["total"] == (money["total"] or 0) - (money["unlocated"] or 0)
        assert all(found["terms"].get(s, 0) <= n for s, n in stages.items())
    assert seen[0]["terms"] == seen[1]["terms"]
    assert seen[0]["cells"] > 0 or located <= 3


@pytest.mark.parametrize("demo", [True, False])
async def test_cells_bound_to_no_day_add_up_whatever_the_day(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, demo: bool
) -> None:
    monkeypatch.setattr(queries_tiles, "CELLS_ABOVE", 0)
    body = await reader.rollup("enterprise", ("county",), "sum_registered_cny", "", DAY, demo)
    count = await reader.rollup("enterprise", ("county",), "n", "", DAY, demo)
    for zoom in (0, 7, 12):
        found = await tiles(reader, "enterprise", zoom, "", DAY, demo)
        assert found["n"] == count["total"] - count["unlocated"]
        assert found["total"] == body["total"] - (body["unlocated"] or 0)


@pytest.mark.parametrize("zoom", [5, 8, 11])
async def test_stored_cells_are_those_computed_from_the_records(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, zoom: int
) -> None:
    monkeypatch.setattr(queries_tiles, "CELLS_ABOVE", 0)
    n = 2**zoom
    lon, lat = world.CENTRES["320902"]
    x = int((lon + 180) / 360 * n)
    y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n)
    for when in WHENS:
        stored = await reader.tile("project", zoom, x, y, "", when)
        anew = await reader.tile("project", zoom, x, y, "id > 0", when)
        read = [mapbox_vector_tile.decode(b) if b else {} for b in (stored, anew)]
        cells = [sorted(map(repr, body.get("project_cell", {}).get("features", []))) for body in read]
        assert cells[0] == cells[1]


@pytest.mark.parametrize("text", ["", "county_code = '320902'", "invest_cny > 500000000"])
async def test_features_say_when_they_are_too_many(reader: Reader, text: str) -> None:
    everything = json.loads(await reader.features("project", text, DAY))
    n = len(everything["features"])
    few = json.loads(await reader.features("project", text, DAY, most=n))
    assert few == everything and n > 1
    many = json.loads(await reader.features("project", text, DAY, most=n - 1))
    assert many == {"type": "FeatureCollection", "features": [], "too_many": True}


async def test_features_of_a_box_are_those_drawn_in_it(reader: Reader) -> None:
    everything = json.loads(await reader.features("enterprise", "", DAY))["features"]
    lon, lat = world.CENTRES["320902"]
    west, south, east, north = lon - 0.02, lat - 0.03, lon + 0.05, lat + 0.01
    inside = [
        f for f in everything
        if west <= f["geometry"]["coordinates"][0] <= east and south <= f["geometry"]["coordinates"][1] <= north
    ]  # fmt: skip
    found = json.loads(await reader.features("enterprise", "", DAY, bbox=(west, south, east, north)))["features"]
    assert found == inside and 0 < len(found) < len(everything)
    few = json.loads(await reader.features("enterprise", "", DAY, bbox=(west, south, east, north), most=len(found) - 1))
    assert few == {"type": "FeatureCollection", "features": [], "too_many": True}


async def test_sixteen_people_with_filters_of_their_own_get_their_own_tiles(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More askers than connections, nothing kept: they wait in turn, and each gets what it gets alone."""
    monkeypatch.setattr(queries_tiles, "CELLS_ABOVE", 3)
    asked = [(f"invest_cny > {10_000_000 * i}", (6, 53, 25)) for i in range(16)]
    asked += [(text, place) for text, _ in asked for place in ((8, 213, 102), (10, 853, 410))]
    together = await asyncio.gather(*(reader.tile("project", *place, text, DAY) for text, place in asked))
    alone = [await reader.tile("project", *place, text, DAY) for text, place in asked]
    assert [sorted(a or b"") for a in together] == [sorted(a or b"") for a in alone]
    assert len(set(together)) > 8
