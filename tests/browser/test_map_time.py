"""Time on the map page: the slider, playing, and the difference between two days as a map."""

from tests.browser.conftest import Screen
from tests.support import fetch_json


def located(screen: Screen, day: str) -> int:
    body = fetch_json(f"{screen.base}/api/v1/rollup/project?as_of={day}")
    return int(body["total"] - body["unlocated"])


def test_two_days_are_compared_as_colours_and_as_new_and_gone_things(screen: Screen) -> None:
    screen.map_ready("/?on=project&as_of=2024-12-31")
    screen.page.get_by_role("button", name="比较", exact=True).click()
    screen.until(lambda: screen.query().get("since") == "2023-12-31")
    screen.until(lambda: screen.map_state().get("changed", {}).get("project"))
    changed = screen.map_state()["changed"]["project"]
    now, before = located(screen, "2024-12-31"), located(screen, "2023-12-31")
    assert changed["fresh"] - changed["gone"] == now - before
    screen.until(lambda: "的变化（自 2023-12-31）" in screen.text("#layers-list"))
    assert {"新增", "不再有"} <= set(screen.page.locator("#layers-list .keys span").all_inner_texts())
    model = screen.page.evaluate("() => yt.modelNow.choropleth")
    rows = [fetch_json(f"{screen.base}/api/v1/rollup/project?measure=sum_invest_cny&as_of={d}")["rows"]
            for d in ("2024-12-31", "2023-12-31")]  # fmt: skip
    for new, old in zip(*rows, strict=True):
        change = (new["value"] or 0) - (old["value"] or 0)
        place = model["classes"][new["code"]]
        assert (place > 2) - (place < 2) == (change > 0) - (change < 0)
    screen.page.get_by_role("button", name="不再比较").click()
    screen.until(lambda: "since" not in screen.query() and not screen.map_state()["changed"])


def test_the_slider_spans_years_and_playing_ends_by_itself_or_by_a_press(screen: Screen) -> None:
    screen.map_ready("/?on=project")
    slider = screen.page.get_by_label("截至月份")
    slider.focus()
    for _ in range(14):
        screen.page.keyboard.press("ArrowLeft")
    screen.until(lambda: len(screen.query().get("as_of", "")) == 10)
    first = screen.query()["as_of"]
    screen.page.get_by_role("button", name="播放：逐月显示到今天").click()
    screen.until(lambda: screen.query().get("as_of", "9") > first)
    screen.page.get_by_role("button", name="停止播放").click()
    screen.page.get_by_role("button", name="播放：逐月显示到今天").wait_for()
    stopped = screen.query()["as_of"]
    screen.page.wait_for_timeout(1500)
    assert screen.query()["as_of"] == stopped
    screen.page.evaluate(
        "() => yt.act([['set', 'as_of', new Date(Date.now() - 20 * 864e5).toISOString().slice(0, 10)]])"
    )
    screen.page.get_by_role("button", name="播放：逐月显示到今天").click()
    screen.until(lambda: "as_of" not in screen.query())
    screen.page.get_by_role("button", name="播放：逐月显示到今天").wait_for()
