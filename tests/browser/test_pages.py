"""Every page: quiet, Chinese, whole without a network, on a desk, a laptop and a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import closing
from urllib.parse import urlsplit

import psycopg2
import pytest
from psycopg2 import sql

from tests import support
from tests.browser.conftest import Screen

PATHS = ("/", "/compare", "/targets", "/site", "/report", "/data", "/login", "/nowhere")
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
NAMES = re.compile(r"OpenStreetMap|CGCS2000|EPSG|AG Grid|https?\S*|[A-Za-z0-9_.-]+\.(?:xlsx|csv|geojson)")
WORD = re.compile(r"[A-Za-z]{3,}")
KNOWN = {"PNG", "PDF", "xlsx", "csv", "yuantu", "import", "CRS", "GCJ", "WGS", "OPC", "LNG", "GDP", "MVA", "kVA"}
KNOWN |= {"TOPSIS", "CRITIC"}  # methods
KNOWN |= {"CSV", "GEOJSON", "GPKG", "KML", "PARQUET", "SVG", "XLSX", "PPTX", "DOCX", "HTML", "ZIP", "GeoJSON"}
KNOWN |= {"Esc", "shp", "gpkg", "geojson", "kml", "kmz", "zip"}  # keys, and the names of kinds of files


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("options", [{}, {"color_scheme": "dark"}, PHONE], ids=["light", "dark", "phone"])
def test_every_page_is_there_and_quiet(screen_of: Callable[..., Screen], path: str, options: dict[str, object]) -> None:
    screen = screen_of(**options).open(path)
    shown = screen.page.locator(f"#page-{path[1:] or 'map'}")
    shown.wait_for()
    screen.until(lambda: screen.page.locator(f"#page-{path[1:] or 'map'} [aria-busy=true]").count() == 0)
    assert screen.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    words = set(WORD.findall(NAMES.sub("", screen.page.inner_text("body")))) - KNOWN
    assert not words, words
    assert screen.page.title().endswith("园图")


def test_a_phone_has_a_map_and_one_sheet(screen_of: Callable[..., Screen]) -> None:
    screen = screen_of(**PHONE).open("/")
    screen.page.locator(".rt tr.sum").wait_for()
    screen.page.locator(".stabs button", has_text="列表").tap()
    screen.page.locator(".ag-row").first.wait_for()
    assert not screen.page.locator(".rt").first.is_visible()
    screen.page.locator(".stabs button", has_text="筛选").tap()
    screen.page.locator("#filters-body .chip", has_text=re.compile("^开工")).tap()
    screen.until(lambda: screen.page.locator("#map-chips .chip").count() == 1)
    screen.page.locator("#map-chips .chip").tap()
    screen.until(lambda: screen.query() == {})
    screen.page.locator(".stabs button", has_text="图例").tap()
    assert screen.page.locator("#layers-list .ly").first.is_visible()
    screen.page.locator(".ptab a", has_text="对比").tap()
    screen.page.locator("#page-compare .ct").wait_for()
    assert screen.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_compare_marks_ones_own_and_leads_back_to_the_map(screen: Screen) -> None:
    page = screen.page
    screen.open("/compare")
    page.locator(".ct tr.sum").wait_for()
    page.locator(".ct").get_by_label("标记大丰区").click()
    page.locator(".fnd", has_text="比同组其余 8 个").wait_for()
    page.locator('.cpm path[data-area="320924"]').click()  # the map marks too
    screen.until(lambda: page.locator(".ct tr.pinned").count() == 2)
    signs = page.locator(".ct tr.pinned .pin").all_inner_texts()
    assert sorted(signs) == ["■", "●"]
    assert screen.query() == {"pins": "320904,320924"}
    page.locator('.ct tr[data-area="320904"]').hover()
    assert page.locator('.cpm path.hot[data-area="320904"]').count() == 1
    page.locator('.cpm path[data-area="320902"]').hover(position={"x": 20, "y": 20}, force=True)
    page.locator("summary", has_text="区域").click()
    page.locator(".menu.cm .chip", has_text="阜宁县").click()
    screen.until(lambda: page.locator(".ct tbody tr").count() == 8 + 1 + 3)
    address = page.url
    page.goto(address)
    screen.until(lambda: page.locator(".ct tbody tr").count() == 12)
    cell = page.locator('.ct tr[data-area="320904"] button.lk').nth(1)
    expected = int(cell.inner_text())
    cell.click()
    page.locator("#compare-rows .dt").wait_for()
    assert page.locator("#compare-rows .dt tbody tr").count() == expected
    page.locator("#compare-rows a", has_text="在地图上看").click()
    page.locator("#page-map .rt tr.sum").wait_for()
    screen.until(lambda: screen.rows() == expected)
    assert screen.query()["area"] == "320904"
    page.go_back()
    page.locator("#page-compare .ct.dt").wait_for()
    page.keyboard.press("Escape")
    screen.until(lambda: page.locator("#compare-rows").count() == 0)


def test_compare_adds_and_drops_a_measure_and_goes_to_another_day(screen: Screen) -> None:
    page = screen.page
    screen.open("/compare")
    page.locator(".ct tr.sum").wait_for()
    before = page.locator(".ct thead .hd").count()
    page.locator("summary", has_text="指标").click()
    page.get_by_label("添加指标").select_option("project.mean_invest_cny")
    screen.until(lambda: page.locator(".ct thead .hd").count() == before + 1)
    page.locator(".menu.cm .chip", has_text="重点项目平均总投资").click()
    screen.until(lambda: page.locator(".ct thead .hd").count() == before)
    page.keyboard.press("Escape")
    page.locator(".ct thead .hd", has_text="数量").click()
    page.locator(".cb h2", has_text="重点项目数量").wait_for()
    page.locator(".cmp-head input").fill("2025.6.30")
    page.locator(".cmp-head input").press("Enter")
    screen.until(lambda: screen.query().get("as_of") == "2025-06-30")
    page.locator(".ct th", has_text="较 2024-06-30").wait_for()
    page.get_by_label("与哪天比").select_option("2024-12-31")
    page.locator(".ct th", has_text="较 2024-12-31").wait_for()
    page.locator(".seg button", has_text="按区域").click()
    screen.until(lambda: page.locator(".smg.many .smc").count() == 9)


@pytest.mark.parametrize(("text", "head"), [("工作簿", b"PK"), ("图（png）", b"\x89PNG")])
def test_the_comparison_is_exported(screen: Screen, text: str, head: bytes) -> None:
    screen.open("/compare?pins=320904")
    screen.page.locator(".ct tr.sum").wait_for()
    screen.page.locator("#compare-export summary").click()
    with screen.page.expect_download(timeout=180_000) as waiting:
        screen.page.locator("#compare-export a", has_text=text).click()
    assert waiting.value.path().read_bytes().startswith(head)


@pytest.mark.parametrize(("text", "head"), [("这张图 PNG", b"\x89PNG"), ("这张图 PDF", b"%PDF"), ("明细 xlsx", b"PK")])
def test_the_map_is_exported_in_one_press(screen: Screen, text: str, head: bytes) -> None:
    screen.map_ready("/?area=320904")
    screen.page.locator("#export-menu summary").click()
    with screen.page.expect_download(timeout=180_000) as waiting:
        screen.page.locator("#export-menu a", has_text=text).click()
    path = waiting.value.path()
    assert path.read_bytes().startswith(head)


def test_a_park_without_an_outline_is_sketched_and_saved_as_a_run(screen: Screen) -> None:
    found = support.fetch_json(f"{screen.base}/api/v1/search?q=yanshiyuanquyi")
    ident = next(x["id"] for x in found["results"] if x["layer"] == "park")
    screen.map_ready(f"/?on=park&layer=park&sel=park:{ident}&v=11/32.87/120.32")
    screen.page.get_by_role("button", name="绘制示意").click()
    screen.page.locator(".yt-drawing").wait_for()
    screen.page.wait_for_timeout(1200)
    box = screen.page.locator("#map").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for dx, dy in ((-70, -50), (70, -50), (70, 50)):
        screen.page.mouse.click(x + dx, y + dy)
        screen.page.wait_for_timeout(400)
    screen.page.mouse.dblclick(x - 70, y + 50)
    screen.page.locator("#sketch-dialog[open]").wait_for()
    screen.page.locator("#sketch-save").click()
    screen.page.get_by_text("没有填写原因").wait_for()
    screen.page.locator("#sketch-reason").fill("按公开四至示意")
    screen.page.locator("#sketch-save").click()
    screen.page.locator("#banner.on", has_text="已保存").wait_for()
    screen.until(lambda: "示意" in screen.text("#side-body"))
    screen.page.keyboard.press("6")
    screen.page.locator("#page-data").wait_for()


def test_the_database_goes_away_and_comes_back(screen_of: Callable[..., Screen], filled: str) -> None:
    screen = screen_of().map_ready()
    everything = screen.rows()
    name = sql.Identifier(urlsplit(filled).path.removeprefix("/"))
    with closing(psycopg2.connect(support.with_database(filled, "postgres"))) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(name))
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            [urlsplit(filled).path.removeprefix("/")],
        )
        try:
            screen.page.locator(".rt button.an", has_text="大丰区").click()
            screen.page.locator("#banner.on", has_text="连接不上数据库").wait_for()
            assert screen.rows() == everything  # the old picture stays
        finally:
            cursor.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(name))
    screen.until(lambda: screen.page.locator("#banner.on").count() == 0)
    screen.until(lambda: 0 < screen.rows() < everything)
    away = "Failed to load resource: the server responded with a status of 503"
    assert {c[: len(away)] for c in screen.complaints} <= {away}  # the browser's own lines for answers that say so
    screen.complaints.clear()


def test_junk_in_the_address_is_left_out(screen: Screen) -> None:
    screen.open("/?layer=nope&on=x&f.project.stage=zzz&sel=project:abc&as_of=never&v=1/2&k=99&area=%27%3B--")
    screen.page.locator(".rt tr.sum").wait_for()
    screen.page.locator("#table-foot span").first.wait_for()


def test_a_thing_that_is_gone_says_so(screen: Screen) -> None:
    screen.open("/?sel=project:999999999")
    screen.page.get_by_text("没有这条").wait_for()
    screen.page.get_by_text("返回汇总").first.click()
    screen.page.locator(".rt tr.sum").wait_for()
