"""Drawn areas: equal to PostGIS whatever is drawn, whichever way they are counted; nearest things; kept areas."""

import datetime as dt
import json
import math
import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import httpx
import psycopg2
import pyproj
import pytest
import pytest_asyncio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from app.server import create_app
from geo.cell_cover import cell_boxes, cover
from geo.drawn import circle, combine, parse_area
from geo.errors import InputError
from layers.registry import catalogue
from layers.settings import ROOT, Settings
from layers.store.cell_terms import LEVELS
from layers.store.db import role_dsn
from layers.store.places import seed_places
from layers.store.queries_drawn import read_groups
from layers.store.reader import Reader
from layers.store.slices import When
from tests import support
from tests.api import world
from tests.map.test_tile_laws import generate

pytestmark = pytest.mark.asyncio(loop_scope="module")
CAT = catalogue()
DAY = When(dt.date(2026, 6, 30))
GEOD = pyproj.Geod(ellps="GRS80")


def nothing(step: object) -> shapely.Geometry:
    raise AssertionError(step)


@pytest.fixture(scope="module")
def generated(scratch_database: Callable[[], AbstractContextManager[str]]) -> Iterator[str]:
    with scratch_database() as url:
        dsn = role_dsn(url, "yuantu_writer", support.SECRET_KEY)
        seed_places(dsn, ROOT / "data" / "shapefiles")
        world.boundaries(dsn)
        generate(dsn)
        rows = [
            world.row("rd_project", f"格{i}", at=(120 + 0.05 * (i % 9), 33 + 0.05 * (i // 9)), county="320902")
            for i in range(81)
        ]  # fmt: skip
        world.load(dsn, "rd_project", rows)
        yield url


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def reader(generated: str) -> AsyncIterator[Reader]:
    async with Reader(role_dsn(generated, "yuantu_reader", support.SECRET_KEY), CAT) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(generated: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx.AsyncClient]:
    chosen = Settings(database_url=generated, secret_key=support.SECRET_KEY, var_dir=tmp_path_factory.mktemp("var"))
    app = create_app(chosen)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as made,
    ):
        yield made


def ask(url: str, query: str, *values: Any) -> list[tuple[Any, ...]]:
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute(query, values)
        found = cursor.fetchall()
    connection.close()
    return found


def random_area(chance: random.Random) -> str:
    """One to three steps round the clusters of the generated records."""
    steps = []
    for i in range(chance.randrange(1, 4)):
        lon, lat = chance.choice([c for n, c in world.CENTRES.items() if n != "outside"])
        lon, lat = lon + chance.uniform(-0.05, 0.05), lat + chance.uniform(-0.05, 0.05)
        kind = chance.choice(["poly", "box", "circle", "line"])
        w = chance.uniform(0.005, 0.4)
        if kind == "poly":
            ring = [
                (lon + w * math.cos(a) * chance.uniform(0.4, 1), lat + w * math.sin(a)) for a in (0, 1.3, 2.4, 3.9, 5.2)
            ]
            shape = "poly:" + ",".join(f"{x:.6f},{y:.6f}" for x, y in ring)
        elif kind == "box":
            shape = f"box:{lon - w:.6f},{lat - w / 2:.6f},{lon + w:.6f},{lat + w:.6f}"
        elif kind == "circle":
            shape = f"circle:{lon:.6f},{lat:.6f},{w * 9e4:.1f}"
        else:
            shape = f"line:{w * 4e4:.1f},{lon - w:.6f},{lat:.6f},{lon:.6f},{lat + w:.6f},{lon + w:.6f},{lat:.6f}"
        steps.append(shape if i == 0 else f"{chance.choice('uid')}.{shape}")
    return "~".join(steps)


async def test_any_area_equals_postgis_from_cells_and_record_by_record(reader: Reader, generated: str) -> None:
    chance = random.Random(11)
    ways = set()
    for _ in range(14):
        try:
            area = await reader.drawn(random_area(chance), DAY)
        except InputError:
            continue  # an intersection of two far shapes: nothing is left, and that is said
        wkb = shapely.to_wkb(area.shape)
        for layer, money, text in (
            ("enterprise", "registered_cny", ""), ("enterprise", "registered_cny", "county_code = '320902'"),
            ("project", "invest_cny", "NOT is_demo"),
        ):  # fmt: skip
            body = await reader.area_summary(layer, area, text, DAY)
            stats = await reader.area_stats(
                layer, dict(shapely.geometry.mapping(area.shape)), f"sum_{money}", text, DAY
            )
            where = f"AND {text.replace('NOT', 'NOT s.')}".replace("s. is", "s.is") if text else ""
            found = ask(
                generated,
                f"SELECT count(*), sum(s.{money}) FROM pub.{layer} AS s"
                f" WHERE ST_Intersects(s.geom, ST_SetSRID(%s::geometry, 4490)) {where}",
                psycopg2.Binary(wkb),
            )
            ways.add(body["how"])
            total = next(s["value"] for s in body["sums"] if s["field"] == money)
            if layer == "enterprise":
                assert (body["n"], total or 0) == (found[0][0], found[0][1] or 0)
            assert body["n"] == stats["n_features"] == len(stats["ids"])
            assert (total or 0) == (stats["total"] or 0)
            assert sum(r["n"] for r in body["by_county"]) == sum(r["n"] for r in body["by_unit"]) == body["n"]
            rows = await reader.area_rows(layer, area, text, DAY, limit=50_000)
            assert sorted(r["id"] for r in rows) == stats["ids"]
    assert ways == {"cells", "records"}


async def test_points_on_the_border_count_as_in_postgis(reader: Reader, generated: str) -> None:
    for text in ("box:120,33,120.2,33.2", "poly:120,33,120.4,33,120.4,33.4", "box:120.05,33.05,120.051,33.4"):
        area = await reader.drawn(text, DAY)
        layer = CAT.layer("rd_project")
        body = await reader.area_summary("rd_project", area, "", DAY)
        assert body["how"] == "cells"
        found = ask(
            generated, "SELECT count(*) FROM pub.rd_project WHERE ST_Intersects(geom, ST_SetSRID(%s::geometry, 4490))",
            psycopg2.Binary(shapely.to_wkb(area.shape)),
        )  # fmt: skip
        assert body["n"] == found[0][0] > 0
        groups, _ = await read_groups(
            reader.pool, CAT, layer, area.shape, filter_text="", when=DAY, demo=True, internal=False
        )
        assert sum(g.n for g in groups) == body["n"]


async def test_parts_add_up(reader: Reader) -> None:
    chance = random.Random(3)

    async def count(text: str) -> int:
        try:
            area = await reader.drawn(text, DAY)
        except InputError:
            return 0
        return int((await reader.area_summary("enterprise", area, "", DAY))["n"])

    for _ in range(4):
        lon, lat = world.CENTRES["320902"]
        centres = [(lon + chance.uniform(-0.1, 0.1), lat + chance.uniform(-0.1, 0.1)) for _ in "ab"]
        a, b = (f"circle:{x:.6f},{y:.6f},{chance.uniform(4e3, 2e4):.1f}" for x, y in centres)
        both, either = await count(f"{a}~i.{b}"), await count(f"{a}~u.{b}")
        assert await count(a) + await count(b) == both + either
        assert await count(f"{a}~d.{b}") + both == await count(a)


async def test_the_dates_of_an_area_are_those_of_the_rollup(reader: Reader) -> None:
    everywhere = await reader.drawn("box:118,32,122,35", DAY)
    for day in (dt.date(2020, 1, 1), dt.date(2022, 5, 1), dt.date(2026, 6, 30)):
        when = When(day)
        body = await reader.area_summary("project", everywhere, "", when)
        rollup = await reader.rollup("project", ("county",), "n", "", when)
        assert body["n"] == rollup["total"] - rollup["unlocated"]
        assert body["city"]["n"] == rollup["total"]
        stages = await reader.rollup("project", ("stage",), "n", "", when)
        terms = {r["value"]: r["n"] for r in body["terms"]["rows"]}
        assert all(terms.get(r["name"], 0) <= r["n_features"] for r in stages["rows"])


async def test_nearest_and_within_equal_a_measurement_of_everything(reader: Reader, generated: str) -> None:
    for lon, lat in ((120.2, 33.4), (119.6, 34.1), (121.9, 32.4)):
        body = await reader.nearest("enterprise", lon, lat, k=12, metres=25_000, when=DAY)
        far = ask(
            generated,
            "SELECT id, ST_Distance(geom::geography, ST_SetSRID(ST_MakePoint(%s, %s), 4490)::geography) AS d"
            " FROM pub.enterprise WHERE geom IS NOT NULL ORDER BY d, id",
            lon, lat,
        )  # fmt: skip
        assert [r["id"] for r in body["rows"]] == [i for i, _ in far[:12]]
        assert [r["distance_m"] for r in body["rows"]] == [pytest.approx(d, abs=0.01) for _, d in far[:12]]
        assert body["n_within"] == sum(d <= 25_000 for _, d in far)
    with pytest.raises(InputError):
        await reader.nearest("enterprise", 120, 33, k=0)


@settings(max_examples=40)
@given(
    st.floats(119.4, 121.0), st.floats(32.6, 34.4), st.floats(20, 60_000), st.integers(0, 5),
)  # fmt: skip
async def test_a_cover_is_exact_whatever_the_area(lon: float, lat: float, metres: float, shift: int) -> None:
    area = shapely.union(circle(lon, lat, metres), circle(lon + shift * 0.01, lat, metres / 3))
    squares = cover(area, LEVELS)
    inside = cell_boxes_of(squares.inside)
    assert all(shapely.contains(area, inside))
    everything = shapely.union_all([*inside, *cell_boxes_of(squares.border)])
    assert shapely.difference(area, everything).area < 1e-12
    cells = {tuple(c) for c in [*squares.inside.tolist(), *squares.border.tolist()]}
    for level, x, y in cells:
        up = [(k, x >> (level - k), y >> (level - k)) for k in LEVELS if k < level]
        assert not any(parent in cells for parent in up), "no cell lies in another"


def cell_boxes_of(cells: Any) -> list[shapely.Geometry]:
    return [b for level in LEVELS for b in cell_boxes(level, *cells[cells[:, 0] == level][:, 1:].T)]


async def test_a_circle_and_a_line_reach_as_far_as_they_say() -> None:
    ring = circle(120.2, 33.3, 5000)
    for x, y in list(ring.exterior.coords)[::16]:
        assert GEOD.inv(120.2, 33.3, x, y)[2] == pytest.approx(5000, abs=0.01)
    strip = combine(parse_area("line:2000,120.0,33.0,120.4,33.0"), nothing)
    east, north = GEOD.fwd(120.2, 33.0, 0, 1990)[:2], GEOD.fwd(120.2, 33.0, 0, 2010)[:2]
    assert shapely.contains(strip, shapely.Point(east)) and not shapely.contains(strip, shapely.Point(north))


@pytest.mark.parametrize(
    "text",
    ["", "poly:1,2,3", "circle:120,33", "circle:120,33,-5", "circle:120,33,1e9", "nosuch:1", "d.box:1,2,3,4",
     "box:1,2,3,x",
     "box:1,2,3,400", "poly:1,2,3,4,5,nan", "x.box:1,2,3,4", "near:project,1", "~", "box:1,2,3,4~"],
)  # fmt: skip
async def test_what_is_no_area_is_refused(client: httpx.AsyncClient, text: str) -> None:
    with pytest.raises(InputError):
        parse_area(text)
    answer = await client.get("/api/v1/drawn", params={"area": text})
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_counties_things_and_lines_are_areas_too(client: httpx.AsyncClient) -> None:
    county = (await client.get("/api/v1/drawn", params={"area": "area:320904"})).json()
    assert county["properties"]["names"] == {"area:320904": "大丰区"}
    named = (await client.get("/api/v1/rows/project", params={"filter": "county_code = '320904'"})).json()["rows"]
    thing = next(r for r in named if r["lon"] is not None)
    near = (await client.get("/api/v1/drawn", params={"area": f"near:project,{thing['id']},3000"})).json()
    assert near["properties"]["area_m2"] == pytest.approx(math.pi * 3000**2, rel=0.002)
    sizes = []
    for name in ("coast", "highway", "railway", "river"):
        line = (
            await client.get("/api/v1/drawn", params={"area": f"along:{name},2000~i.box:119.5,32.6,121,34.4"})
        ).json()
        sizes.append(line["properties"]["area_m2"])
    assert all(1e8 < size < 3e10 for size in sizes)
    assert (await client.get("/api/v1/drawn", params={"area": "along:coast,500~i.area:320904"})).status_code == 400
    for missing in ("area:999999", "near:project,999999,5", "along:nosuch,5", "saved:999999", "near:nosuch,1,5"):
        assert (await client.get("/api/v1/drawn", params={"area": missing})).status_code == 404


async def test_an_area_is_kept_named_taken_away_and_brought_back(client: httpx.AsyncClient) -> None:
    text = "circle:120.2,33.4,9000"
    kept = (await client.post("/api/v1/drawn/saved", json={"name": "城区九公里", "area": text})).json()
    drawn = [(await client.get("/api/v1/drawn", params={"area": a})).json() for a in (text, kept["area"])]
    assert shapely.equals(*(shapely.from_geojson(json.dumps(d["geometry"])) for d in drawn))
    listed = (await client.get("/api/v1/drawn/saved")).json()["areas"]
    assert [a["name"] for a in listed] == ["城区九公里"]
    number = kept["id"]
    assert (await client.delete(f"/api/v1/drawn/saved/{number}")).status_code == 200
    assert (await client.delete(f"/api/v1/drawn/saved/{number}")).status_code == 404
    assert (await client.get("/api/v1/drawn/saved")).json()["areas"] == []
    assert (await client.get("/api/v1/drawn", params={"area": kept["area"]})).status_code == 200
    assert (await client.post(f"/api/v1/drawn/saved/{number}/restore")).status_code == 200
    assert len((await client.get("/api/v1/drawn/saved")).json()["areas"]) == 1
    for wrong in ({"name": " ", "area": text}, {"name": "x" * 81, "area": text}, {"name": "a", "area": "nosuch:1"}):
        assert (await client.post("/api/v1/drawn/saved", json=wrong)).status_code == 400
    elsewhere = {"origin": "http://elsewhere.example"}
    refused = await client.post("/api/v1/drawn/saved", json={"name": "a", "area": text}, headers=elsewhere)
    assert refused.status_code == 403


async def test_an_uploaded_shape_is_an_area(client: httpx.AsyncClient) -> None:
    square = shapely.box(120.1, 33.3, 120.3, 33.5)
    body = json.dumps({"type": "Feature", "properties": {}, "geometry": shapely.geometry.mapping(square)})
    kept = await client.post("/api/v1/drawn/upload", params={"file": "片区.geojson"}, content=body.encode())
    assert kept.status_code == 200, kept.text
    text = kept.json()["area"]
    stats = [
        (await client.get("/api/v1/drawn/stats/enterprise", params={"area": a, "as_of": "2026-06-30"})).json()
        for a in (text, "box:120.1,33.3,120.3,33.5")
    ]
    assert stats[0]["n"] == stats[1]["n"] > 0
    assert stats[0]["sums"] == stats[1]["sums"]
    point = json.dumps({"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [1, 2]}})
    for name, content in (("a.geojson", point), ("a.geojson", "{"), ("a.exe", body), ("a.zip", "PK")):
        answer = await client.post("/api/v1/drawn/upload", params={"file": name}, content=content.encode())
        assert answer.status_code in (400, 422), name
        assert answer.headers["content-type"] == "application/problem+json"


async def test_area_stats_takes_the_text_too(client: httpx.AsyncClient) -> None:
    asked = {"layer": "enterprise", "area": "box:120.1,33.3,120.3,33.5", "summary": True}
    body = (await client.post("/api/v1/area-stats", json=asked)).json()
    assert body["total"] == body["summary"]["n"] == len(body["ids"]) > 0
    assert (await client.post("/api/v1/area-stats", json={"layer": "enterprise"})).status_code == 400
    table = await client.get(
        "/api/v1/drawn/rows/enterprise", params={"area": asked["area"], "format": "csv", "limit": 50_000}
    )
    assert len(table.text.strip().splitlines()) == body["total"] + 1
