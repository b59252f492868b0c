"""Exports over HTTP and by the command line, from a real database with the shipped data, read back."""

import io
import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, unquote, urlencode

import docx
import openpyxl
import psycopg2
import pypdf
import pytest
from PIL import Image

from etl.pipeline import Context
from etl.shipped import load_shipped
from layers.registry import catalogue
from layers.settings import ROOT
from layers.store.db import role_dsn
from tests.support import SECRET_KEY, serving

FORMULA = '=HYPERLINK("http://example.org","点我")'
RECIPE = {
    "version": 1, "family": "map", "layers": [{"id": "infrastructure", "filter": ""}, {"id": "project", "filter": ""}],
    "by": "county", "layer": "project", "measure": "sum_invest_cny", "as_of": "2026-06-30", "known_at": None,
    "extent": "city", "classes": {"scheme": "quantiles", "k": 5}, "title": "重点项目 · 总投资", "paper": "A4",
    "dpi": 72, "map_approval_no": "",
}  # fmt: skip


@pytest.fixture(scope="module")
def database(scratch_database, secret_key, tmp_path_factory) -> Iterator[str]:
    with scratch_database() as url:
        context = Context(role_dsn(url, "yuantu_writer", secret_key), catalogue(), tmp_path_factory.mktemp("load"))
        load_shipped(context, ROOT / "data" / "shapefiles", demo=False)
        with psycopg2.connect(url) as connection, connection.cursor() as cursor:
            # one 演示 record, and one whose name is a formula
            cursor.execute("UPDATE layer_project SET is_demo = true WHERE id = (SELECT min(id) FROM layer_project)")
            cursor.execute(
                "UPDATE layer_project SET name = %s WHERE id = (SELECT max(id) FROM layer_project)", (FORMULA,)
            )
        connection.close()
        yield url


@pytest.fixture(scope="module")
def base(database: str, tmp_path_factory) -> Iterator[str]:
    with serving(database, tmp_path_factory.mktemp("serve")) as url:
        yield f"{url}/api/v1/export"


def fetch(url: str, data: bytes | None = None) -> tuple[int, dict[str, str], bytes]:
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"} if data else {})
    try:
        with urllib.request.urlopen(request, timeout=180) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read()


def map_url(base: str, fmt: str, **changes: object) -> str:
    return f"{base}/map?" + urlencode({"recipe": json.dumps(RECIPE | changes, ensure_ascii=False), "format": fmt})


def book(base: str, query: str = "") -> openpyxl.Workbook:
    status, _, body = fetch(f"{base}/rows/project.xlsx?{query}")
    assert status == 200, body
    return openpyxl.load_workbook(io.BytesIO(body))


def test_the_map_in_one_press(base: str) -> None:
    status, headers, png = fetch(map_url(base, "png"))
    assert status == 200, png
    with Image.open(io.BytesIO(png)) as image:
        assert image.size == (841, 595)
    name = unquote(re.search(r"filename\*=UTF-8''(\S+)", headers["content-disposition"]).group(1))
    assert name == "重点项目 · 总投资 2026-06-30.png"
    status, headers, pdf = fetch(map_url(base, "pdf"))
    assert (status, headers["content-type"]) == (200, "application/pdf")
    text = pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
    for word in ("重点项目 · 总投资", "内部使用", "EPSG:4549", "市发改委", "截至 2026-06-30", "大丰区"):
        assert word in text, word
    assert fetch(map_url(base, "svg"))[2].startswith(b"<?xml")
    assert b"L.map(" in fetch(map_url(base, "html"))[2]


def test_the_recipe_may_be_the_body(base: str) -> None:
    plain = fetch(f"{base}/map?format=svg", json.dumps(RECIPE).encode())
    wrapped = fetch(f"{base}/map", json.dumps({"recipe": RECIPE, "format": "svg"}).encode())
    assert (plain[0], wrapped[0]) == (200, 200)
    assert plain[1]["content-type"] == wrapped[1]["content-type"] == "image/svg+xml"


def test_what_cannot_be_drawn_is_a_problem_with_its_cure(base: str) -> None:
    status, headers, body = fetch(map_url(base, "png", family="rainbow", paper="B5"))
    problem = json.loads(body)
    assert (status, headers["content-type"]) == (400, "application/problem+json")
    assert [p["key"] for p in problem["problems"]] == ["family", "paper"]
    assert fetch(f"{base}/map", b"{")[0] == 400
    assert fetch(f"{base}/map", b"x" * 30_000)[0] == 400
    assert fetch(map_url(base, "gif"))[0] in (400, 422)
    assert fetch(map_url(base, "png", layers=[{"id": "project", "filter": "nothing = 1"}]))[0] == 400
    assert fetch(map_url(base, "png", extent="110000"))[0] == 400
    assert fetch(f"{base}/rows/nothing.xlsx")[0] == 404
    assert fetch(f"{base}/rows/project.exe")[0] in (400, 404, 422)
    assert fetch(f"{base}/rows/project.xlsx?filter={quote('contact_phone = 1')}")[0] == 400


def test_the_workbook_holds_the_rows_and_says_what_it_is(base: str, database: str) -> None:
    opened = book(base, "demo=1")
    assert opened.sheetnames == ["数据", "汇总", "来源"]
    data = opened["数据"]
    head = [c.value for c in data[3]]
    assert head[:3] == ["名称", "县（市、区）", "责任板块"]
    assert {"演示数据", "总投资（亿元）", "定位精度", "数据日期", "来源文件", "来源行号", "经度"} <= set(head)
    assert not {"责任领导", "联系人", "联系电话"} & set(head)
    rows = [dict(zip(head, [c.value for c in row], strict=True)) for row in data.iter_rows(min_row=4)]
    with psycopg2.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*), sum(invest_cny) FROM layer_project WHERE recorded_to = 'infinity'")
        n, total = cursor.fetchone()
    connection.close()
    assert len(rows) == n
    assert sum(r["总投资（亿元）"] or 0 for r in rows) == pytest.approx(float(total) / 1e8)
    assert sum(r["演示数据"] == "是" for r in rows) == 1
    assert {r["县（市、区）"] for r in rows} & {"大丰区", "滨海县"}
    assert data.freeze_panes == "C4"
    assert data.auto_filter.ref.startswith("A3:")
    assert "内部使用" in data["A1"].value
    said = {row[0].value: row[1].value for row in opened["来源"].iter_rows(max_row=9)}
    assert said["记录数"] == str(n)
    assert said["其中演示数据"] == "1"
    assert said["筛选条件"] == "无"


def test_the_sums_of_the_workbook_meet_the_total_on_both_axes(base: str) -> None:
    sheet = book(base, "demo=1")["汇总"]
    found = []
    block: dict[str, float] = {}
    for row in sheet.iter_rows(min_row=1, values_only=True):
        if isinstance(row[2], int | float) or row[1] == "合计":
            block[row[1]] = row[2]
        if row[1] == "合计":
            found.append(block)
            block = {}
    assert len(found) == 2
    for block in found:
        assert {"界外", "未定位"} <= set(block)
        assert sum(v for k, v in block.items() if k != "合计") == block["合计"]
    assert found[0]["合计"] == found[1]["合计"]
    assert "盐南高新区" in "".join(found[1])


def test_no_cell_of_the_workbook_can_run(base: str) -> None:
    opened = book(base)
    cells = [c for sheet in opened for row in sheet.iter_rows() for c in row]
    assert [c.coordinate for c in cells if c.data_type == "f"] == []
    assert any(c.value == FORMULA and c.data_type == "s" for c in cells)


def test_a_filter_and_the_demo_switch_decide_the_rows(base: str) -> None:
    everything = book(base, "demo=1")["数据"].max_row
    assert book(base, "demo=0")["数据"].max_row == everything - 1
    kept = book(base, "demo=1&filter=" + quote("invest_cny >= 1000000000"))
    head = [c.value for c in kept["数据"][3]]
    values = [row[head.index("总投资（亿元）")] for row in kept["数据"].iter_rows(min_row=4, values_only=True)]
    assert values
    assert min(values) >= 10
    assert "invest_cny >= 1000000000" in kept["数据"]["A1"].value


def test_the_csv_opens_in_excel_and_runs_nothing(base: str) -> None:
    status, headers, body = fetch(f"{base}/rows/project.csv?demo=1")
    assert (status, headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert body.startswith(b"\xef\xbb\xbf")
    import csv

    lines = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    assert {len(line) for line in lines} == {len(lines[0])}
    assert any(line[0] == f"'{FORMULA}" for line in lines)
    assert not any(cell.startswith(("=", "@")) for line in lines for cell in line)


def test_the_geojson_has_a_shape_for_everything_that_has_a_place(base: str) -> None:
    document = json.loads(fetch(f"{base}/rows/park.geojson")[2])
    assert document["about"]["密级"] == "内部使用"
    for feature in document["features"]:
        placed = feature["properties"]["location_accuracy"] != "none"
        assert (feature["geometry"] is not None) == placed, feature["properties"]["name"]
    kinds = {f["geometry"]["type"] for f in document["features"] if f["geometry"]}
    assert any("Polygon" in kind for kind in kinds)  # 黄海新区


def test_a_layer_with_nothing_gives_an_empty_workbook(base: str) -> None:
    status, _, body = fetch(f"{base}/rows/parcel.xlsx")
    assert status == 200
    opened = openpyxl.load_workbook(io.BytesIO(body))
    assert opened["数据"].max_row == 3


def test_libreoffice_prints_the_workbook_without_repair(base: str, tmp_path: Path) -> None:
    (tmp_path / "rows.xlsx").write_bytes(fetch(f"{base}/rows/project.xlsx?demo=1")[2])
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", tmp_path, tmp_path / "rows.xlsx"]
    made = subprocess.run(command, capture_output=True, text=True, timeout=240, check=True)
    assert "repair" not in (made.stdout + made.stderr).lower()
    pages = pypdf.PdfReader(tmp_path / "rows.pdf").pages
    text = "".join(page.extract_text() for page in (pages[0], pages[-1]))
    assert "内部使用" in text
    assert "记录数" in text  # the last sheet came too


def test_the_documents_are_made_again_from_their_own_files(database: str, tmp_path: Path) -> None:
    environment = os.environ | {
        "YUANTU_DATABASE_URL": database, "YUANTU_VAR_DIR": str(tmp_path), "YUANTU_SECRET_KEY": SECRET_KEY,
    }  # fmt: skip
    code = """
import json, sys
from pathlib import Path
from app.export.cli import make_again, make_to_file, rank_recipe, write_rows, write_rows_again
from geo.errors import InputError
folder = Path(sys.argv[1])
bodies = {
    "targets": {"dept": "市工信局", "as_of": "2026-06-30"},
    "notice": {"period": "2026-05"},
    "compare": {"query": "ms=project.done_pct,factory.n&shown=320902,320904&axis=unit", "as_of": "2026-06-30"},
    "site": {"recipe": rank_recipe(Path("auto_parts"), "选址", as_of="2026-06-30"), "customer": "某企业"},
}
told = {}
for kind, body in bodies.items():
    for suffix in ("docx", "pptx"):
        make_to_file(kind, body, folder / f"{kind}.{suffix}")
        told[f"{kind}.{suffix}"] = make_again(kind, folder / f"{kind}.{suffix}", folder / f"again-{kind}.{suffix}")
try:
    make_again("notice", folder / "targets.docx", folder / "no.docx")
except InputError as error:
    told["other"] = error.message
n = write_rows("project", folder / "a.xlsx", "invest_cny >= 100000000", "2026-06-30", "", demo=True)
again, told["rows.xlsx"] = write_rows_again(folder / "a.xlsx", folder / "b.xlsx")
assert n == again > 0
print(json.dumps(told, ensure_ascii=False))
"""
    command = [sys.executable, "-c", code, str(tmp_path)]
    made = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)
    assert made.returncode == 0, made.stderr
    told = json.loads(made.stdout.splitlines()[-1])
    assert told.pop("other") == "文件 targets.docx 不是园图导出的报送情况通报。"
    assert told.pop("rows.xlsx") == []
    assert told == {f"{k}.{s}": [] for k in ("targets", "notice", "compare", "site") for s in ("docx", "pptx")}
    texts = ["\n".join(p.text for p in docx.Document(tmp_path / f"{n}site.docx").paragraphs) for n in ("", "again-")]
    assert "某企业" in texts[0]
    assert texts[0] == texts[1]


def test_the_command_line_draws_the_same_and_again_from_the_map_itself(database: str, tmp_path: Path) -> None:
    (tmp_path / "recipe.json").write_text(json.dumps(RECIPE), encoding="utf-8")
    environment = os.environ | {
        "YUANTU_DATABASE_URL": database, "YUANTU_VAR_DIR": str(tmp_path), "YUANTU_SECRET_KEY": SECRET_KEY,
    }  # fmt: skip

    def run(source: str, target: str) -> subprocess.CompletedProcess[str]:
        code = (
            "import sys; from pathlib import Path; from app.export.cli import make_from_file;"
            "print(make_from_file('map', Path(sys.argv[1]), Path(sys.argv[2])))"
        )
        command = [sys.executable, "-W", "error", "-c", code, source, target]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)

    first = run(str(tmp_path / "recipe.json"), str(tmp_path / "a.pdf"))
    assert first.returncode == 0, first.stderr
    again = run(str(tmp_path / "a.pdf"), str(tmp_path / "b.pdf"))
    assert again.returncode == 0, again.stderr
    assert (first.stdout.strip(), again.stdout.strip()) == ("None", "[]")  # a recipe, then a map without changes
    text = [pypdf.PdfReader(tmp_path / name).pages[0].extract_text() for name in ("a.pdf", "b.pdf")]
    assert text[0] == text[1]
    assert "重点项目 · 总投资" in text[0]
    (tmp_path / "bad.json").write_text('{"version": 1}', encoding="utf-8")
    bad = run(str(tmp_path / "bad.json"), str(tmp_path / "c.pdf"))
    assert "family：缺少这个键" in bad.stderr
    assert not (tmp_path / "c.pdf").exists()
    assert "没有格式“gif”" in run(str(tmp_path / "recipe.json"), str(tmp_path / "c.gif")).stderr
