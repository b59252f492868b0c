"""Two hundred thousand enterprises on the map page: cells, records, clicks, heat, and back to a small layer."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest

from layers.settings import ROOT
from layers.store.db import role_dsn
from layers.store.places import seed_places
from tests import support
from tests.api import world
from tests.browser import crowd
from tests.browser.conftest import Screen

N = 200_000
# a record away from the edges of the map, and where it stands on the page
PICK = """() => {
    const box = document.querySelector('#map').getBoundingClientRect();
    for (let i = 1; i <= 200000; i++) {
        const p = yuantu.pixelOf('enterprise', i);
        if (p && p.x > 250 && p.y > 150 && p.x < box.width - 250 && p.y < box.height - 150)
            return [i, p.x + box.x, p.y + box.y];
    }
}"""


@pytest.fixture(scope="module")
def filled(scratch_database: Callable[[], AbstractContextManager[str]]) -> Iterator[str]:
    with scratch_database() as url:
        dsn = role_dsn(url, "yuantu_writer", support.SECRET_KEY)
        seed_places(dsn, ROOT / "data" / "shapefiles")
        world.boundaries(dsn)
        rows, events = world.projects(30)
        world.load(dsn, "project", rows, events=events)
        crowd.fill(url, N)
        yield url


def settled(screen: Screen) -> bool:
    return bool(screen.page.evaluate("() => window.yuantu && window.yuantu.settled()"))


def crowd_screen(screen: Screen) -> Screen:
    screen.open("/?on=enterprise&layer=enterprise&choro=0")
    screen.until(lambda: settled(screen) and screen.loaded("enterprise"), 120)
    return screen


def fly(screen: Screen, lon: float, lat: float, zoom: float) -> None:
    screen.page.evaluate("([x, y, z]) => yuantu.flyTo({lon: x, lat: y, zoom: z, animate: false})", [lon, lat, zoom])
    screen.until(lambda: screen.map_state()["view"]["zoom"] == zoom and settled(screen))


def test_cells_count_everything_and_open_on_a_click(screen: Screen) -> None:
    crowd_screen(screen)
    state = screen.map_state()
    assert state["tiled"] == ["enterprise"]
    assert state["loaded"]["enterprise"] == N
    assert len(state["cells"]) > 20
    counties = [label for label in state["labels"] if label["text"][-1] in "县区市" and label["h"] > 17]
    hidden = [
        (label["text"], cell["n"])
        for label in counties
        for cell in state["cells"]
        if label["x"] < cell["x"] < label["x"] + label["w"] and label["y"] < cell["y"] < label["y"] + label["h"]
    ]
    assert counties and not hidden
    box = screen.page.locator("#map").bounding_box()
    assert box is not None
    middle = [c for c in state["cells"] if 150 < c["x"] < box["width"] - 150 and 150 < c["y"] < box["height"] - 150]
    largest = max(middle, key=lambda c: c["n"])
    screen.page.mouse.move(box["x"] + largest["x"], box["y"] + largest["y"])
    screen.until(lambda: f"{largest['n']:,} 个" in screen.text(".yt-tip"))
    screen.page.mouse.click(box["x"] + largest["x"], box["y"] + largest["y"])
    screen.until(lambda: screen.map_state()["view"]["zoom"] > state["view"]["zoom"])


def test_a_record_is_picked_and_a_hidden_one_keeps_its_mark(screen: Screen) -> None:
    crowd_screen(screen)
    fly(screen, 120.0, 33.05, 14)
    state = screen.map_state()
    assert state["cells"] == []
    assert 0 < state["loaded"]["enterprise"] < 20_000
    found = screen.page.evaluate(PICK)
    screen.page.mouse.click(found[1], found[2])
    screen.page.locator(".ch h1").wait_for()
    chosen = int(screen.query()["sel"].split(":")[1])
    assert screen.map_state()["selected"] == {"layer": "enterprise", "id": chosen}
    assert screen.text(".ch h1").startswith(f"企业{chosen}号")
    fly(screen, 120.0, 33.05, 9)
    screen.until(lambda: screen.page.evaluate("i => yuantu.pixelOf('enterprise', i)", chosen))
    screen.page.keyboard.press("Escape")
    screen.until(lambda: "sel" not in screen.query())


def test_heat_is_a_switch_that_fetches_nothing(screen: Screen) -> None:
    crowd_screen(screen)
    asked: list[str] = []
    screen.page.on("request", lambda r: asked.append(r.url) if "/tiles/" in r.url else None)
    button = screen.page.get_by_role("button", name="热力")
    button.click()
    screen.until(lambda: screen.query().get("heat") == "enterprise" and not screen.map_state()["cells"])
    screen.until(lambda: "相对密度" in screen.text("#layers-list"))
    screen.page.get_by_role("button", name="热力").click()
    screen.until(lambda: "heat" not in screen.query() and screen.map_state()["cells"])
    assert asked == []


def test_a_narrow_filter_goes_back_to_geojson(screen: Screen) -> None:
    crowd_screen(screen)
    screen.page.evaluate("() => yt.act([['set', 'on', 'project'], ['set', 'layer', 'project']])")
    screen.until(lambda: settled(screen) and screen.loaded("project"))
    state = screen.map_state()
    assert state["tiled"] == []
    assert state["loaded"]["project"] == 28


def test_two_hundred_pans_leave_nothing_behind(screen: Screen) -> None:
    """Round and round a square of five screens: after each round the page holds what it held after the first."""
    crowd_screen(screen)
    fly(screen, 120.0, 33.05, 12)
    failed: list[str] = []
    screen.page.on("response", lambda r: failed.append(r.url) if r.status >= 400 else None)
    session = screen.page.context.new_cdp_session(screen.page)

    def held() -> dict[str, float]:
        session.send("HeapProfiler.collectGarbage")
        heap = session.send("Runtime.getHeapUsage")
        nodes = screen.page.evaluate("() => document.querySelectorAll('*').length")
        canvases = screen.page.evaluate(
            "() => [...document.querySelectorAll('canvas')].reduce((n, c) => n + c.width * c.height, 0)"
        )
        return {"heap": heap["usedSize"] + heap["backingStorageSize"], "nodes": nodes, "canvases": canvases}

    # as a hand that pans on without waiting: each move is begun when the one before is drawn
    circle = """async () => {
        for (let i = 0; i < 40; i++) {
            const k = i % 10, side = Math.floor(i / 10);
            const [x, y] = [[k, 0], [10, k], [10 - k, 10], [0, 10 - k]][side];
            yuantu.flyTo({lon: 120 + 0.02 * x, lat: 33.05 - 0.015 * y, zoom: 12, animate: false});
            await new Promise(requestAnimationFrame);
        }
        yuantu.flyTo({lon: 120, lat: 33.05, zoom: 12, animate: false});
    }"""
    seen = []
    for _ in range(5):
        screen.page.evaluate(circle)
        screen.until(lambda: settled(screen))
        seen.append(held())
    assert seen[-1]["nodes"] <= seen[0]["nodes"] + 20
    assert seen[-1]["canvases"] == seen[0]["canvases"]
    assert seen[-1]["heap"] <= 1.25 * seen[0]["heap"]
    assert failed == [] and screen.map_state()["errors"] == []
