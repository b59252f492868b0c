"""Pressing the page of siting as a 招商 officer does: preset, sliders, limits, card, comparison, scenario, report."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Locator

from layers.settings import ROOT
from layers.store.db import role_dsn
from layers.store.places import seed_places
from tests import support
from tests.browser.conftest import Screen
from tests.site.conftest import fill

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture(scope="module")
def filled(scratch_database: Callable[[], AbstractContextManager[str]]) -> Iterator[str]:
    """Seven parcels whose ranking a reader can follow, areas to keep out of, enterprises."""
    with scratch_database() as url:
        seed_places(role_dsn(url, "yuantu_writer", support.SECRET_KEY), ROOT / "data" / "shapefiles")
        fill(role_dsn(url, "yuantu_writer", support.SECRET_KEY))
        yield url


def ready(screen: Screen, path: str = "/site?preset=auto_parts") -> Screen:
    """Open the page and wait until brief, ranking and surface are there."""
    screen.open(path)
    screen.page.locator("#site-sentence").wait_for(state="attached")
    screen.page.locator("#site-legend .ramp").wait_for()
    return screen


def names(screen: Screen) -> list[str]:
    return screen.page.locator("#site-ranking .rk .nm2").all_inner_texts()


def scores(screen: Screen) -> list[str]:
    return screen.page.locator("#site-ranking .rk b").all_inner_texts()


def sentence(screen: Screen) -> str:
    return screen.page.locator("#site-sentence").text_content() or ""


def press(screen: Screen, what: str) -> None:
    screen.page.locator(f"#page-site [data-site={what}]").first.click()


def menu(screen: Screen, text: str) -> None:
    screen.page.locator("#page-site .panel.l details.drop summary").click()
    screen.page.locator("#page-site .menu button", has_text=text).click()


def limit(screen: Screen, word: str) -> Locator:
    """The line of a limit."""
    return screen.page.locator("#site-brief .lim").filter(has=screen.page.locator(".lt", has_text=word))


def loosen(screen: Screen, *words: str) -> None:
    """Switch off the limits of the preset that the small world cannot keep."""
    for word in words or ("供应状态", "位于城镇开发边界", "可用面积", "不进入生态保护红线"):
        before = screen.page.locator("#site-brief .lim .ck.on").count()
        limit(screen, word).locator(".ck").click()
        screen.until(lambda n=before: screen.page.locator("#site-brief .lim .ck.on").count() == n - 1)


def test_from_a_preset_to_the_report(screen: Screen, tmp_path: Path) -> None:
    ready(screen)
    assert "没有一处符合全部硬约束" in sentence(screen)
    assert "没有一处符合全部硬约束" in screen.text("#site-ranking .empty")
    loosen(screen)
    screen.until(lambda: len(names(screen)) > 2)
    assert re.search(r"权重在 ±20% 内随机变动 10,000 次.*在 [\d.]+% 的情形中居首", sentence(screen))
    # a slider moves, by keyboard as by mouse: scores and sentence follow
    before, said = scores(screen), sentence(screen)
    slider = screen.page.get_by_label("“地价”的权重")
    slider.focus()
    slider.press("End")
    screen.until(lambda: scores(screen) != before)
    screen.until(lambda: sentence(screen) != said)
    screen.until(lambda: "p" in screen.query())
    # the key moves it again: the panel was painted anew and the slider kept the focus; the hot areas follow
    before = scores(screen)
    screen.page.keyboard.press("Home")
    screen.until(lambda: scores(screen) != before)
    screen.page.locator("#site-hot li").first.wait_for(state="attached")
    screen.page.keyboard.press("End")
    screen.until(lambda: scores(screen) == before)
    assert "到高速出入口路程" in screen.text("#site-ranking .absent")
    # a hard limit: the ranking changes, the excluded are listed with the nearest change
    shown = names(screen)
    limit(screen, "供电能力").locator("summary").click()
    box = screen.page.get_by_label("供电能力", exact=True)
    box.fill("9")
    box.press("Enter")
    screen.until(lambda: len(names(screen)) < len(shown))
    left = names(screen)
    limit(screen, "供电能力").locator("button.lk").click()
    screen.page.locator("#site-ranking .out").first.wait_for()
    assert "把“供电能力”改为不低于 8MVA即可入选" in screen.text("#site-ranking .outs")
    screen.page.locator("#site-ranking [role=tab]").first.click()
    screen.until(lambda: names(screen) == left)
    # undo and redo
    press(screen, "undo")
    screen.until(lambda: names(screen) == shown)
    press(screen, "redo")
    screen.until(lambda: names(screen) == left)
    # save, and open by link in another window
    said = sentence(screen)
    screen.page.locator("#page-site .sfoot [data-site=save]").click()
    screen.page.locator("#site-save-name").fill("初选")
    screen.page.locator("#site-save [data-site=save-now]").click()
    screen.until(lambda: "sc" in screen.query() and "p" not in screen.query())
    link = screen.page.evaluate("() => location.pathname + location.search")
    ready(screen, link)
    assert screen.text("#site-scenario") == "初选"
    assert names(screen) == left
    assert sentence(screen) == said
    # the report says the same
    press(screen, "report-dialog")
    with screen.page.expect_download() as got:
        screen.page.locator("#site-report [data-how=xlsx]").click()
    path = tmp_path / "report.xlsx"
    got.value.save_as(path)
    book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()))
    assert [row[1].value for row in book["排序"].iter_rows(min_row=2)] == left
    assert book["摘要"]["A4"].value == said
    assert "选址报告" in got.value.suggested_filename


def test_a_site_opens_its_card_its_ways_and_a_comparison(screen: Screen) -> None:
    ready(screen)
    loosen(screen)
    screen.until(lambda: len(names(screen)) > 2)
    screen.page.locator("#site-ranking .rk").nth(1).click()
    card = screen.page.locator("#site-card")
    card.locator(".name").wait_for()
    for words in ("得分构成", "与对手相比", "各项数值", "路程", "到 大丰港", "地块资料", "第 2 名"):
        assert words in (card.text_content() or ""), words
    assert card.locator(".wfall svg").count() == card.locator(".radar svg").count() == 1
    lines = "() => window.yt.siteMap.state().selected"
    screen.until(lambda: screen.page.evaluate(lines) is not None)
    screen.page.keyboard.press("ArrowUp")
    screen.until(lambda: "第 1 名" in (card.text_content() or ""))
    screen.page.reload()
    screen.until(lambda: "第 1 名" in (card.text_content() or ""))
    screen.page.locator("#site-legend .ramp").wait_for()
    screen.page.keyboard.press("Escape")
    screen.until(lambda: "s" not in screen.query())
    for i in (0, 1):
        screen.page.locator("#site-ranking .cmpk").nth(i).click()
        screen.until(lambda n=i + 1: len(screen.query().get("cmp", "").split(",")) == n)
    table = screen.page.locator("#site-compare table")
    table.wait_for()
    assert table.locator("thead button.lk").all_inner_texts() == names(screen)[:2]
    screen.page.keyboard.press("Escape")
    screen.until(lambda: "cmp" not in screen.query())


def test_the_map_draws_candidates_and_explains_a_cell(screen: Screen) -> None:
    ready(screen, "/site?preset=offshore_equipment")
    state = "() => window.yt.siteMap && window.yt.siteMap.state()"
    screen.until(lambda: (screen.page.evaluate(state) or {}).get("loaded", {}).get("site"))
    assert screen.page.evaluate(state)["loaded"]["site"] == 6  # the seventh has no place
    box = screen.page.locator("#site-map").bounding_box()
    assert box is not None
    screen.page.evaluate("() => window.yt.siteMap.flyTo({ lon: 120.49, lat: 33.24, zoom: 12, animate: false })")
    screen.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    cell = screen.page.locator("#site-cell")
    cell.locator("table").wait_for()
    assert "到港口路程" in cell.inner_text()
    screen.page.keyboard.press("Escape")
    screen.until(lambda: not cell.is_visible())
    screen.page.get_by_role("switch", name="显示适宜度面").click()
    screen.until(lambda: screen.query().get("surf") == "0")
    screen.until(lambda: screen.page.locator("#site-legend .ramp").count() == 0)


def test_a_task_stays_with_its_page(screen: Screen) -> None:
    ready(screen)
    loosen(screen, "供应状态")
    screen.until(lambda: "p" in screen.query())
    task = screen.query()["p"]
    screen.page.locator("header a[data-page=map]").first.click()
    screen.until(lambda: "/site" not in screen.page.url)
    assert not {"p", "preset"} & set(screen.query())
    screen.page.locator("header a[data-page=site]").first.click()
    screen.until(lambda: screen.query().get("p") == task)
    assert limit(screen, "供应状态").locator(".ck.on").count() == 0


def test_a_drawn_site_is_an_alternative(screen: Screen) -> None:
    ready(screen, "/site?preset=offshore_equipment")
    loosen(screen, "可用面积", "用地性质", "供应状态", "位于城镇开发边界")
    press(screen, "draw")
    screen.page.locator("#site-map .yt-toolbar:not([hidden])").wait_for()
    box = screen.page.locator("#site-map").bounding_box()
    assert box is not None
    for dx, dy in ((0.40, 0.50), (0.46, 0.50), (0.46, 0.56)):
        screen.page.mouse.click(box["x"] + box["width"] * dx, box["y"] + box["height"] * dy)
        screen.page.wait_for_timeout(400)  # two quick presses would end the outline
    screen.page.locator("#site-map .yt-toolbar:not([hidden]) .yt-primary").click()
    screen.page.locator("#site-brief .drawn input").first.wait_for()
    assert screen.page.locator("#site-brief .drawn input").first.input_value() == "自绘地块 1"
    screen.until(lambda: "自绘地块 1" in screen.page.locator("#site-right").inner_text())
    press(screen, "undo")
    screen.until(lambda: screen.page.locator("#site-brief .drawn input").count() == 0)


def test_a_wrong_address_says_so_and_leads_out(screen_of: Callable[..., Screen]) -> None:
    screen = screen_of()
    screen.open("/site?p=broken")
    screen.page.locator("#site-fault p").wait_for()
    assert "不完整" in screen.text("#site-fault")
    screen.page.locator("#site-fault button", has_text="从预设开始").click()
    screen.page.locator("#site-sentence").wait_for()
    assert screen.query() == {}
    screen.complaints.clear()  # the browser notes the 400


def test_the_brief_goes_out_and_comes_back_as_a_sheet(screen: Screen, tmp_path: Path) -> None:
    ready(screen, "/site?preset=electronics")
    with screen.page.expect_download() as got:
        menu(screen, "下载任务书")
    path = tmp_path / "brief.xlsx"
    got.value.save_as(path)
    book = openpyxl.load_workbook(path)
    sheet = book.active
    for row in sheet.iter_rows(min_row=3):
        if row[0].value == "任务名称":
            row[1].value = "改过的任务"
        if row[0].value == "可用面积":
            row[1].value = "≥55"
    book.save(path)
    with screen.page.expect_file_chooser() as chooser:
        menu(screen, "读入任务书")
    chooser.value.set_files(path)
    screen.until(lambda: screen.page.get_by_label("任务名称").input_value() == "改过的任务")
    assert "可用面积 ≥ 55 亩" in screen.text("#site-brief .limits")


def test_a_phone_has_map_and_one_sheet(screen_of: Callable[..., Screen]) -> None:
    screen = ready(screen_of(**PHONE))
    assert screen.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    screen.page.locator("#page-site .stabs button", has_text="选址任务").tap()
    screen.until(lambda: screen.page.locator("#site-brief .crit").first.is_visible())
    assert not screen.page.locator("#site-ranking").is_visible()
    screen.page.locator("#page-site .stabs button", has_text="排序").tap()
    screen.until(lambda: screen.page.locator("#site-ranking").is_visible())
