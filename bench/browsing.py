"""What a person does on a map of very many things in Chromium: opens it, pans it, clicks; times and memory of that."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Browser, CDPSession, Page

from bench.data import Points
from bench.rows.page import CHROMIUM, FLAGS
from bench.rows.tiles import tiles_at

LOADS, PANS, LEG, CLICKS = 5, 200, 10, 12
TIMEOUT = 180_000
ADDRESS = "/?on=enterprise&layer=enterprise&choro=0"
READY = """() => window.yuantu && yuantu.state() && yuantu.settled() && yuantu.state().loaded.enterprise
    && performance.now()"""
CARD = "() => document.querySelector('.ch h1') && performance.now()"
NO_CARD = "() => !document.querySelector('.ch h1')"
# one clock for both ends of a frame: a frame's own time stamp can be older than the moment its work begins
RECORD = """() => {
    window.framesSeen = [];
    let last = null;
    const frame = () => {
        const now = performance.now();
        if (last !== null) window.framesSeen.push(now - last);
        last = now;
        window.recording = requestAnimationFrame(frame);
    };
    window.recording = requestAnimationFrame(frame);
}"""
STOP = "() => { cancelAnimationFrame(window.recording); return window.framesSeen; }"
# records that no panel covers and that were not clicked yet, as [x, y, id]
PICK = """clicked => {
    const box = document.querySelector('#map').getBoundingClientRect();
    for (const id of yuantu.state().some) {
        const p = yuantu.pixelOf('enterprise', id);
        if (clicked.includes(id) || !p) continue;
        const x = p.x + box.x, y = p.y + box.y, top = document.elementFromPoint(x, y);
        if (x < box.x + 40 || y < box.y + 40 || x > box.right - 40 || y > box.bottom - 40) continue;
        if (top && top.closest('#map') && !top.closest('.leaflet-control, [data-avoid]')) return [x, y, id];
    }
    return null;
}"""


@dataclass(frozen=True)
class Seen:
    """Seconds until the map was usable, of every frame and from each click to its card; bytes after each round."""

    first: tuple[float, ...]
    frames: tuple[float, ...]
    clicks: tuple[float, ...]
    memory: tuple[float, ...]


def browse(browser: Browser, base: str, points: Points) -> Seen:
    """Open the map with an empty cache several times, after another browser has once; then pan and click."""
    first = []
    for number in range(LOADS + 1):
        page = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN").new_page()
        page.goto(base + ADDRESS)
        taken = page.wait_for_function(READY, polling=20, timeout=TIMEOUT).json_value() / 1000
        if number:
            first.append(taken)
        if number < LOADS:
            page.context.close()
    page.wait_for_timeout(3000)
    frames, memory = pan(page)
    clicks = click(page, points)
    page.context.close()
    return Seen(tuple(first), tuple(frames), tuple(clicks), tuple(memory))


def launch(chromium: object) -> Browser:
    """Start the browser; its memory figures are exact."""
    flags = [*FLAGS, "--enable-precise-memory-info"]
    return chromium.launch(executable_path=CHROMIUM, args=flags)  # type: ignore[attr-defined, no-any-return]


def used(session: CDPSession) -> float:
    """Return the bytes in use by the page's objects and buffers after garbage is collected."""
    session.send("HeapProfiler.collectGarbage")
    found = session.send("Runtime.getHeapUsage")
    return float(found["usedSize"] + found.get("embedderHeapUsedSize", 0) + found.get("backingStorageSize", 0))


def pan(page: Page) -> tuple[list[float], list[float]]:
    """Pan two hundred times with the mouse, round and round a square; memory once after each round of forty."""
    box = page.locator("#map").bounding_box()
    if box is None:
        raise RuntimeError("没有地图。")
    session = page.context.new_cdp_session(page)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    frames: list[float] = []
    memory = []
    for number in range(PANS):
        if number % (4 * LEG) == 0:
            page.evaluate(RECORD)
        right, down = ((1, 0), (0, 1), (-1, 0), (0, -1))[number // LEG % 4]
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 160 * right, y + 160 * down, steps=8)
        page.mouse.up()
        if (number + 1) % (4 * LEG) == 0:
            frames += [ms / 1000 for ms in page.evaluate(STOP)]
            memory.append(used(session))
    session.detach()
    return frames, memory


def click(page: Page, points: Points) -> list[float]:
    """Click a dozen different records where they are densest; return the seconds until each one's card is there."""
    zoom, x, y = tiles_at(points, 15, 1)[0]
    place = "([z, x, y]) => yuantu.flyTo({lon: (x + 0.5) / 2 ** z * 360 - 180, zoom: z, animate: false,"
    page.evaluate(
        place + "lat: 180 / Math.PI * Math.atan(Math.sinh(Math.PI * (1 - (2 * y + 1) / 2 ** z)))})", [zoom, x, y]
    )
    page.wait_for_function(READY, polling=20, timeout=TIMEOUT)
    page.wait_for_timeout(1000)
    taken: list[float] = []
    clicked: list[int] = []
    for _ in range(CLICKS):
        found = page.evaluate(PICK, clicked)
        if found is None:
            raise RuntimeError(f"第 {len(taken) + 1} 次没有可以单击的点。")
        clicked.append(found[2])
        start = page.evaluate("() => performance.now()")
        page.mouse.click(found[0], found[1])
        end = page.wait_for_function(CARD, polling=5, timeout=TIMEOUT).json_value()
        taken.append((end - start) / 1000)
        page.keyboard.press("Escape")
        page.wait_for_function(NO_CARD, timeout=TIMEOUT)
        page.wait_for_timeout(300)
    return taken
