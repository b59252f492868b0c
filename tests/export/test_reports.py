"""Reports over HTTP: ordered, followed, cancelled, issued for ever, made again, compared; drafts for the page."""

import hashlib
import io
import json
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import docx
import geopandas
import openpyxl
import psycopg2
import pyarrow.parquet
import pyogrio
import pypdf
import pytest
from PIL import Image

from app.export.reuse import figures_in, recipe_of
from etl.pipeline import Context
from etl.shipped import load_shipped
from layers.registry import catalogue
from layers.settings import ROOT
from layers.site import presets
from layers.store import reports
from layers.store.db import role_dsn
from tests.export.test_served import fetch
from tests.support import SECRET_KEY, serving

RECIPE = {
    "version": 1, "family": "choropleth", "layers": [{"id": "project", "filter": ""}], "by": "county",
    "measure": "sum_invest_cny", "as_of": "2026-06-30", "extent": "city", "title": "重点项目总投资", "dpi": 72,
    "compiler": "市工信局", "demo": False,
}  # fmt: skip
QUERY = {"by": "county", "measure": "sum_invest_cny", "as_of": "2026-06-30", "demo": "0"}
ENDED = ("done", "failed", "cancelled")


@pytest.fixture(scope="module")
def database(scratch_database, secret_key, tmp_path_factory) -> Iterator[str]:
    with scratch_database() as url:
        context = Context(role_dsn(url, "yuantu_writer", secret_key), catalogue(), tmp_path_factory.mktemp("load"))
        load_shipped(context, ROOT / "data" / "shapefiles", demo=False)
        yield url


@pytest.fixture(scope="module")
def server(database: str, tmp_path_factory) -> Iterator[str]:
    with serving(database, tmp_path_factory.mktemp("serve"), workers="1") as url:
        yield url


@pytest.fixture
def base(server: str) -> str:
    return f"{server}/api/v1/export"


def post(url: str, body: object = None) -> tuple[int, dict]:
    status, _, answer = fetch(url, json.dumps(body or {}).encode())
    return status, json.loads(answer)


def order(base: str, kind: str = "map", fmt: str = "png", **changes: object) -> int:
    status, answer = post(f"{base}/reports", {"kind": kind, "format": fmt, "order": RECIPE | changes, "who": "张三"})
    assert status == 200, answer
    return answer["id"]


def ended(base: str, ident: int, seconds: float = 240) -> dict:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = json.loads(fetch(f"{base}/reports/{ident}")[2])
        if found["state"] in ENDED:
            return found
        time.sleep(0.2)
    raise AssertionError(found)


def test_an_order_becomes_a_file_with_its_figures(base: str, server: str) -> None:
    made = ended(base, order(base))
    assert (made["state"], made["share"], made["asked_by"]) == ("done", 1.0, "张三")
    status, headers, content = fetch(f"{base}/reports/{made['id']}/file")
    assert status == 200
    assert headers["content-type"] == "image/png"
    assert hashlib.sha256(content).hexdigest() == made["sha256"]
    with Image.open(io.BytesIO(content)) as image:
        assert image.size == (841, 595)
    query = urlencode({"by": "county", "measure": "sum_invest_cny", "as_of": "2026-06-30", "demo": "0"})
    body = json.loads(fetch(f"{server}/api/v1/rollup/project?{query}")[2])
    told = {r[0]: r[2] for r in made["figures"]["rows"]}
    assert {r["code"]: r["value"] for r in body["rows"]} == {c: told[c] for c in told if c.isdecimal()}
    assert told["total"] == body["total"]


def test_the_numbers_of_the_atlas_are_those_of_the_api(base: str, server: str) -> None:
    made = ended(base, order(base, "atlas", "pdf", by="unit"))
    assert made["state"] == "done", made["message"]
    query = urlencode({"by": "unit", "measure": "sum_invest_cny", "as_of": "2026-06-30", "demo": "0"})
    body = json.loads(fetch(f"{server}/api/v1/rollup/project?{query}")[2])
    pages = pypdf.PdfReader(io.BytesIO(fetch(f"{base}/reports/{made['id']}/file")[2])).pages
    assert len(pages) == len(body["rows"]) + 2
    for page, row in zip(list(pages)[2:], body["rows"], strict=True):
        text = "".join(page.extract_text().split())
        shown = "—" if row["value"] is None else f"{row['value'] / 1e8:,.1f}"
        assert f"{row['name']}{shown}亿元" in text, row
    # /compare says the same of the same day, axis and measure
    asked = "layer=project&axis=unit&measure=sum_invest_cny&as_of=2026-06-30&demo=0"
    status, _, content = fetch(f"{base}/compare.xlsx?{asked}")
    assert status == 200, content
    sheet = openpyxl.load_workbook(io.BytesIO(content))["对比"]
    compared = {str(r[0] or "total"): r[2] for r in sheet.iter_rows(min_row=2, values_only=True)}
    assert sheet["C1"].value == "重点项目总投资（亿元）"
    held = {r[0]: None if r[2] is None else r[2] / 1e8 for r in made["figures"]["rows"]}
    assert set(compared) == set(held)
    assert {k: v for k, v in compared.items() if v is None} == {k: v for k, v in held.items() if v is None}
    for code, value in held.items():
        assert value is None or compared[code] == pytest.approx(value), code


def test_the_numbers_of_a_comparison_are_those_of_the_api(base: str, server: str) -> None:
    asked = "ms=project.sum_invest_cny,infrastructure.n&shown=320902,320904,320921&demo=0&vs=2026-01-01"
    body = {"query": asked, "as_of": "2026-06-30", "title": "三地对比"}
    status, answer = post(f"{base}/reports", {"kind": "compare", "format": "docx", "order": body, "who": "张三"})
    assert status == 200, answer
    made = ended(base, answer["id"])
    assert made["state"] == "done", made["message"]
    document = docx.Document(io.BytesIO(fetch(f"{base}/reports/{made['id']}/file")[2]))
    assert document.paragraphs[0].text == "三地对比"
    for number, (layer, measure, how) in enumerate(
        (("project", "sum_invest_cny", lambda v: f"{v / 1e8:,.1f}"), ("infrastructure", "n", "{:,}".format))
    ):
        query = f"by=county&measure={measure}&demo=0&as_of="
        now, was = (
            json.loads(fetch(f"{server}/api/v1/rollup/{layer}?{query}{day}")[2]) for day in ("2026-06-30", "2026-01-01")
        )
        head, *rows = [[c.text for c in row.cells] for row in document.tables[number].rows]
        told = {r[0]: r[1] for r in rows}
        held = {r["name"]: r["value"] for r in now["rows"]}
        shown = ("亭湖区", "大丰区", "响水县")
        assert {n: told[n] for n in shown} == {n: "—" if held[n] is None else how(held[n]) for n in shown}
        rest = [v for n, v in held.items() if n not in shown and v is not None]
        assert (told["其余 6 个"], told["合计"]) == (how(sum(rest)), how(now["total"]))
        if "2026-01-01" in head:
            before = {r[0]: r[head.index("2026-01-01")] for r in rows}
            assert before["合计"] == how(was["total"])
    status, answer = post(f"{base}/reports", {"kind": "compare", "format": "docx", "order": {"query": "ms=nothing.n"}})
    refused = ended(base, answer["id"])
    assert refused["state"] == "failed"
    assert "nothing.n" in refused["message"]


def test_an_issued_report_never_changes_and_the_next_lists_the_differences(base: str, database: str) -> None:
    first = ended(base, order(base))
    status, answer = post(f"{base}/reports/{first['id']}/issue", {"who": "李四", "number": "工信发〔2026〕1号"})
    assert status == 200, answer
    assert answer["issued_at"]
    file_before = fetch(f"{base}/reports/{first['id']}/file")[2]
    assert post(f"{base}/reports/{first['id']}/issue", {"who": "李四"})[0] == 409
    assert post(f"{base}/reports/{first['id']}/remove")[0] == 409
    for change in ("UPDATE report SET figures = '{}'", "DELETE FROM report", "UPDATE report_file SET content = ''",
                   "DELETE FROM report_file"):  # fmt: skip
        column = "report_id" if "report_file" in change else "id"
        connection = psycopg2.connect(role_dsn(database, "yuantu_writer", SECRET_KEY))
        with pytest.raises(psycopg2.errors.RaiseException), connection, connection.cursor() as cursor:
            cursor.execute(f"{change} WHERE {column} = %s", (first["id"],))
        connection.close()
    connection = psycopg2.connect(database)
    with connection, connection.cursor() as cursor:  # the data move on: one project costs 7 亿元 more
        cursor.execute(
            "UPDATE layer_project SET invest_cny = invest_cny + 700000000 WHERE id = (SELECT min(id) FROM"
            " layer_project WHERE invest_cny IS NOT NULL AND county_code = '320904' AND recorded_to = 'infinity')"
        )
        assert cursor.rowcount == 1
    connection.close()
    status, answer = post(f"{base}/reports/{first['id']}/again", {"who": "李四"})
    second = ended(base, answer["id"])
    assert second["follows"] == first["id"]
    assert any(x.startswith("大丰区：") and "（+" in x for x in second["differences"]), second["differences"]
    compared = json.loads(fetch(f"{base}/reports/{first['id']}/differences/{second['id']}")[2])
    assert compared["differences"] == second["differences"]
    assert json.loads(fetch(f"{base}/reports/{first['id']}/differences/{first['id']}")[2])["same"]
    assert fetch(f"{base}/reports/{first['id']}/file")[2] == file_before
    assert json.loads(fetch(f"{base}/reports/{first['id']}")[2])["figures"] == first["figures"]


def test_what_lacks_a_required_block_is_not_issued_and_the_lack_is_listed(base: str) -> None:
    made = ended(base, order(base, compiler="", layers=[{"id": "project", "filter": "invest_cny > 1e15"}]))
    status, problem = post(f"{base}/reports/{made['id']}/issue", {})
    assert status == 400
    listed = [p["message"] for p in problem["problems"]]
    assert "没有写谁出具" in listed
    assert any("编制单位" in x for x in listed)
    assert any("没有任何记录" in x for x in listed)


def test_ten_orders_at_once_all_come_and_previews_come_between(base: str) -> None:
    idents = [order(base, title=f"第 {i} 张", leave_out=["labels", "inset"]) for i in range(10)]
    status, headers, png = fetch(f"{base}/preview?{urlencode({'recipe': json.dumps(RECIPE)})}")
    assert status == 200, png
    sheet = json.loads(headers["x-yuantu-sheet"])
    west, south, east, north = sheet["box"]
    assert west < 120 < east
    assert south < 33.5 < north
    made = [ended(base, i) for i in idents]
    assert {m["state"] for m in made} == {"done"}
    assert [m["title"] for m in made] == [f"第 {i} 张" for i in range(10)]
    listed = json.loads(fetch(f"{base}/reports")[2])["reports"]
    assert set(idents) <= {r["id"] for r in listed}


def test_an_order_can_be_cancelled_while_it_waits_and_while_it_is_made(base: str) -> None:
    making, waiting = order(base, "atlas", "pdf"), order(base)
    assert post(f"{base}/reports/{waiting}/cancel")[1] == {"cancelled": True}
    assert post(f"{base}/reports/{making}/cancel")[1] == {"cancelled": True}
    assert {ended(base, i)["state"] for i in (making, waiting)} == {"cancelled"}
    assert fetch(f"{base}/reports/{making}/file")[0] == 404
    assert post(f"{base}/reports/{making}/cancel")[1] == {"cancelled": False}
    assert ended(base, order(base))["state"] == "done"  # the queue goes on
    assert post(f"{base}/reports/{making}/remove")[0] == 200
    assert fetch(f"{base}/reports/{making}")[0] == 404


def test_what_cannot_be_made_is_refused_or_says_why(base: str) -> None:
    status, problem = post(f"{base}/reports", {"kind": "map", "format": "png", "order": RECIPE | {"paper": "B5"}})
    assert status == 400
    assert problem["problems"][0]["key"] == "paper"
    assert post(f"{base}/reports", {"kind": "poster", "order": RECIPE})[0] == 400
    assert post(f"{base}/reports", {"kind": "map", "format": "png", "order": []})[0] == 400
    assert post(f"{base}/reports", {"kind": "brief", "format": "docx", "order": RECIPE, "template": "%%"})[0] == 400
    assert fetch(f"{base}/reports/{10**30}")[0] in (400, 422)
    assert fetch(f"{base}/reports/999999")[0] == 404
    failed = ended(base, order(base, extent="110000"))
    assert failed["state"] == "failed"
    assert "没有代码为“110000”的地方" in failed["message"]


def test_a_report_is_changed_before_it_is_made_again(base: str) -> None:
    first = ended(base, order(base, subtitle="上半年"))
    found = json.loads(fetch(f"{base}/reports/{first['id']}")[2])
    keys = {x["key"]: x["value"] for x in found["editable"]}
    assert (keys["title"], keys["subtitle"], keys["as_of"]) == (RECIPE["title"], "上半年", "")
    changes = {"title": "新标题", "subtitle": "", "as_of": "2026-03-31"}
    status, answer = post(f"{base}/reports/{first['id']}/again", {"changes": changes})
    assert status == 200, answer
    second = ended(base, answer["id"])
    assert (second["title"], second["as_of"], second["recipe"]["subtitle"]) == ("新标题", "2026-03-31", "")
    assert second["recipe"]["compiler"] == RECIPE["compiler"]  # what is not named stays
    assert {f"标题：{RECIPE['title']} → 新标题", "截止日：2026-06-30 → 2026-03-31"} <= set(second["differences"])
    status, problem = post(f"{base}/reports/{first['id']}/again", {"changes": {"dpi": 72}})
    assert status == 400
    assert "dpi" in problem["detail"]
    assert post(f"{base}/reports/{first['id']}/again", {"changes": {"as_of": "昨天"}})[0] == 400


def test_ten_exports_of_different_families_at_once_are_all_right(base: str, server: str) -> None:
    park = json.loads(fetch(f"{base}/rows/park.geojson?as_of=2026-06-30")[2])["features"]
    thing = next(f for f in park if f["geometry"] and f["geometry"]["type"].endswith("Polygon"))["id"]
    profile = next(iter(presets().values())).profile.model_dump(mode="json")
    asked = [
        ("png", {}), ("pdf", {"family": "symbols", "title": "比例"}), ("svg", {"family": "points", "title": "分布"}),
        ("png", {"family": "heat", "title": "热度"}), ("pdf", {"family": "change", "since": "2026-01-01"}),
        ("svg", {"family": "stages", "measure": "n"}), ("html", {"family": "map", "title": "网页"}),
        ("pdf", {"family": "single", "feature": f"park:{thing}", "layers": [{"id": "park"}], "measure": "n"}),
        ("png", {"paper": "16:9", "fills": "hatch"}),
        ("pdf", {"family": "rank", "profile": profile, "layers": [{"id": "park"}], "measure": "n"}),
    ]  # fmt: skip

    def export(fmt: str, changes: dict) -> tuple[int, dict, bytes]:
        query = urlencode({"recipe": json.dumps(RECIPE | changes), "format": fmt})
        return fetch(f"{base}/map?{query}")

    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(lambda one: export(*one), asked))
        while any(status == 409 for status, _, _ in answers):  # refused at once with what to do: asked once more
            answers = [a if a[0] != 409 else export(*one) for a, one in zip(answers, asked, strict=True)]
    assert [a[0] for a in answers] == [200] * 10, [a[2][:300] for a in answers if a[0] != 200]
    known = {"known_at": json.loads(recipe_of(answers[0][2]))["known_at"]}
    body = json.loads(fetch(f"{server}/api/v1/rollup/project?{urlencode(QUERY | known)}")[2])
    begins = {"png": b"\x89PNG", "pdf": b"%PDF", "svg": b"<?xml", "html": b"<!"}
    for (_, _, content), (fmt, changes) in zip(answers, asked, strict=True):
        assert content.lower().startswith(begins[fmt].lower()), changes
        held = json.loads(recipe_of(content))
        assert held["family"] == changes.get("family", "choropleth")
        figures = figures_in(content)
        if held["measure"] == RECIPE["measure"] and held["family"] != "change":
            told = {r[0]: r[2] for r in figures["rows"]}
            assert {r["code"]: r["value"] for r in body["rows"]} == {c: told[c] for c in told if c.isdecimal()}


def test_a_batch_has_one_map_for_each_county(base: str) -> None:
    made = ended(base, order(base, "batch", "zip", paper="A4", leave_out=["labels", "inset", "graticule"]))
    with zipfile.ZipFile(io.BytesIO(fetch(f"{base}/reports/{made['id']}/file")[2])) as held:
        names = held.namelist()
        assert len(names) == 9
        assert "大丰区 · 重点项目总投资.png" in names
        assert all(held.read(n).startswith(b"\x89PNG") for n in names)


def test_an_order_of_a_process_that_ended_shows_as_lost_and_can_be_removed(base: str, database: str) -> None:
    dsn = role_dsn(database, "yuantu_writer", SECRET_KEY)
    ident = reports.add_order(dsn, "map", "png", RECIPE)
    connection = psycopg2.connect(database)
    with connection, connection.cursor() as cursor:
        cursor.execute("UPDATE report SET beat_at = now() - interval '1 hour' WHERE id = %s", (ident,))
    connection.close()
    assert json.loads(fetch(f"{base}/reports/{ident}")[2])["is_lost"] is True
    assert post(f"{base}/reports/{ident}/remove")[0] == 200


def test_rows_are_read_back_by_gdal_and_arrow_with_the_filter_that_made_them(base: str, server: str, tmp_path) -> None:
    query = urlencode({"filter": "level = '国家级'", "as_of": "2026-06-30", "demo": "0"})
    want = json.loads(fetch(f"{server}/api/v1/rollup/park?{query}")[2])["n_features"]
    assert want > 0
    for suffix in ("gpkg", "kml", "parquet", "csv"):
        status, _, body = fetch(f"{base}/rows/park.{suffix}?{query}")
        assert status == 200, body
        (tmp_path / f"a.{suffix}").write_bytes(body)
    assert [str(x[0]) for x in pyogrio.list_layers(tmp_path / "a.gpkg")] == ["园区", "说明"]
    rows = geopandas.read_file(tmp_path / "a.gpkg", layer="园区")
    assert len(rows) == want
    assert rows.crs.to_epsg() == 4490
    assert set(rows["级别"]) == {"国家级"}
    about = geopandas.read_file(tmp_path / "a.gpkg", layer="说明")
    assert "level = '国家级'" in set(about["内容"])
    table = pyarrow.parquet.read_table(tmp_path / "a.parquet")
    assert table.num_rows == want
    assert json.loads(table.schema.metadata[b"yuantu"])["筛选条件"] == "level = '国家级'"
    assert len(geopandas.read_parquet(tmp_path / "a.parquet")) == want
    placed = int(rows.geometry.notna().sum())
    assert len(geopandas.read_file(tmp_path / "a.kml")) == placed
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    hidden = {f.title for f in catalogue().layer("park").fields if f.internal}
    assert not hidden & set(rows.columns)
