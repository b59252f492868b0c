"""The committed bundle in Chromium on a real Dash page: drawn, pressed, sketched, and failing politely."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.map.toy import Site, model, serve, write_files

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        found = play.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield found
        found.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with serve(write_files(tmp_path)) as running:
        yield running


@dataclass
class Screen:
    """One opened page, with everything it complained of or asked from elsewhere."""

    page: Page
    site: Site
    complaints: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    told: int = 0

    def show(self, **changes: Any) -> dict[str, Any]:
        """Give the map a model, wait until its data is there, return the state."""
        whole = model(**changes)
        self.page.evaluate("m => yuantu.setModel(m)", whole)
        ids = json.dumps([x["id"] for x in whole["layers"]])
        self.page.wait_for_function(
            "() => { const s = yuantu.state();"
            f" return s && s.base && s.areas === 4 && {ids}.every(i => s.loaded[i]) }}"
        )
        return self.state()

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = self.page.evaluate("yuantu.state()")
        return found

    def event(self, kind: str) -> dict[str, Any]:
        """Wait for the page's Store to get an event of this kind after the last one asked for, and return it."""
        told = self.page.wait_for_function(
            "([kind, n]) => (window.events || []).find(e => e.kind === kind && e.n > n)", arg=[kind, self.told]
        )
        found: dict[str, Any] = told.json_value()
        self.told = found["n"]
        return found

    def settle(self) -> None:
        """Wait for the view event, after which no more events come by themselves."""
        self.event("view")

    def pixel(self, layer: str, number: int) -> tuple[float, float]:
        at = self.page.evaluate("([l, i]) => yuantu.pixelOf(l, i)", [layer, number])
        return at["x"], at["y"]


def is_strange(url: str, site: Site) -> bool:
    return not url.startswith((site.url, "data:", "blob:"))


@pytest.fixture
def screen(browser: Browser, site: Site) -> Iterator[Screen]:
    context = browser.new_context(viewport={"width": 1200, "height": 800}, locale="zh-CN")
    page = context.new_page()
    opened = Screen(page, site)
    page.on("console", lambda m: opened.complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: opened.complaints.append(str(e)))
    page.on(
        "request", lambda r: None if r.url.startswith((site.url, "data:", "blob:")) else opened.strangers.append(r.url)
    )
    page.goto(site.url)
    page.wait_for_function("() => window.yuantu && yuantu.state()")
    yield opened
    context.close()
    assert opened.strangers == []


def test_model_is_drawn_with_no_complaint(screen: Screen) -> None:
    state = screen.show()
    assert state["loaded"] == {"project": 300, "park": 1}
    assert state["drawnBy"] == {"project": 300, "park": 1}
    assert state["errors"] == []
    names = [label["text"] for label in state["labels"]]
    assert {"东城区", "西城区", "南城区", "北城区"} <= set(names)
    assert screen.complaints == []


def test_pixels_are_there_and_follow_the_theme(screen: Screen) -> None:
    screen.show()
    counted = """() => [...document.querySelectorAll('.yt-canvas')].map(c => {
        const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
        let n = 0, s = 0; for (let i = 0; i < d.length; i += 4) if (d[i + 3]) { n++; s += d[i] }
        return [n, s]; })"""
    before = screen.page.evaluate(counted)
    assert [n > 0 for n, _ in before[:3]] == [True, True, True]
    asked = dict(screen.site.asked)
    screen.page.evaluate("document.documentElement.style.setProperty('--m-sea', '#000000')")
    screen.page.wait_for_function(f"() => ({counted})()[0][1] < {int(before[0][1] * 0.9)}")
    assert dict(screen.site.asked) == asked, "a change of theme fetches nothing"


def test_labels_never_touch_each_other_or_the_interface(screen: Screen) -> None:
    screen.show()
    for zoom in (8, 9.5, 11):
        screen.page.evaluate("z => yuantu.flyTo({lon: 120.2, lat: 33.4, zoom: z})", zoom)
        screen.page.wait_for_function(f"() => yuantu.state().view.zoom === {zoom}")
        boxes = screen.state()["labels"]
        assert len(boxes) > 3
        controls = screen.page.evaluate(
            "() => [...document.querySelectorAll('.leaflet-control')].map(e => e.getBoundingClientRect())"
            ".filter(r => r.width).map(r => ({x: r.x, y: r.y, w: r.width, h: r.height, text: 'control'}))"
        )
        touching = [
            (a["text"], b["text"])
            for i, a in enumerate(boxes)
            for b in [*boxes[i + 1 :], *controls]
            if min(a["x"] + a["w"], b["x"] + b["w"]) - max(a["x"], b["x"]) > 0.01
            and min(a["y"] + a["h"], b["y"] + b["h"]) - max(a["y"], b["y"]) > 0.01
        ]
        assert touching == []


def test_click_selects_and_tells_the_page(screen: Screen) -> None:
    screen.show()
    screen.settle()
    screen.page.evaluate("() => yuantu.flyTo({lon: 119.96, lat: 32.96, zoom: 11})")
    screen.page.wait_for_function("() => yuantu.state().view.zoom === 11")
    screen.page.mouse.click(*screen.pixel("park", 1))
    event = screen.event("click")
    assert (event["layer"], event["id"], event["name"]) == ("park", 1, "港区化工园")
    assert screen.state()["selected"] == {"layer": "park", "id": 1}
    screen.page.keyboard.press("Escape")
    assert screen.event("background")["code"] is None
    assert screen.state()["selected"] is None


def test_click_on_a_project_names_what_lies_under_it(screen: Screen) -> None:
    screen.show()
    screen.settle()
    for number in (2, 3, 9):
        screen.page.mouse.click(*screen.pixel("project", number))
        event = screen.event("click")
        assert number in {event["id"], *(o["id"] for o in event["others"] if o["layer"] == "project")}
        screen.page.keyboard.press("Escape")
        screen.event("background")


def test_click_on_a_county_and_on_the_sea(screen: Screen) -> None:
    screen.show(layers=[])
    screen.settle()
    at = screen.page.evaluate(
        "() => { const l = yuantu.state().labels.find(x => x.text === '西城区');"
        " return [l.x + l.w / 2, l.y + l.h / 2] }"
    )
    screen.page.mouse.click(*at)
    assert screen.event("area")["code"] == "320902"
    screen.page.mouse.click(1150, 400)
    assert screen.event("background")["code"] is None


def test_hover_shows_name_demo_and_figures(screen: Screen) -> None:
    screen.show()
    screen.page.evaluate("() => yuantu.flyTo({lon: 120.3, lat: 33.5, zoom: 12})")
    screen.page.wait_for_function("() => yuantu.state().view.zoom === 12")
    target = screen.page.evaluate(
        "() => { for (let i = 1; i <= 300; i++) { const p = yuantu.pixelOf('project', i);"
        " if (p.x > 100 && p.x < 1100 && p.y > 100 && p.y < 700) return [i, p.x, p.y] } }"
    )
    screen.page.mouse.move(target[1], target[2])
    tip = screen.page.locator(".yt-tip")
    tip.wait_for(state="visible")
    words = tip.inner_text()
    assert f"演示·项目{target[0]:03d}" in words
    assert "总投资" in words
    assert "亿元" in words
    assert tip.locator(".yt-tag-demo").inner_text() == "演示"
    assert screen.state()["hovered"] == {"layer": "project", "id": target[0]}


def test_old_picture_stays_when_a_fetch_fails_and_retry_brings_the_new(screen: Screen) -> None:
    screen.show()
    screen.site.broken.add("features/project")
    changed = model()
    changed["layers"][0]["url"] = "/api/v1/features/project?n=40"
    screen.page.evaluate("m => yuantu.setModel(m)", changed)
    screen.page.wait_for_function("() => yuantu.state().errors.length === 1")
    state = screen.state()
    assert state["loaded"]["project"] == 300
    assert state["errors"][0]["title"] == "重点项目"
    note = screen.page.locator(".yt-notes")
    assert "重点项目没有取到" in note.inner_text()
    screen.site.broken.clear()
    note.get_by_role("button", name="重试").click()
    screen.page.wait_for_function("() => yuantu.state().loaded.project === 40")
    note.wait_for(state="hidden")
    assert screen.state()["errors"] == []


def test_refresh_asks_with_the_etag(screen: Screen) -> None:
    screen.show()
    screen.page.evaluate("() => yuantu.refresh()")
    screen.page.wait_for_function(
        "() => performance.getEntriesByName(location.origin + '/api/v1/features/park').length > 1",
    )
    screen.page.wait_for_load_state("networkidle")
    assert screen.site.statuses["features/park", 304] == 1
    assert screen.state()["loaded"] == {"project": 300, "park": 1}


def test_scale_bar_is_right_at_this_latitude(screen: Screen) -> None:
    screen.show()
    screen.settle()
    bar = screen.page.locator(".yt-scale")
    metres = float(bar.get_attribute("data-metres") or 0)
    pixels = float(bar.get_attribute("data-pixels") or 0)
    west, _, east, _ = screen.state()["view"]["bounds"]
    middle = screen.page.evaluate("() => { const b = yuantu.state().view.bounds; return (b[1] + b[3]) / 2 }")
    across = (east - west) / 360 * 2 * math.pi * 6378137 * math.cos(math.radians(middle))
    assert metres / pixels == pytest.approx(across / 1200, rel=0.003)


def test_coordinates_under_the_pointer(screen: Screen) -> None:
    screen.show()
    screen.page.mouse.move(600, 400)
    screen.page.wait_for_function("() => document.querySelector('.yt-coordinates').textContent.includes('°E')")
    words = screen.page.inner_text(".yt-coordinates")
    assert "4549" in words
    assert "°N" in words


def test_measure_says_length_and_area(screen: Screen) -> None:
    screen.show()
    screen.page.get_by_role("button", name="量距与面积").click()
    assert screen.state()["tool"] == "measure"
    for x, y in ((500, 300), (700, 300), (700, 500)):
        screen.page.mouse.click(x, y, delay=20)
        screen.page.wait_for_timeout(350)
    words = screen.page.inner_text(".yt-toolbar:visible")
    assert "km²" in words
    assert "亩" in words
    screen.page.keyboard.press("Escape")
    assert screen.state()["tool"] is None


def test_sketch_draws_moves_undoes_and_answers(screen: Screen) -> None:
    screen.show()
    page = screen.page
    page.evaluate("() => yuantu.sketch.start()")
    for x, y in ((500, 300), (700, 300), (700, 500), (500, 500), (480, 400)):
        page.mouse.click(x, y)
        page.wait_for_timeout(350)
    page.keyboard.press("Backspace")
    page.mouse.move(500, 300)
    page.mouse.down()
    page.mouse.move(450, 250, steps=4)
    page.mouse.up()
    done = page.get_by_role("button", name="完成").element_handle()
    page.mouse.move(620, 380)
    assert done is not None
    assert done.evaluate("button => button.isConnected"), "a click begun on a button that is made anew is lost"
    page.get_by_role("button", name="完成").click()
    page.wait_for_function("() => document.getElementById('sketch').textContent.includes('Polygon')")
    polygon = json.loads(page.text_content("#sketch") or "{}")
    ring = polygon["coordinates"][0]
    assert len(ring) == 5
    assert ring[0] == ring[-1]
    assert screen.state()["tool"] is None
    page.evaluate("g => yuantu.sketch.start({geometry: g})", polygon)
    assert screen.state()["tool"] == "sketch"
    page.keyboard.press("Escape")
    page.wait_for_function("() => document.getElementById('sketch').textContent === 'null'")


def test_crossing_outline_is_refused(screen: Screen) -> None:
    screen.show()
    page = screen.page
    page.evaluate("() => yuantu.sketch.start()")
    for x, y in ((500, 300), (700, 500), (700, 300), (500, 500)):
        page.mouse.click(x, y)
        page.wait_for_timeout(350)
    page.get_by_role("button", name="完成").click()
    assert "自相交" in page.inner_text(".yt-toolbar:visible")
    assert screen.state()["tool"] == "sketch"


def test_opens_on_the_whole_city_or_on_the_given_view(screen: Screen) -> None:
    west, south, east, north = screen.show()["view"]["bounds"]
    assert west < 119.5
    assert south < 32.7
    assert east > 121.1
    assert north > 34.3
    screen.page.reload()
    screen.page.wait_for_function("() => window.yuantu && yuantu.state()")
    view = screen.show(view={"lon": 120.4, "lat": 33.1, "zoom": 11})["view"]
    assert view["zoom"] == 11
    assert (view["bounds"][0] + view["bounds"][2]) / 2 == pytest.approx(120.4, abs=0.01)


def test_hidden_layer_comes_back_with_its_data(screen: Screen) -> None:
    screen.show()
    without = model()
    without["layers"] = without["layers"][1:]
    screen.page.evaluate("m => yuantu.setModel(m)", without)
    assert "project" not in screen.state()["drawnBy"]
    screen.page.evaluate("m => yuantu.setModel(m)", model())
    assert screen.state()["drawnBy"]["project"] == 300


def test_flies_to_a_thing_even_before_it_is_loaded(screen: Screen) -> None:
    screen.page.evaluate("m => { yuantu.setModel(m); yuantu.flyTo({layer: 'park', id: 1}) }", model())
    screen.page.wait_for_function("() => yuantu.state().loaded.park && yuantu.state().view.zoom > 10")
    screen.page.wait_for_function("() => { const p = yuantu.pixelOf('park', 1); return Math.abs(p.x - 600) < 5 }")
    x, y = screen.pixel("park", 1)
    assert (x, y) == (pytest.approx(600, abs=5), pytest.approx(400, abs=5))


def test_label_of_demo_data_says_so(screen: Screen) -> None:
    changed = model()
    changed["layers"][0]["url"] = "/api/v1/features/plain"
    screen.page.evaluate("m => yuantu.setModel(m)", changed)
    screen.page.wait_for_function("() => yuantu.state().loaded.project === 2")
    screen.page.evaluate("() => yuantu.flyTo({lon: 120.2, lat: 33.5, zoom: 11})")
    screen.page.wait_for_function("() => yuantu.state().labels.some(x => x.text === '演示·光伏')")
    names = [label["text"] for label in screen.state()["labels"]]
    assert "实有项目" in names
