"""The HTTP interface as a caller sees it: contracts, errors, rights, caches, tiles, OGC."""

import gzip
import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import brotli
import httpx
import mapbox_vector_tile
import pyogrio
import pytest

from layers.registry import catalogue
from layers.store import queries_tiles
from layers.store.slices import today
from layers.store.staging import Issue
from tests.api import world
from tests.api.test_filters import EVIL

pytestmark = pytest.mark.asyncio(loop_scope="module")
CAT = catalogue()
SECRETS = ("张三", "李四", "13800000000", "leader", "contact_phone", "grid_capacity_mva")
PUBLIC_PATHS = (
    "/api/v1/layers",
    "/api/v1/rows/{layer}?limit=500",
    "/api/v1/features/{layer}",
    "/api/v1/card/{layer}/1",
    "/api/v1/rollup/{layer}?by=county,unit",
    "/api/v1/runs",
    "/api/v1/search?q=zs",
    "/api/v1/search?q=13800000000",
    "/api/v1/export/rows/{layer}.csv?demo=1",
    "/api/v1/export/rows/{layer}.geojson?demo=1",
    "/ogc/collections",
    "/ogc/collections/pub.{layer}/items?limit=100",
    "/ogc/collections/pub.{layer}/queryables",
    "/api/v1/rollup/{layer}?by=nosuch",
    "/api/v1/rollup/{layer}?measure=nosuch",
    "/api/v1/rollup/{layer}?filter=nosuch=1",
    "/api/v1/rows/{layer}?sort=nosuch",
    "/api/v1/histogram/{layer}/nosuch",
    "/ogc/collections/pub.{layer}/items?filter=nosuch=1",
    "/api/openapi.json",
    "/metrics",
)


@pytest.mark.parametrize(
    "path",
    ["/api", "/api/", "/api/v2/x", "/api/v1/nosuch", "/tiles", "/tiles/park", "/tiles/park/1/2", "/ogc/nosuch",
     "/api/v1/site/nosuch", "/ogc/collections/public.layer_park/items", "/ogc/collections/pub.nosuch/items",
     "/tiles/nosuch/1/0/0.mvt", "/api/v1/card/park/999999", "/api/v1/card/nosuch/1", "/api/v1/areas/nosuch",
     "/api/v1/runs/999999", "/ogc/collections/pub.park/items/999999"],
)  # fmt: skip
async def test_unknown_paths_are_a_404_problem_and_never_the_page(client: httpx.AsyncClient, path: str) -> None:
    for method in ("GET", "POST"):
        answer = await client.request(method, path)
        assert answer.status_code in ((404,) if method == "GET" else (404, 405))
        assert answer.headers["content-type"] == "application/problem+json"
        body = answer.json()
        assert body["status"] == answer.status_code
        assert {"type", "title", "detail", "instance"} <= set(body)


@pytest.mark.parametrize(
    "path",
    ["/api/v1/rollup/park?demo=2", "/api/v1/rollup/park?as_of=x", "/api/v1/rollup/park?known_at=2026-13-01",
     "/api/v1/rollup/park?as_of=0001-01-01", "/tiles/park/8/213/102.mvt?as_of=9999-12-31",
     "/api/v1/features/park?known_at=9999-12-31",
     "/api/v1/rollup/park?format=pdf", "/api/v1/rows/park?limit=x", "/api/v1/rows/park?bbox=1,2",
     "/api/v1/rows/park?bbox=a,b,c,d", "/api/v1/card/park/x", "/tiles/park/a/0/0.mvt", "/tiles/park/3/8/0.mvt",
     "/tiles/park/99/0/0.mvt", "/tiles/park/1/-1/0.mvt", "/ogc/collections/pub.park/items?datetime=x",
     "/ogc/collections/pub.park/items?bbox=1", "/ogc/collections/pub.park/items?planned_mu=x",
     "/ogc/collections/pub.park/items?sortby=nosuch", "/ogc/collections/pub.park/items?f=html",
     "/ogc/collections/pub.park/items?filter=level=1&filter=level=2", "/ogc/collections?filter=level=1",
     "/api/v1/card/park/99999999999999999999999"],
)  # fmt: skip
async def test_what_cannot_be_asked_is_a_400_problem_in_chinese(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code in (400, 404, 422)
    assert answer.headers["content-type"] == "application/problem+json"
    assert any("\u4e00" <= c <= "\u9fff" for c in answer.json()["detail"])


async def test_a_day_beyond_the_records_is_answered_with_what_is_known_of_it(client: httpx.AsyncClient) -> None:
    async def note(layer: str, day: str) -> str:
        return (await client.get(f"/api/v1/rollup/{layer}?as_of={day}")).json()["note"]

    ids = [r["id"] for r in (await client.get("/api/v1/rows/project?limit=500")).json()["rows"]]
    cards = [(await client.get(f"/api/v1/card/project/{i}")).json() for i in ids]
    first = min(e["event_date"] for card in cards for e in card["events"])
    assert await note("project", str(today())) == ""
    assert await note("project", first) == ""
    assert f"最早的日期是 {first}" in await note("project", "1950-01-01")
    assert "还没有到" in await note("project", f"{today().year + 2}-01-01")
    assert "没有日期" in await note("premises", "1950-01-01")


@pytest.mark.parametrize("text", EVIL, ids=range(len(EVIL)))
async def test_no_filter_runs_anything_by_any_path(client: httpx.AsyncClient, text: str) -> None:
    for path in ("/ogc/collections/pub.park/items", "/api/v1/rollup/park", "/tiles/park/8/213/102.mvt",
                 "/ogc/collections/pub.park/tiles/WebMercatorQuad/8/213/102", "/api/v1/rows/park",
                 "/api/v1/features/park"):  # fmt: skip
        answer = await client.get(f"{path}?filter={quote(text)}")
        assert answer.status_code in (400, 404, 414)
        assert answer.headers["content-type"] == "application/problem+json"
    assert (await client.get("/readyz")).status_code == 200


@pytest.mark.parametrize("layer", ["park", "project", "factory", "infrastructure"])
async def test_nothing_internal_reaches_a_caller_by_any_path(client: httpx.AsyncClient, layer: str) -> None:
    for path in PUBLIC_PATHS:
        answer = await client.get(path.format(layer=layer))
        found = [s for s in SECRETS if re.search(rf"\b{s}\b", answer.text) and s not in path]
        assert found == [], path
    for name in ("leader", "contact_phone", "grid_capacity_mva"):
        for path in ("/api/v1/rollup/{}?by={}", "/api/v1/rows/{}?sort={}", "/api/v1/rows/{}?filter={}%20IS%20NULL",
                     "/ogc/collections/pub.{}/items?sortby={}", "/ogc/collections/pub.{}/items?filter={}%20IS%20NULL",
                     "/api/v1/histogram/{}/{}"):  # fmt: skip
            assert (await client.get(path.format(layer, name))).status_code in (400, 404)
        plain = (await client.get(f"/ogc/collections/pub.{layer}/items")).json()
        asked = await client.get(f"/ogc/collections/pub.{layer}/items?{name}=x&properties={name}")
        assert asked.status_code in (400, 404) or name not in json.dumps(asked.json()["features"])
        assert plain["numberMatched"] > 0


async def test_tiles_hold_no_internal_field(client: httpx.AsyncClient) -> None:
    for layer in ("park", "project", "factory", "infrastructure"):
        for feature in await features_of(client, layer, 9):
            assert not set(feature["properties"]) & {f.id for f in CAT.layer(layer).fields if f.internal}


def tiles_over(
    zoom: int, box: tuple[float, float, float, float] = (119.0, 32.5, 121.6, 34.6)
) -> Iterator[tuple[int, int]]:
    def at(lon: float, lat: float) -> tuple[int, int]:
        n = 2**zoom
        y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n
        return int((lon + 180) / 360 * n), int(y)

    (x0, y0), (x1, y1) = at(box[0], box[3]), at(box[2], box[1])
    return ((x, y) for x in range(x0, x1 + 1) for y in range(y0, y1 + 1))


async def features_of(client: httpx.AsyncClient, layer: str, zoom: int, query: str = "") -> list[dict[str, Any]]:
    found = []
    for x, y in tiles_over(zoom):
        answer = await client.get(f"/tiles/{layer}/{zoom}/{x}/{y}.mvt{query}")
        assert answer.status_code in (200, 204)
        if answer.status_code == 200:
            decoded = mapbox_vector_tile.decode(answer.content)
            assert list(decoded) == [layer]
            found += decoded[layer]["features"]
    return found


@pytest.mark.parametrize("zoom", [5, 8, 10])
@pytest.mark.parametrize("text", ["", "is_demo", "county_code <> '320904'"])
async def test_tiles_hold_exactly_the_features_that_are_counted(
    client: httpx.AsyncClient, zoom: int, text: str
) -> None:
    for layer in ("park", "project", "factory", "infrastructure"):
        features = await features_of(client, layer, zoom, f"?filter={quote(text)}")
        assert all(f["id"] == f["properties"]["id"] for f in features)
        body = (await client.get(f"/api/v1/rollup/{layer}?filter={quote(text)}")).json()
        shown = json.loads((await client.get(f"/api/v1/features/{layer}?filter={quote(text)}")).content)["features"]
        assert {f["id"] for f in features} == {f["id"] for f in shown}
        assert len(shown) == body["total"] - body["unlocated"]


async def test_gdal_reads_the_tiles(client: httpx.AsyncClient, tmp_path: Path) -> None:
    (x, y) = next(iter(tiles_over(6)))
    path = tmp_path / f"{y}.mvt"
    path.write_bytes((await client.get(f"/tiles/project/6/{x}/{y}.mvt", headers={"accept-encoding": ""})).content)
    frame = pyogrio.read_dataframe(path, layer="project", read_geometry=False)
    body = (await client.get("/api/v1/rollup/project")).json()
    assert len(set(frame["id"])) == body["total"] - body["unlocated"]
    assert "stage" in frame.columns


async def test_crowded_low_tiles_hold_cells_that_add_up(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries_tiles, "CELLS_ABOVE", 5)
    rows = (await client.get("/api/v1/rows/project?limit=500")).json()["rows"]
    n = invest = 0
    for x, y in tiles_over(7):
        answer = await client.get(f"/tiles/project/7/{x}/{y}.mvt")
        if answer.status_code == 200:
            ((name, layer),) = mapbox_vector_tile.decode(answer.content).items()
            if name == "project_cell":
                n += sum(f["properties"]["n"] for f in layer["features"])
                invest += sum(f["properties"].get("sum_invest_cny", 0) for f in layer["features"])
            else:
                n += len(layer["features"])
                invest += sum(f["properties"].get("invest_cny", 0) for f in layer["features"])
    placed = [r for r in rows if r["lon"] is not None]
    assert (n, invest) == (len(placed), sum(r["invest_cny"] or 0 for r in placed))


async def test_tiles_are_compressed_and_not_sent_twice(client: httpx.AsyncClient) -> None:
    path = "/tiles/project/6/53/25.mvt"
    plain = await client.get(path, headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    for name, unpack in (("gzip", gzip.decompress), ("br", brotli.decompress)):
        async with client.stream("GET", path, headers={"accept-encoding": name}) as answer:
            raw = b"".join([chunk async for chunk in answer.aiter_raw()])
            assert answer.headers["content-encoding"] == name
            assert unpack(raw) == plain.content
    again = await client.get(path, headers={"if-none-match": plain.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    empty = await client.get("/tiles/project/6/0/0.mvt")
    assert (empty.status_code, empty.content) == (204, b"")
    other = await client.get(path + "?demo=0")
    assert other.headers["etag"] != plain.headers["etag"]


async def test_a_load_changes_the_tags(client: httpx.AsyncClient, writer: str) -> None:
    paths = ("/api/v1/features/rd_project", "/tiles/rd_project/6/53/25.mvt")
    before = [(await client.get(p)).headers["etag"] for p in paths]
    same = [await client.get(p, headers={"if-none-match": t}) for p, t in zip(paths, before, strict=True)]
    assert [a.status_code for a in same] == [304, 304]
    world.load(writer, "rd_project", [world.row("rd_project", "攻关一", at=world.CENTRES["320902"], county="320902")])
    after = [await client.get(p, headers={"if-none-match": t}) for p, t in zip(paths, before, strict=True)]
    assert [a.status_code for a in after] == [200, 200]


async def test_ogc_counts_what_the_api_counts(client: httpx.AsyncClient) -> None:
    for layer, text in (("project", "invest_cny > 100000000 AND stage = '开工'"), ("park", "industries = '汽车'"),
                        ("park", "S_INTERSECTS(geom, BBOX(120,33,121,34))"), ("project", "kind IS NULL"),
                        ("factory", "")):  # fmt: skip
        asked = f"?filter={quote(text)}" if text else ""
        ogc = (await client.get(f"/ogc/collections/pub.{layer}/items{asked}")).json()
        ours = (await client.get(f"/api/v1/rollup/{layer}{asked}")).json()
        assert ogc["numberMatched"] == ours["total"] > 0
    names = {c["id"] for c in (await client.get("/ogc/collections")).json()["collections"]}
    assert names == {f"pub.{layer.id}" for layer in CAT.layers.values() if layer.public}


async def test_the_same_figure_in_every_form(client: httpx.AsyncClient) -> None:
    body = (await client.get("/api/v1/rollup/project?measure=sum_invest_cny")).json()
    table = (await client.get("/api/v1/rollup/project?measure=sum_invest_cny&format=csv")).content.decode("utf-8-sig")
    cells = {line.split(",")[1]: line.split(",")[2] for line in table.splitlines() if "," in line}
    assert cells["合计"] == str(body["total"])
    assert cells["界外"] == str(body["outside"])
    assert "含演示数据 9 条" in table
    book = await client.get("/api/v1/rollup/project?format=xlsx")
    assert book.content[:2] == b"PK"


async def test_a_card_says_where_everything_comes_from(client: httpx.AsyncClient) -> None:
    async def named(layer: str, name: str) -> int:
        rows = (await client.get(f"/api/v1/rows/{layer}", params={"filter": f"name = '{name}'"})).json()["rows"]
        return int(rows[0]["id"])

    ident = await named("factory", "江苏一厂")
    card = (await client.get(f"/api/v1/card/factory/{ident}")).json()
    assert [(e["level"], e["days"]) for e in card["events"]] == [("先进级", None), ("卓越级", 731)]
    assert card["values"]["smart_level"] == "卓越级"
    assert (card["county"], card["source_name"], card["source_row"]) == ("亭湖区", "手工.xlsx", 2)
    assert card["run"]["run_id"] == card["run_id"]
    assert [f["id"] for f in card["fields"]] == [f.id for f in CAT.layer("factory").fields if not f.internal and f.card]
    earlier = (await client.get(f"/api/v1/card/factory/{ident}?as_of=2024-01-01")).json()
    assert earlier["values"]["smart_level"] == "先进级"
    port = await named("infrastructure", "大丰港")
    near = (await client.get(f"/api/v1/card/infrastructure/{port}")).json()["near"]
    assert [(n["layer"], n["name"]) for n in near] == [("park", "大丰港经济区")]
    assert 0 <= near[0]["distance_m"] <= 5000


@pytest.mark.parametrize(
    ("text", "first"),
    [("大丰港", "大丰港"), ("dafenggang", "大丰港"), ("dfg", "大丰港"), ("盐城港大丰", "大丰港"),
     ("黄海新区", "黄海新区"), ("91320900MA000001X0", "江苏一厂"), ("Ｐ0007", "项目7号"),
     ("320904", "大丰区"), ("大丰 区", "大丰区"), ("演示园区", "演示园区一")],
)  # fmt: skip
async def test_things_are_found_by_name_pinyin_initials_and_code(
    client: httpx.AsyncClient, text: str, first: str
) -> None:
    results = (await client.get("/api/v1/search", params={"q": text})).json()["results"]
    assert results[0]["name"] == first
    assert {"layer", "id", "name", "matched", "lon", "lat"} <= set(results[0])


@pytest.mark.parametrize("text", ["", " ", "%", "_", "'", "\\", "x" * 200, "（）"])
async def test_odd_searches_find_nothing_or_something_and_never_fail(client: httpx.AsyncClient, text: str) -> None:
    answer = await client.get("/api/v1/search", params={"q": text})
    assert answer.status_code == 200
    assert answer.json()["results"] == []


async def test_any_drawn_area_counts_the_rows_it_names(client: httpx.AsyncClient) -> None:
    ring = [[119, 33], [121, 33], [121, 33.45], [119, 33.45], [119, 33]]
    asked = {"layer": "project", "geometry": {"type": "Polygon", "coordinates": [ring]}, "filter": "NOT is_demo"}
    body = (await client.post("/api/v1/area-stats", json=asked)).json()
    rows = (await client.get("/api/v1/rows/project?limit=500&filter=NOT%20is_demo")).json()["rows"]
    inside = [r["id"] for r in rows if r["lat"] is not None and 33 <= r["lat"] <= 33.45 and r["lon"] <= 121]
    assert body["ids"] == inside
    assert body["total"] == len(inside)
    money = (await client.post("/api/v1/area-stats", json=asked | {"measure": "sum_invest_cny"})).json()
    assert money["total"] == sum(r["invest_cny"] or 0 for r in rows if r["id"] in inside)
    for wrong in ({"type": "Point", "coordinates": [1, 2]}, {"type": "Polygon", "coordinates": "x"}, {}):
        assert (await client.post("/api/v1/area-stats", json=asked | {"geometry": wrong})).status_code == 400


async def test_areas_keep_their_shared_borders(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/areas/county")
    features = answer.json()["features"]
    assert [f["properties"]["code"] for f in features] == list(world.COUNTIES)
    assert all(f["properties"]["name"] == world.COUNTIES[f["id"]] for f in features)
    again = await client.get("/api/v1/areas/county", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/api/v1/rollup/park?filters=level%3D'国家级'", "filter"),
        ("/api/v1/rollup/park?as-of=2020-01-01", "as_of"),
        ("/tiles/park/8/213/102.mvt?filtre=x", "filter"),
        ("/ogc/collections/pub.park/items?filters=x", "filter"),
        ("/ogc/collections/pub.park/items?limits=5", "limit"),
    ],
)
async def test_a_slip_in_a_parameter_is_told_and_not_passed_over(
    client: httpx.AsyncClient, path: str, meant: str
) -> None:
    answer = await client.get(path)
    assert answer.status_code == 400
    assert f"是不是 {meant}？" in answer.json()["cure"]


async def test_a_parameter_of_somebody_else_is_left_alone(client: httpx.AsyncClient) -> None:
    plain = await client.get("/api/v1/rollup/park")
    other = await client.get("/api/v1/rollup/park", params={"utm_source": "mail", "_": "1"})
    assert other.status_code == 200
    assert other.json() == plain.json()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/ogc/collections/layer_park/items", 404),
        ("/ogc/collections/pub.nosuch/items", 404),
        ("/ogc/collections/pg_catalog.pg_class/items", 404),
        ("/ogc/collections/pub.park/items?limit=0", 400),
        ("/ogc/collections/pub.project/items?properties=leader", 400),
        ("/ogc/collections/pub.project/items?properties=name,nosuch", 400),
        ("/ogc/collections/pub.project/items?properties=name,invest_cny&limit=1", 200),
    ],
)
async def test_what_ogc_cannot_answer_is_said(client: httpx.AsyncClient, path: str, status: int) -> None:
    assert (await client.get(path)).status_code == status


async def test_what_parks_can_be_counted_by_does_not_name_parks(client: httpx.AsyncClient) -> None:
    refused = (await client.get("/api/v1/rollup/park", params={"by": "park"})).json()
    assert "park" not in refused["cure"].removeprefix("可用：").rstrip("。").split("、")


async def test_every_answer_carries_the_security_headers(client: httpx.AsyncClient) -> None:
    for path in ("/", "/api/v1/layers", "/api/nosuch", "/metrics"):
        headers = (await client.get(path)).headers
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "unsafe-inline" not in headers["content-security-policy"].split("style-src")[0]
        assert headers["x-content-type-options"] == "nosniff"


async def test_openapi_names_every_route_that_people_use(client: httpx.AsyncClient) -> None:
    paths = set((await client.get("/api/openapi.json")).json()["paths"])
    wanted = {"/api/v1/layers", "/api/v1/rollup/{layer}", "/api/v1/features/{layer}", "/api/v1/rows/{layer}",
              "/api/v1/card/{layer}/{feature}", "/api/v1/search", "/api/v1/area-stats", "/api/v1/areas/{kind}",
              "/api/v1/basemap", "/api/v1/runs", "/api/v1/import/{layer}",
              "/tiles/{layer}/{z}/{x}/{y}.mvt"}  # fmt: skip
    assert wanted <= paths


async def test_metrics_count_requests(client: httpx.AsyncClient) -> None:
    await client.get("/api/v1/layers")
    assert 'yuantu_requests_total{family="/api/v1",status="200"}' in (await client.get("/metrics")).text


async def test_a_runs_faults_tell_nothing_of_internal_fields(client: httpx.AsyncClient, writer: str) -> None:
    row = world.row("premises", "厂房一", county="320902")
    told = [
        Issue(3, name, "bad_value", "warning", "13800000000", "值“13800000000”") for name in ("联系电话", "", "名称")
    ]
    run = world.load(writer, "premises", [row], issues=told).run_id
    found = (await client.get(f"/api/v1/runs/{run}")).json()
    assert {i["field"]: i["value"] == "13800000000" for i in found["issues"]} == {
        "联系电话": False,
        "": False,
        "名称": True,
    }
    assert [("13800000000" in i["message"]) == (i["field"] == "名称") for i in found["issues"]] == [True] * 3
