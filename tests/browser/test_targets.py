"""Pressing the page of targets as an official does: status, day, card, rows, figures entered, shares, paper, phone."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests import support
from tests.browser.conftest import Screen
from tests.store.worlds import county
from tests.targets.world import load, places

YI = 100_000_000
COUNTIES = ("320902", "320904", "320904", "unlocated")
JUNE = "/targets?as_of=2026-06-30"


@pytest.fixture(scope="module")
def filled(scratch_database: Callable[[], AbstractContextManager[str]]) -> Iterator[str]:
    """Four counties; eight projects started from January to August 2026, a ninth of 0.99 亿元, a tenth for show."""
    with scratch_database() as url:
        places(url)
        load(url, "boundary", [county(c) for c in ("320902", "320903", "320904", "320921")])
        rows = [
            {"name": f"项目{i}", "invest_cny": YI, "is_industrial": True, "county_code": COUNTIES[i % 4],
             "unit_code": COUNTIES[i % 4], "source_name": "六月报表.xlsx"}
            for i in range(1, 9)
        ]  # fmt: skip
        rows += [{"name": "小项目", "invest_cny": YI - 1_000_000, "is_industrial": True, "county_code": "320902"},
                 {"name": "演示项目", "invest_cny": YI, "is_industrial": True, "is_demo": True}]  # fmt: skip
        started = [(r["name"], "开工", "", f"2026-0{1 + i % 8}-10") for i, r in enumerate(rows)]
        load(url, "project", rows, started)
        yield url


def ready(screen: Screen, path: str = JUNE) -> Screen:
    """Open the page and wait until it has been drawn."""
    screen.open(path)
    screen.page.locator("#targets-list tr[data-target], #targets-list .paper").first.wait_for(state="attached")
    screen.until(lambda: screen.page.locator("#targets-card .skels").count() == 0)
    return screen


def row(screen: Screen, target: str) -> str:
    return screen.text(f"tr[data-target={target}]")


def value(screen: Screen, target: str) -> str:
    return screen.text(f"tr[data-target={target}] td.val")


def test_the_page_lists_every_target_once_and_the_strip_adds_up(screen: Screen) -> None:
    ready(screen)
    assert screen.page.locator("tr[data-target]").count() == 66
    counts = screen.page.locator(".tgx-strip .st:not(.apart) b").all_inner_texts()
    assert sum(map(int, counts)) == 44
    assert "77 条表述 = 44 个目标 + 11 条重复 + 7 份清单 + 6 道门槛 + 9 项里程碑" in screen.text(".foot2")
    assert value(screen, "T17-02") == "6" and "滞后" in row(screen, "T17-02")
    assert screen.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_a_status_a_department_and_both_filter_the_list(screen: Screen) -> None:
    ready(screen)
    strip = screen.page.locator(".tgx-strip .st")
    behind = int(strip.nth(2).locator("b").inner_text())
    strip.nth(2).click()
    screen.until(lambda: screen.query().get("status") == "behind")
    screen.until(lambda: screen.page.locator("tbody tr[data-target]").count() < 66)
    tags = screen.page.locator("tr[data-target] td.sc").all_inner_texts()
    assert set(tags) == {"滞后"} and len(tags) >= behind
    screen.page.get_by_label("按责任单位筛选").select_option("市教育局")
    screen.page.locator("#targets-list .empty").wait_for()
    assert "没有符合条件的目标" in screen.text("#targets-list")
    screen.page.locator("#targets-list .empty button").click()
    screen.until(lambda: screen.page.locator("tr[data-target]").count() == 66)
    assert screen.query() == {"as_of": "2026-06-30"}


def test_the_arrow_keys_step_the_day_and_the_figure_follows(screen: Screen) -> None:
    ready(screen)
    assert value(screen, "T17-02") == "6"
    screen.page.keyboard.press("ArrowLeft")
    screen.until(lambda: value(screen, "T17-02") == "5")
    assert screen.query() == {"as_of": "2026-05-31"}
    day = screen.page.get_by_label("截至日期，形如 2026-09-30").last
    day.fill("2026年9月30日")
    day.press("Enter")
    screen.until(lambda: value(screen, "T17-02") == "8")
    assert screen.query() == {"as_of": "2026-09-30"}


def test_demo_rows_count_only_when_asked_for_and_say_so(screen: Screen) -> None:
    ready(screen)
    switch = screen.page.get_by_role("switch")
    assert switch.get_attribute("aria-checked") == "false" and "不参与判定" in switch.inner_text()
    switch.click()
    screen.until(lambda: value(screen, "T17-02") == "7")
    assert "演示" in row(screen, "T17-02") and screen.query()["tdemo"] == "1"


def test_a_card_opens_by_mouse_and_keyboard_and_its_address_restores_it(screen: Screen) -> None:
    ready(screen)
    screen.page.locator("tr[data-target='T17-02'] td.goal").click()
    screen.page.locator("#targets-card .name").wait_for()
    assert screen.text("#targets-card .name") == "新开工亿元以上工业项目"
    for words in (
        "今日应达",
        "不少于 630 个",
        "同一目标 G-04",
        "没有分解到各地",
        "layers/sql/targets/stage_events.sql",
    ):
        assert words in screen.page.locator("#targets-card").text_content(), words
    assert screen.page.locator("#targets-card .cmap path").count() >= 4
    screen.page.keyboard.press("ArrowDown")
    screen.until(lambda: screen.query().get("t") == "T17-03")
    screen.until(lambda: screen.text("#targets-card .name") == "新竣工亿元以上工业项目")
    screen.page.reload()
    screen.until(lambda: screen.page.locator("#targets-card .name").count() == 1)
    assert screen.text("#targets-card .name") == "新竣工亿元以上工业项目"
    assert screen.page.locator("tr.selr").get_attribute("data-target") == "T17-03"
    screen.page.keyboard.press("Escape")
    screen.until(lambda: "t" not in screen.query())


def test_a_figure_opens_exactly_its_rows_whole_and_by_county(screen: Screen) -> None:
    ready(screen)
    screen.page.locator("tr[data-target='T17-02'] td.val a").click()
    lines = screen.page.locator("#targets-rows tbody tr")
    screen.until(lambda: lines.count() == 6)
    assert "计入 6 行" in screen.text("#targets-rows h2")
    assert "六月报表.xlsx 第 2 行" in screen.text("#targets-rows table")
    screen.page.locator("#targets-card .pt tr.sum").wait_for()
    parts = {}
    for line in screen.page.locator("#targets-card .pt tbody tr").all():
        cells = line.locator("td").all_inner_texts()
        parts[cells[0]] = int(cells[2])
    assert parts["合计"] == 6 == sum(n for name, n in parts.items() if name != "合计")
    screen.page.locator("#targets-card .pt tr", has_text="大丰区").locator("a").click()
    screen.until(lambda: lines.count() == parts["大丰区"])
    assert screen.query()["of"] == "320904"
    screen.page.locator("#targets-rows tbody a").first.click()
    screen.until(lambda: screen.page.evaluate("() => location.pathname") == "/")
    screen.page.go_back()
    screen.until(lambda: lines.count() == parts["大丰区"])


def test_a_figure_is_entered_corrected_and_withdrawn(screen: Screen) -> None:
    ready(screen, f"{JUNE}&t=T03-02")
    assert "尚未录入数据" in screen.text("#targets-card .tgx-said")
    screen.page.locator("#targets-card .acts2 button").click()
    dialog = screen.page.locator("#targets-dialog")
    dialog.get_by_label("数字（亿元）").fill("很多")
    dialog.get_by_text("保存").click()
    screen.until(lambda: "不是数字" in screen.text("#targets-dialog .fres"))
    dialog.get_by_label("数字（亿元）").fill("７５０")
    dialog.get_by_text("保存").click()
    screen.until(lambda: "没有写明" in screen.text("#targets-dialog .fres"))
    dialog.get_by_label("来源").fill("市统计局月报")
    dialog.get_by_label("录入人").fill("王五")
    dialog.get_by_text("保存").click()
    screen.until(lambda: not dialog.is_visible())
    screen.until(lambda: value(screen, "T03-02") == "750")
    assert "来源：市统计局月报" in screen.text("#targets-card .tgx-said")
    screen.page.locator("#targets-card .acts2 button").click()
    dialog.get_by_text("撤回该日的录入").click()
    screen.until(lambda: value(screen, "T03-02") == "—")


def test_shares_must_add_up_and_then_each_county_is_judged(screen: Screen) -> None:
    ready(screen, f"{JUNE}&t=T17-02")
    screen.page.get_by_role("button", name="分解到各地").click()
    dialog = screen.page.locator("#targets-dialog")
    dialog.get_by_label("大丰区").fill("600")
    screen.until(lambda: "还差 30" in screen.text("#targets-dialog .fsum"))
    dialog.get_by_label("来源").fill("市政府分解表")
    dialog.get_by_label("录入人").fill("王五")
    dialog.get_by_text("保存").click()
    screen.until(lambda: "相差 -30" in screen.text("#targets-dialog .fres"))
    dialog.get_by_label("亭湖区").fill("30")
    screen.until(lambda: "相符" in screen.text("#targets-dialog .fsum"))
    dialog.get_by_text("保存").click()
    screen.until(lambda: not dialog.is_visible())
    line = screen.page.locator("#targets-card .pt tr", has_text="大丰区")
    screen.until(lambda: "600" in line.inner_text())
    assert "滞后" in line.inner_text()
    total = screen.page.locator("#targets-card .pt tr.sum")
    assert "630" in total.inner_text()


def test_the_paper_of_a_department_prints_without_the_rest_of_the_page(screen: Screen) -> None:
    ready(screen, f"{JUNE}&dept=市商务局&print=1")
    assert "2026 年目标进展 · 市商务局" in screen.text(".paper h1")
    assert screen.page.locator(".paper tbody tr").count() == 9 + 3
    screen.page.emulate_media(media="print")
    assert not screen.page.locator("header.head").is_visible()
    assert not screen.page.locator(".pbar").is_visible()
    assert screen.page.locator(".paper table").is_visible()
    height = screen.page.evaluate("() => document.querySelector('.paper').scrollHeight - document.body.scrollHeight")
    assert height <= 0, "nothing of the paper is cut off"


def test_an_unknown_target_is_a_sentence_and_not_a_fault(screen: Screen) -> None:
    ready(screen, f"{JUNE}&t=T99-99")
    assert "没有编号为“T99-99”的目标" in screen.text("#targets-card")
    screen.page.locator("#targets-card .empty button").click()
    screen.until(lambda: "各责任单位的目标" in screen.text("#targets-card"))


def test_on_a_phone_the_list_is_whole_and_the_card_covers_it(screen_of: Callable[..., Screen]) -> None:
    screen = ready(screen_of(viewport={"width": 390, "height": 844}, has_touch=True, color_scheme="dark"))
    assert screen.page.evaluate("() => document.documentElement.dataset.theme") == "dark"
    assert screen.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    screen.page.locator("tr[data-target='T17-02'] button.nm").click()
    screen.page.locator("#targets-card .name").wait_for()
    box = screen.page.locator("#targets-card").bounding_box()
    assert box is not None and box["width"] == 390 and box["y"] == 48
    screen.page.get_by_label("关闭").first.click()
    screen.until(lambda: not screen.page.locator("#targets-card").is_visible())


def test_the_page_can_be_the_first_one_opened(filled: str, tmp_path: Path) -> None:
    with support.serving(filled, tmp_path) as url, urllib.request.urlopen(f"{url}/targets", timeout=60) as answer:
        assert b"assets/40-targets" in answer.read()
