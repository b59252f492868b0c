"""Drawing on the map page: shapes by mouse and keyboard, cut and kept, the address restores them, nearest things."""

from urllib.parse import quote

from tests.browser.conftest import Screen
from tests.support import fetch_json


def start(screen: Screen, kind: str) -> None:
    screen.page.locator("#draw-menu summary").click()
    screen.page.get_by_role("button", name=kind, exact=True).click()
    screen.until(lambda: screen.map_state()["tool"] == "draw")


def press(screen: Screen, *places: tuple[float, float]) -> None:
    """Click places of the map, given as shares of its width and height."""
    box = screen.page.locator("#map").bounding_box()
    assert box is not None
    for x, y in places:
        screen.page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])
        screen.page.wait_for_timeout(320)  # two clicks within a double-click's time would end a shape


def counted(screen: Screen) -> int:
    return int(screen.text(".drt tbody tr td.num").replace(",", ""))


def asked(screen: Screen, area: str) -> int:
    return int(fetch_json(f"{screen.base}/api/v1/drawn/stats/project?area={quote(area)}")["n"])


def test_a_polygon_is_drawn_counted_cut_undone_and_kept(screen: Screen) -> None:
    screen.map_ready("/?on=project&choro=0")
    start(screen, "多边形")
    press(screen, (0.3, 0.2), (0.8, 0.25), (0.8, 0.9))
    screen.page.keyboard.press("Backspace")
    press(screen, (0.75, 0.85), (0.3, 0.8))
    screen.page.keyboard.press("Enter")
    screen.page.locator(".drt").wait_for()
    area = screen.query()["draw"]
    assert area.startswith("poly:")
    assert counted(screen) == asked(screen, area) > 0

    screen.page.get_by_role("button", name="减去…").click()
    screen.page.get_by_role("button", name="圆", exact=True).click()
    press(screen, (0.5, 0.5), (0.55, 0.5))
    screen.until(lambda: "~d.circle:" in screen.query()["draw"])
    cut = screen.query()["draw"]
    screen.until(lambda: counted(screen) == asked(screen, cut))
    screen.page.get_by_role("button", name="撤销上一步").click()
    screen.until(lambda: screen.query()["draw"] == area and counted(screen) == asked(screen, area))

    screen.page.locator("#draw-name").fill("测试范围")
    screen.page.get_by_role("button", name="保存", exact=True).click()
    screen.until(lambda: screen.query().get("draw", "").startswith("saved:"))
    screen.until(lambda: "测试范围" in screen.text("#side-body"))
    screen.page.reload()
    screen.page.locator(".drt").wait_for()
    assert counted(screen) == asked(screen, area)
    screen.page.locator("#map").focus()
    screen.page.keyboard.press("Escape")
    screen.until(lambda: "draw" not in screen.query())
    screen.page.locator(".rt tr.sum").wait_for()
    screen.page.locator("#draw-menu summary").click()
    screen.page.get_by_role("button", name="测试范围", exact=True).click()
    screen.until(lambda: screen.query().get("draw", "").startswith("saved:"))


def test_two_areas_stand_beside_the_city(screen: Screen) -> None:
    screen.open("/?on=project&choro=0&draw=area:320904&draw2=circle:120.2,33.39,9000&near=120.5,33.2")
    screen.page.locator(".drt").wait_for()
    heads = screen.page.locator(".drt th").all_inner_texts()
    assert heads == ["指标", "本范围", "对比范围", "全市", "%"]
    assert "大丰区" in screen.text("#side-body")
    assert "最近的重点项目" in screen.text("#side-body")
    screen.until(lambda: screen.page.evaluate("() => yt.modelNow && yt.modelNow.overlays.outlines.length") == 3)


def test_an_empty_area_and_a_wrong_address_say_what_to_do(screen: Screen) -> None:
    screen.open("/?draw=box:118.5,32.5,118.6,32.6")
    screen.until(lambda: "没有符合条件的重点项目" in screen.text("#side-body"))
    screen.open("/?draw=nosuch:1")
    screen.until(lambda: "看不懂" in screen.text("#side-body"))
    screen.page.get_by_role("button", name="清除范围").click()
    screen.until(lambda: "draw" not in screen.query())


def test_nearest_things_of_a_pressed_place(screen: Screen) -> None:
    screen.map_ready("/?on=project&choro=0")
    start(screen, "最近的对象")
    screen.page.keyboard.press("Escape")
    screen.until(lambda: screen.map_state()["tool"] is None)
    start(screen, "最近的对象")
    press(screen, (0.5, 0.5))
    screen.until(lambda: "最近的重点项目" in screen.text("#side-body"))
    screen.page.get_by_role("button", name="统计这个圆").click()
    screen.page.locator(".drt").wait_for()
    assert screen.query()["draw"].startswith("circle:")
