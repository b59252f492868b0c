"""The page of reports in Chromium: the form, the draft, the frame that is dragged, orders, issue, comparison."""

import json
import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import Browser, Page, expect

from app.export.families import OPTIONAL
from app.export.products import KINDS
from app.export.recipe import check_recipe, parse_recipe
from app.i18n import texts
from app.pages.report.compose import FAMILIES, OFFERED, asked_of, order_of, recipe_of
from app.pages.report.history import history
from app.pages.state import State
from etl.pipeline import Context
from etl.shipped import load_shipped
from layers.registry import catalogue
from layers.settings import ROOT
from layers.store.db import role_dsn
from tests.support import serving

CAT = catalogue()
SLOW = 120_000


def state(query: str) -> State:
    return State.from_query(CAT, query, "/report")


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_the_page_offers_is_a_recipe_that_can_be_drawn(family: str) -> None:
    given = state(f"r.fam={family}&r.since=2026-01-01&as_of=2026-06-30&sel=park:12&r.title=题&r.hide=inset")
    made = recipe_of(CAT, given, asked_of(given))
    recipe = parse_recipe(made)
    check_recipe(recipe, CAT)
    assert (recipe.family, recipe.title, recipe.leave_out) == (family, "题", ("inset",))


@pytest.mark.parametrize("kind", OFFERED)
def test_every_kind_has_an_order(kind: str) -> None:
    given = state(f"r.kind={kind}&r.dept=市工信局&r.period=2026-10&ms=project.n")
    asked = asked_of(given)
    assert asked.format in KINDS[kind][1]
    body = order_of(CAT, given, asked)
    keys = {"targets": "dept", "notice": "period", "site": "recipe", "compare": "query"}
    assert body[keys.get(kind, "version")]


def test_a_strange_address_is_the_ordinary_page() -> None:
    given = state("r.kind=poster&r.fmt=exe&r.fam=rainbow&r.ext=a,b,c&r.paper=B5&r.hide=legend,inset&layer=nothing")
    asked = asked_of(given)
    assert (asked.kind, asked.format, asked.family) == ("map", "png", "map")
    parse_recipe(recipe_of(CAT, given, asked))


def test_the_address_restores_itself() -> None:
    query = "layer=park&r.fam=heat&r.title=园区 密度&r.ext=119.5,33,120.5,34"
    assert state(state(query).query()).report == state(query).report


def test_every_block_kind_format_and_family_has_a_chinese_name() -> None:
    known = texts()
    for group, names in (
        ("kinds", KINDS),
        ("families", FAMILIES),
        ("formats", {f for _, fs in KINDS.values() for f in fs}),
    ):
        for name in names:
            assert known[f"report.{group}.{name}"]
    assert OPTIONAL


def test_the_list_says_what_happened() -> None:
    row = {
        "id": 7, "kind": "map", "format": "pdf", "title": "题", "state": "done", "share": 1.0, "step": "",
        "message": "", "is_lost": False,
        "as_of": "2026-06-30", "n_bytes": 2_300_000, "n_demo": 0, "issued_at": "2026-07-01T08:00:00",
        "issued_by": "李四", "issue_number": "1 号", "follows": 3, "differences": ["大丰区：1 → 2 亿元（+1）"],
    }  # fmt: skip
    text = json.dumps(
        [x.to_plotly_json() for x in history([row])], ensure_ascii=False, default=lambda x: x.to_plotly_json()
    )
    for word in (
        "#7",
        "2026-06-30",
        "约 2.3 MB",
        "已出具",
        "李四 于 2026-07-01 出具",
        "文号 1 号",
        "接第 3 号，有 1 处变化",
        "大丰区：1",
    ):
        assert word in text, word
    assert "删除" not in text
    going = row | {
        "state": "running",
        "share": 0.42,
        "step": "第 3 页",
        "issued_at": None,
        "differences": None,
        "as_of": None,
    }
    text = json.dumps(
        [x.to_plotly_json() for x in history([going])], ensure_ascii=False, default=lambda x: x.to_plotly_json()
    )
    assert "42%" in text
    assert "取消" in text
    assert "还没有报告" in json.dumps(
        [x.to_plotly_json() for x in history([])], ensure_ascii=False, default=lambda x: x.to_plotly_json()
    )


@pytest.fixture(scope="module")
def server(scratch_database, secret_key, tmp_path_factory) -> Iterator[str]:
    with scratch_database() as url:
        context = Context(role_dsn(url, "yuantu_writer", secret_key), CAT, tmp_path_factory.mktemp("load"))
        load_shipped(context, ROOT / "data" / "shapefiles", demo=False)
        with serving(url, tmp_path_factory.mktemp("serve"), workers="1") as base:
            yield base


@pytest.fixture
def page(chromium: Browser, server: str) -> Iterator[Page]:
    made = chromium.new_page(viewport={"width": 1440, "height": 900}, base_url=server)
    made.set_default_timeout(SLOW)
    faults: list[str] = []
    made.on("pageerror", lambda e: faults.append(str(e)))
    yield made
    made.close()
    assert faults == []


def drawn(page: Page, asked: str = "true") -> None:
    """Wait for the draft of what the form asks for; ``asked`` is what its recipe ``r`` must say first."""
    page.wait_for_function(
        "() => { const held = document.getElementById('report-asked'); if (!held || !held.dataset.recipe) return false;"
        f" const r = JSON.parse(held.dataset.recipe); return ({asked}) &&"
        " document.getElementById('report-sheet').dataset.shown === held.dataset.recipe; }"
    )
    page.wait_for_selector(".rdesk:not(.busy)")


def said(page: Page) -> str:
    return page.inner_text("#report-said")


def test_compose_drag_order_issue_and_compare(page: Page) -> None:
    page.goto("/report?on=project&demo=0&r.fam=symbols&as_of=2026-06-30")
    drawn(page)
    assert "比例尺 1 : 1,400,000" in said(page)
    # words and blocks go into the address and into the recipe
    page.get_by_label("标题", exact=True).fill("投资比例图")  # the draft follows the hand, nothing is pressed
    drawn(page, "r.title === '投资比例图'")
    page.get_by_label("编制单位").fill("市工信局")
    page.get_by_label("编制单位").press("Tab")
    page.get_by_role("button", name="位置图").click()
    drawn(page, "r.leave_out.length === 1 && r.compiler && r.title === '投资比例图'")
    recipe = json.loads(page.get_attribute("#report-asked", "data-recipe"))
    assert (recipe["title"], recipe["compiler"], recipe["leave_out"]) == ("投资比例图", "市工信局", ["inset"])
    # drag the map to the west by a quarter of its frame: the box follows, the ratio stays
    box = page.locator(".rframe").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + box["width"] / 4, y, steps=4)
    page.mouse.up()
    page.wait_for_function("new URLSearchParams(location.search).has('r.ext')")
    west, south, east, north = map(float, parse_qs(urlparse(page.url).query)["r.ext"][0].split(","))
    assert south < 33.5 < north
    assert (west + east) / 2 < 120.2
    drawn(page, "Array.isArray(r.extent)")
    assert "1 : 1,400,000" in said(page)
    again = page.url
    # order it; it comes, and is issued for ever
    page.get_by_role("button", name="生成", exact=True).click()
    first = page.locator(".rrow").first
    expect(first.locator("a[data-file]")).to_be_visible(timeout=SLOW)
    with page.expect_download() as got:
        first.locator("a[data-file]").click()
    assert re.fullmatch(r"投资比例图 2026-06-30\.png", got.value.suggested_filename)
    first.get_by_role("button", name="出具").click()
    page.locator("#report-dialog input").first.fill("")
    page.keyboard.type("李四")
    page.locator("#report-dialog .btn.pri").click()
    expect(first.get_by_text("已出具")).to_be_visible(timeout=SLOW)
    expect(first.get_by_role("button", name="删除")).to_have_count(0)
    # once more with new data: nothing has changed but the day
    first.get_by_role("button", name="用新数据再做").click()
    expect(page.locator(".rrow")).to_have_count(2, timeout=SLOW)
    expect(page.locator(".rrow").first.locator(".rdiff")).to_be_visible(timeout=SLOW)
    for box in page.locator("#report-history [data-pick] input").all():
        box.check()
    page.get_by_role("button", name="比较所选两份").click()
    expect(page.locator("#report-dialog li").first).to_contain_text("截止日：2026-06-30")
    page.keyboard.press("Escape")
    # changed before it is made again: the one that is issued stays as it is
    expect(page.locator("#report-dialog")).to_be_hidden(timeout=SLOW)
    first = page.locator(".rrow").last
    first.get_by_role("button", name="改后再做").click()
    box = page.locator("#report-dialog")
    expect(box.get_by_label("标题", exact=True)).to_have_value("投资比例图")
    box.get_by_label("标题", exact=True).fill("投资比例图（一季度）")
    box.get_by_label("截止日", exact=False).fill("2026-03-31")
    box.get_by_role("button", name="再做一份").click()
    newest = page.locator(".rrow").first
    expect(newest.locator(".rtitle")).to_have_text("投资比例图（一季度）", timeout=SLOW)
    expect(newest.locator(".rdiff")).to_be_visible(timeout=SLOW)
    expect(page.locator(".rrow").last.locator(".rtitle")).to_have_text("投资比例图")
    # the address is the state
    page.goto(again)
    drawn(page)
    assert page.get_by_label("标题", exact=True).input_value() == "投资比例图"


def test_faults_are_said_and_documents_need_no_draft(page: Page) -> None:
    page.goto("/report?demo=0&r.fam=change")
    page.wait_for_selector("#report-problems:not([hidden])")
    assert "since" in page.inner_text("#report-problems")
    page.get_by_label("起始日").fill("2026.1.5")
    page.get_by_label("起始日").press("Enter")
    page.wait_for_selector("#report-problems[hidden]", state="attached")
    assert "r.since=2026-01-05" in page.url
    drawn(page, "r.since === '2026-01-05'")
    page.get_by_label("产品").select_option("notice")
    page.wait_for_selector(".rdesk.none")
    assert "没有草图" in page.inner_text(".rnone")
    page.get_by_label("格式").select_option("docx")
    page.get_by_role("button", name="生成", exact=True).click()
    newest = page.locator(".rrow").first
    expect(newest).to_contain_text("通报", timeout=SLOW)
    expect(newest.locator("a[data-file]")).to_be_visible(timeout=SLOW)


def test_a_comparison_becomes_a_report(page: Page) -> None:
    page.goto("/compare?demo=0&ms=project.n,project.sum_invest_cny&shown=320902,320904&as_of=2026-06-30&vs=2026-01-01")
    page.locator("#compare-export summary").click()
    page.get_by_role("link", name="写成报告").click()
    form = page.locator("#report-form")
    for words in ("亭湖区、大丰区", "重点项目数量、重点项目总投资", "2026-01-01", "不包含"):
        expect(form).to_contain_text(words, timeout=SLOW)
    page.get_by_label("标题", exact=True).fill("两区对比")
    page.get_by_label("标题", exact=True).press("Enter")
    page.wait_for_function("() => JSON.parse(document.getElementById('report-asked').dataset.order).order.title")
    page.get_by_role("button", name="生成", exact=True).click()
    newest = page.locator(".rrow").first
    expect(newest).to_contain_text("两区对比", timeout=SLOW)
    expect(newest.locator("a[data-file]")).to_be_visible(timeout=SLOW)
    form.get_by_role("link", name="亭湖区、大丰区").click()
    page.locator("#page-compare .ct").wait_for()
    assert parse_qs(urlparse(page.url).query)["shown"] == ["320902,320904"]


@pytest.mark.parametrize("width", [390, 1024, 1440])
def test_nothing_sticks_out_at_any_width(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.goto("/report?demo=0&on=project&theme=dark")
    drawn(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    sheet = page.locator("#report-sheet").bounding_box()
    assert sheet["x"] >= 0
    assert sheet["x"] + sheet["width"] <= width


def test_a_comparison_goes_into_the_report_with_the_numbers_of_its_page(page: Page) -> None:
    page.goto(
        "/compare?ms=project.sum_invest_cny,project.n,project.started&shown=320902,320904,320924&pins=320904"
        "&as_of=2026-06-30&vs=2025-12-31&f.project.invest_cny=100000000~"
    )
    page.wait_for_selector("#compare-body table.ct tbody tr.sum")
    lines = page.locator("#compare-body .ct tbody tr").all()
    numbers = [[x.inner_text() for x in line.locator("td .lk").all()] for line in lines]
    sentences = [x.inner_text() for x in page.locator("#compare-body .fnd .fd p").all()]
    rest = page.locator("#compare-body tr.rest .lk").nth(1)
    expected = int(rest.inner_text())
    rest.click()
    expect(page.locator("#compare-rows h2")).to_contain_text(f"{expected} 个")
    expect(page.locator("#compare-rows tbody tr")).to_have_count(expected)
    page.click("#compare-export summary")
    page.click("#compare-export a[href*='r.fam=compare']")
    drawn(page, "r.family === 'compare'")
    recipe = json.loads(page.get_attribute("#report-asked", "data-recipe") or "")
    assert (recipe["areas"], recipe["since"], recipe["as_of"]) == (
        ["320902", "320904", "320924"], "2025-12-31", "2026-06-30",
    )  # fmt: skip
    assert "100000000" in recipe["layers"][0]["filter"]
    answer = page.request.get("/api/v1/export/map", params={"recipe": json.dumps(recipe), "format": "svg"})
    words = re.findall(r"<text[^>]*>([^<]*)</text>", answer.text())
    held = "".join(words).replace("&gt;", ">")
    for line in numbers:
        for number in line:
            assert number in words, (number, line)
    for sentence in sentences:
        assert "".join(sentence.split()) in "".join(held.split())
    assert sum(bool(line) for line in numbers) >= 5
    page.click("#report-form a.rv >> nth=0")
    page.wait_for_selector("#compare-body table.ct tbody tr.sum")
    assert parse_qs(urlparse(page.url).query)["shown"] == ["320902,320904,320924"]
