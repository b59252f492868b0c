"""Many things in the browser: first map, frames while panning, click to card, memory; and sixteen people at once."""

from __future__ import annotations

import asyncio
import math
import statistics
from collections.abc import Iterator

import httpx
from playwright.sync_api import Page, sync_playwright

from bench.context import Bench
from bench.database import LAYER
from bench.rows.page import CHROMIUM, FLAGS
from bench.serving import serving
from bench.timing import Case, Timing

TITLE = "大数据量的地图"
ORDER = 7
PANS, CLICKS = 200, 8
PEOPLE, STEPS = 16, 40
FRAME_LIMIT, CLICK_LIMIT, CROWD_LIMIT = 0.100, 0.200, 0.050
MEMORY_LIMIT = 1.25  # heap after the pans, as a multiple of that after the first tenth of them
READY = """() => window.yuantu && yuantu.state() && yuantu.settled() && yuantu.state().loaded.enterprise
    && performance.now()"""
CARD = "() => document.querySelector('.ch h1') && performance.now()"
# keeps how long each frame takes while it runs
RECORD = """() => {
    window.frames2 = [];
    let last = performance.now();
    const frame = now => {
        window.frames2.push(now - last);
        last = now;
        window.recording = requestAnimationFrame(frame);
    };
    window.recording = requestAnimationFrame(frame);
}"""
STOP = "() => { cancelAnimationFrame(window.recording); return window.frames2; }"
HEAP = "() => performance.memory ? performance.memory.usedJSHeapSize : 0"
PICK = """skip => {
    const box = document.querySelector('#map').getBoundingClientRect(), s = yuantu.state();
    let left = skip;
    for (const id of s.some) {
        const p = yuantu.pixelOf('enterprise', id);
        if (p && p.x > 200 && p.y > 120 && p.x < box.width - 200 && p.y < box.height - 120 && left-- === 0)
            return [p.x + box.x, p.y + box.y, id];
    }
    return null;
}"""


def run(bench: Bench) -> Iterator[Case]:
    """Measure the row."""
    bench.database.fill(bench.counties, bench.points)
    bench.folder.mkdir(parents=True, exist_ok=True)
    many = f"{len(bench.points):,} 个点"
    with serving(bench.database.url, bench.folder) as base:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=CHROMIUM, args=[*FLAGS, "--enable-precise-memory-info", "--js-flags=--expose-gc"]
            )
            page = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN").new_page()
            page.goto(f"{base}/?on=enterprise&layer=enterprise&choro=0")
            first = page.wait_for_function(READY, polling=50, timeout=180_000).json_value() / 1000
            page.wait_for_timeout(5000)
            frames, heaps = _pan(page)
            clicks = _clicks(page)
            browser.close()
        seconds = asyncio.run(_crowd(base, bench))
    yield Case("crowd", f"地图首次可用，{many}", Timing("/", (first,)), note="空缓存的浏览器；格网都已画出。")
    worst = max(frames)
    yield Case(
        "crowd", f"平移时的帧，{many}", Timing("/", tuple(frames)),
        note=f"{len(frames):,} 帧，最长 {worst * 1e3:.0f} ms，要求 ≤ {FRAME_LIMIT * 1e3:.0f} ms："
        f"{_verdict(worst <= FRAME_LIMIT)}。第 99 百分位 {sorted(frames)[int(len(frames) * 0.99)] * 1e3:.0f} ms。",
    )  # fmt: skip
    growth = heaps[-1] / heaps[0] if heaps[0] else 1.0
    yield Case(
        "crowd", f"单击到卡片，{many}", Timing("/", tuple(clicks)),
        note=f"中位数要求 ≤ {CLICK_LIMIT * 1e3:.0f} ms：{_verdict(statistics.median(clicks) <= CLICK_LIMIT)}。"
        f"{PANS} 次平移后堆 {heaps[-1] / 1e6:.0f} MB，是开始时的 {growth:.2f} 倍：{_verdict(growth <= MEMORY_LIMIT)}。",
    )  # fmt: skip
    p95 = sorted(seconds)[int(len(seconds) * 0.95)]
    yield Case(
        "crowd", f"{PEOPLE} 人同时平移，缓存的瓦片，{many}", Timing("/tiles", tuple(seconds)),
        note=f"{len(seconds):,} 个请求，没有错误；第 95 百分位 {p95 * 1e3:.1f} ms，"
        f"要求 ≤ {CROWD_LIMIT * 1e3:.0f} ms：{_verdict(p95 <= CROWD_LIMIT)}。",
    )  # fmt: skip


def _verdict(good: bool) -> str:
    return "达到" if good else "没有达到"


def _pan(page: Page) -> tuple[list[float], list[float]]:
    """Pan two hundred times with the mouse; return every frame's seconds and the heap after each tenth of them."""
    box = page.locator("#map").bounding_box()
    if box is None:
        raise RuntimeError("没有地图。")
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    frames: list[float] = []
    heaps = []
    for number in range(PANS):
        if number % (PANS // 10) == 0:
            page.evaluate(RECORD)
        right, down = ((1, 0), (0, 1), (-1, 0), (0, -1))[number % 4]
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 160 * right, y + 160 * down, steps=8)
        page.mouse.up()
        if (number + 1) % (PANS // 10) == 0:
            frames += [ms / 1000 for ms in page.evaluate(STOP)]
            page.evaluate("() => window.gc && window.gc()")
            heaps.append(float(page.evaluate(HEAP)))
    return frames, heaps


def _clicks(page: Page) -> list[float]:
    """Click records; return the seconds until each one's card is there."""
    page.evaluate("() => yuantu.flyTo({lon: 120.15, lat: 33.38, zoom: 15, animate: false})")
    page.wait_for_function(READY, polling=50, timeout=60_000)
    page.wait_for_timeout(1000)
    taken: list[float] = []
    for number in range(CLICKS):
        found = page.evaluate(PICK, 3 * number)
        if found is None:
            continue
        page.keyboard.press("Escape")
        page.wait_for_function("() => !document.querySelector('.ch h1')", timeout=120_000)
        start = page.evaluate("() => performance.now()")
        page.mouse.click(found[0], found[1])
        end = page.wait_for_function(
            "() => document.querySelector('.ch h1') && performance.now()", polling=5
        ).json_value()
        taken.append((end - start) / 1000)
    if not taken:
        raise RuntimeError("图上没有可以单击的点。")
    return taken


async def _crowd(base: str, bench: Bench) -> list[float]:
    """Sixteen people look at forty views each of a dozen tiles; the second time round is measured."""
    n = 2**10
    lon, lat = float(bench.points.lon.mean()), float(bench.points.lat.mean())
    x = int((lon + 180) / 360 * n)
    y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n)
    taken: list[float] = []
    async with httpx.AsyncClient(base_url=base, timeout=60, headers={"Accept-Encoding": "br"}) as client:

        async def look(i: int, j: int, keep: bool) -> None:
            clock = asyncio.get_running_loop().time
            start = clock()
            async with client.stream("GET", f"/tiles/{LAYER.id}/10/{x + i}/{y + j}.mvt") as answer:
                if answer.status_code not in (200, 204):
                    raise RuntimeError(f"HTTP {answer.status_code}")
                async for _ in answer.aiter_raw():
                    pass
            if keep:
                taken.append(clock() - start)

        for i in range(-4, 5):
            await asyncio.gather(*(look(i, j, False) for j in range(-4, 5)))

        async def person(number: int) -> None:
            for step in range(STEPS):
                i, j = (number + step) % 6 - 3, (number * 5 + step * 3) % 6 - 3
                await look(i, j, True)
                await asyncio.sleep(0.02)

        await asyncio.gather(*(person(number) for number in range(PEOPLE)))
    return taken
