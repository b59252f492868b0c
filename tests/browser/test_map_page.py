"""Pressing the map page as a planner does: counties, filters, points, search, time, order, memory."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests import support
from tests.browser.conftest import Screen


def test_the_first_page_shows_layers_rollup_rows_and_map(screen: Screen) -> None:
    screen.map_ready()
    assert "重点项目" in screen.text("#layers-list") and "图上" in screen.text("#layers-list")
    names = screen.page.locator(".rt tbody tr td:first-child").all_inner_texts()
    assert names[-3:] == ["界外", "未定位", "合计"] and len(names) == 12
    assert screen.rows() == int(screen.text(".rt tr.sum td:nth-child(4)"))
    located = screen.rows() - int(screen.text(".rt tr.out:nth-last-child(2) td:nth-child(4)"))
    screen.until(lambda: screen.loaded("project") == located)
    assert screen.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_a_county_row_filters_the_rows_and_the_map_and_back_undoes_it(screen: Screen) -> None:
    screen.map_ready()
    everything = screen.rows()
    row = screen.page.locator(".rt tr", has_text="大丰区")
    expected = int(row.locator("td").nth(3).inner_text())
    row.locator("button.an").click()
    screen.until(lambda: screen.rows() == expected)
    assert screen.query() == {"area": "320904"}
    screen.until(lambda: screen.loaded("project") == expected)
    assert screen.page.locator(".rt tr.selr").count() == 1
    screen.page.go_back()
    screen.until(lambda: screen.rows() == everything)
    assert screen.query() == {}


def test_every_number_of_the_rollup_opens_that_many_rows(screen: Screen) -> None:
    screen.map_ready()
    counts = [int(x) for x in screen.page.locator(".rt tbody tr td:nth-child(4)").all_inner_texts()]
    assert sum(counts[:-1]) == counts[-1]
    for name in ("亭湖区", "界外", "未定位"):
        row = screen.page.locator(".rt tr", has_text=name)
        expected = int(row.locator("td").nth(3).inner_text())
        row.locator("td").nth(3).locator("a").click()
        screen.until(lambda n=expected: screen.rows() == n)


def test_a_county_on_the_map_is_pressed(screen: Screen) -> None:
    screen.map_ready("/?v=10.5/33.2/120.5&on=project")
    first = screen.page.locator(".rt tr", has_text="大丰区")
    expected = int(first.locator("td").nth(3).inner_text())
    screen.until(lambda: screen.map_state().get("drawn", 0) > 0)
    box = screen.page.locator("#map").bounding_box()
    assert box is not None
    screen.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2 - 60)
    screen.until(lambda: screen.query().get("area") == "320904")
    screen.until(lambda: screen.rows() == expected)


def test_a_filter_is_pressed_and_taken_off_again(screen: Screen) -> None:
    screen.map_ready()
    everything = screen.rows()
    chip = screen.page.locator("#filters-body .chip", has_text=re.compile("^开工"))
    expected = int(chip.locator("small").inner_text())
    chip.click()
    screen.until(lambda: screen.rows() == expected)
    assert screen.query() == {"f.project.stage": "开工"}
    screen.until(lambda: "筛选" not in screen.text("#filters-head") and "1 条" in screen.text("#filters-head"))
    stage = screen.page.locator(".held .chip", has_text="阶段：开工")
    stage.click()
    screen.until(lambda: screen.rows() == everything)
    assert screen.query() == {}


def test_a_number_is_typed_as_a_bound(screen: Screen) -> None:
    screen.map_ready()
    everything = screen.rows()
    box = screen.page.get_by_label("总投资不低于").last
    box.fill("3")
    box.press("Enter")
    screen.until(lambda: screen.rows() < everything)
    assert screen.query() == {"f.project.invest_cny": "300000000~"}
    assert "总投资 ≥ 3.0 亿元" in screen.text(".held")


def test_nothing_found_says_so_and_has_a_way_out(screen: Screen) -> None:
    screen.map_ready()
    everything = screen.rows()
    screen.open("/?f.project.stage=达效&f.project.invest_cny=99900000000~")
    screen.page.get_by_text("没有符合条件的重点项目").wait_for()
    screen.page.locator("#side-body button", has_text="清除").click()
    screen.until(lambda: screen.rows() == everything)


def test_a_row_shows_its_card_and_escape_leaves_it(screen: Screen) -> None:
    screen.map_ready()
    cell = screen.page.locator(".ag-row .nm").nth(1)
    name = cell.inner_text()
    cell.click()
    screen.page.locator(".ch h1", has_text=name).wait_for()
    assert "手工.xlsx 第 2 行" in screen.text("#side-body") and "2026-01-01" in screen.text("#side-body")
    assert "张三" not in screen.page.inner_text("body")
    screen.until(lambda: screen.map_state().get("selected") is not None)
    screen.until(lambda: screen.page.locator(".ag-row-selected").count() >= 1)
    screen.page.keyboard.press("Escape")
    screen.page.locator(".rt tr.sum").wait_for()
    assert "sel" not in screen.query()


def test_a_point_on_the_map_shows_its_card_and_its_row(screen: Screen) -> None:
    screen.map_ready("/?v=11/33.21/120.52&on=infrastructure")
    screen.until(lambda: screen.loaded("infrastructure"))
    answer = support.fetch_json(f"{screen.base}/api/v1/search?q=dafenggang")
    found = next(x["id"] for x in answer["results"] if x["layer"] == "infrastructure")
    screen.until(lambda: screen.page.evaluate("i => window.yuantu.pixelOf('infrastructure', i)", found))
    at = screen.pixel("infrastructure", found)
    screen.page.mouse.click(at["x"], at["y"])
    screen.page.locator(".ch h1", has_text="大丰港").wait_for()
    assert screen.query()["sel"] == f"infrastructure:{found}"
    screen.until(lambda: screen.text("#tabs .on").startswith("基础设施"))
    screen.until(lambda: "大丰港" in "".join(screen.page.locator(".ag-row-selected").all_inner_texts()))


def test_search_by_pinyin_with_the_keyboard_alone(screen: Screen) -> None:
    screen.map_ready()
    screen.page.keyboard.press("/")
    screen.page.keyboard.type("dfg")
    screen.page.locator("#search-results a").first.wait_for()
    assert "大丰港" in screen.text("#search-results a")
    screen.page.keyboard.press("Enter")
    screen.page.locator(".ch h1", has_text="大丰港").wait_for()
    screen.page.keyboard.press("/")
    screen.page.keyboard.type("没有这个东西")
    screen.page.get_by_text("没有找到“没有这个东西”").wait_for()
    assert screen.page.locator("#search").input_value() == "没有这个东西"


def test_the_axis_changes_and_the_total_does_not(screen: Screen) -> None:
    screen.map_ready()
    total = screen.text(".rt tr.sum")
    screen.page.get_by_role("button", name="考核").click()
    screen.until(lambda: screen.page.locator(".rt tbody tr").count() == 14)
    assert screen.text(".rt tr.sum") == total
    assert screen.query() == {"axis": "unit"}


def test_measure_scheme_and_number_of_classes(screen: Screen) -> None:
    screen.map_ready()
    screen.page.get_by_label("分级方法").select_option("equal")
    screen.until(lambda: screen.query() == {"scheme": "equal"})
    screen.page.get_by_label("级数").select_option("3")
    screen.until(lambda: screen.page.locator(".ramp i").count() == 3)
    screen.page.get_by_label("指标").first.select_option("n")
    screen.until(lambda: "重点项目数量" in screen.text("#layers-list"))
    assert screen.query() == {"scheme": "equal", "k": "3", "measure": "n"}


def test_time_steps_back_by_keys_and_by_a_typed_date(screen: Screen) -> None:
    screen.map_ready()
    now = screen.rows()
    screen.page.keyboard.press("ArrowLeft")
    screen.until(lambda: re.fullmatch(r"\d{4}-\d\d-\d\d", screen.query().get("as_of", "")))
    day = screen.page.locator("input.day:not(.since)")
    day.fill("2022.12.31")
    day.press("Enter")
    screen.until(lambda: screen.query().get("as_of") == "2022-12-31")
    screen.until(lambda: 0 < screen.rows() < now)
    screen.page.locator(".asof .now").click()
    screen.until(lambda: screen.rows() == now)
    assert screen.query() == {}


def test_layers_are_hidden_moved_and_made_fainter(screen: Screen) -> None:
    screen.map_ready()
    screen.page.get_by_role("button", name="隐藏园区").click()
    screen.until(lambda: "park" not in screen.map_state().get("loaded", {}) or screen.query().get("on"))
    assert screen.query()["on"] == "project,factory,infrastructure"
    screen.page.get_by_role("button", name="重点项目下移一层").click()
    screen.until(lambda: screen.query().get("order", "").startswith("park,factory,project"))
    slider = screen.page.get_by_label("重点项目的不透明度")
    slider.focus()
    slider.press("ArrowLeft")
    screen.until(lambda: screen.query().get("op") == "project:95")


def test_demo_is_marked_and_left_out_by_one_switch(screen: Screen) -> None:
    screen.map_ready()
    everything = screen.rows()
    assert screen.page.locator("#layers-list .tag.amber").count() >= 1
    mark = screen.page.locator(".ag-row .nm.demo").first
    assert mark.evaluate("x => getComputedStyle(x, '::after').content") == '"演示"'
    screen.page.get_by_role("switch").click()
    screen.until(lambda: screen.rows() < everything)
    assert screen.query() == {"demo": "0"}
    screen.until(lambda: screen.page.locator("#layers-list .tag.amber").count() == 0)
    screen.until(lambda: screen.page.locator(".ag-row .nm.demo").count() == 0)


def test_the_table_follows_the_view(screen: Screen) -> None:
    screen.map_ready("/?v=11/33.2/120.5")
    everything = screen.rows()
    screen.page.locator("#follow").click()
    screen.until(lambda: 0 < screen.rows() < everything)
    assert "图面范围内" in screen.text("#table-foot")


def test_an_address_restores_everything(screen_of: Callable[..., Screen]) -> None:
    first = screen_of().map_ready()
    first.page.get_by_role("button", name="考核").click()
    first.page.locator("#filters-body .chip", has_text=re.compile("^新建")).click()
    first.until(lambda: first.query() == {"axis": "unit", "f.project.kind": "新建"})
    first.page.locator(".ag-row .nm").first.click()
    first.page.locator(".ch h1").wait_for()
    first.page.mouse.move(640, 300)
    first.page.mouse.wheel(0, -600)
    first.page.wait_for_timeout(900)
    address = first.page.url.removeprefix(first.base)
    second = screen_of().map_ready(address)
    second.page.locator(".ch h1").wait_for()
    assert second.text(".ch h1") == first.text(".ch h1")
    second.until(lambda: second.rows() == first.rows())
    second.until(lambda: second.text("#filters-body .held") == first.text("#filters-body .held"))
    second.page.wait_for_timeout(600)
    assert second.page.url.removeprefix(second.base) == address


def test_folds_and_theme_are_remembered(screen: Screen) -> None:
    screen.map_ready()
    screen.page.keyboard.press("[")
    screen.page.keyboard.press("]")
    screen.page.get_by_role("button", name="切换浅色与深色").click()
    assert screen.page.evaluate("() => document.documentElement.dataset.theme") == "dark"
    screen.page.reload()
    screen.page.locator("#map canvas").first.wait_for()
    assert not screen.page.locator(".panel.l h2").first.is_visible()
    assert screen.page.evaluate("() => document.documentElement.dataset.theme") == "dark"
    screen.page.keyboard.press("[")
    assert screen.page.locator(".panel.l h2").first.is_visible()


def test_keys_switch_pages_and_keep_what_is_set_up(screen: Screen) -> None:
    screen.map_ready("/?area=320904")
    for key, path in zip("23456", ("/compare", "/targets", "/site", "/report", "/data"), strict=True):
        screen.page.keyboard.press(key)
        screen.until(lambda p=path: screen.page.url.split("?")[0].endswith(p))
        screen.page.locator(f"#page-{path[1:]}").wait_for()
    screen.page.keyboard.press("1")
    screen.page.locator("#page-map .rt").wait_for()
    assert screen.query()["area"] == "320904"


def test_back_returns_to_the_place_that_was_seen(screen: Screen) -> None:
    screen.map_ready("/?v=10/33.2/120.5")
    screen.page.locator(".rt button.an", has_text="大丰区").click()
    screen.until(lambda: screen.query() == {"area": "320904"})
    box = screen.page.locator("#map").bounding_box()
    assert box is not None
    screen.page.mouse.move(box["x"] + 300, box["y"] + 200)
    screen.page.mouse.down()
    screen.page.mouse.move(box["x"] + 420, box["y"] + 260, steps=6)
    screen.page.mouse.up()
    screen.until(lambda: "v=10/33.2/120.5" not in screen.page.url)
    screen.page.go_back()
    screen.until(lambda: screen.query() == {} and "v=10/33.2" in screen.page.url)
