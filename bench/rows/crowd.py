"""Many things in the browser: first map, frames while panning, click to card, memory; and sixteen people at once."""

from __future__ import annotations

import asyncio
import math
import statistics
from collections.abc import Iterator

import httpx
from playwright.sync_api import sync_playwright

from bench.browsing import PANS, Seen, browse, launch
from bench.context import Bench
from bench.data import Points
from bench.database import LAYER
from bench.serving import serving
from bench.timing import Case, Timing

TITLE = "大数据量的地图"
ORDER = 7
SIZES = (10_000, 200_000)
PEOPLE, STEPS, FRESH_STEPS = 16, 40, 6
FIRST_LIMIT, FRAME_LIMIT, CLICK_LIMIT, CROWD_LIMIT = 3.0, 0.100, 0.200, 0.050
MEMORY_LIMIT = 1.1  # after the last round of pans, as a multiple of that after the first


def run(bench: Bench) -> Iterator[Case]:
    """Measure the row at ten thousand, two hundred thousand and all points."""
    bench.folder.mkdir(parents=True, exist_ok=True)
    for rows in sorted({*(n for n in SIZES if n < bench.rows), bench.rows}):
        points, database = bench.at_size(rows)
        with serving(database.url, bench.folder) as base:
            with sync_playwright() as playwright:
                browser = launch(playwright.chromium)
                seen = browse(browser, base, points)
                browser.close()
            yield from _cases(seen, f"{rows:,} 个点")
            if rows == max(n for n in (*SIZES, bench.rows) if n <= bench.rows):
                yield from _people(base, points, f"{rows:,} 个点")


def _cases(seen: Seen, many: str) -> Iterator[Case]:
    first, click = statistics.median(seen.first), statistics.median(seen.clicks)
    yield Case(
        "crowd", f"地图首次可用，{many}", Timing("/", seen.first),
        note=f"服务已热，浏览器缓存为空；要求 ≤ {FIRST_LIMIT:.0f} s：{_verdict(first <= FIRST_LIMIT)}。",
    )  # fmt: skip
    worst = max(seen.frames)
    over = sum(s > FRAME_LIMIT for s in seen.frames)
    yield Case(
        "crowd", f"平移时的帧，{many}", Timing("/", seen.frames),
        note=f"{PANS} 次平移，{len(seen.frames):,} 帧，最长 {worst * 1e3:.0f} ms，超过 {FRAME_LIMIT * 1e3:.0f} ms 的"
        f" {over} 帧：{_verdict(not over)}。第 99 百分位"
        f" {sorted(seen.frames)[int(len(seen.frames) * 0.99)] * 1e3:.0f} ms。",
    )  # fmt: skip
    growth = seen.memory[-1] / seen.memory[0]
    good = growth <= MEMORY_LIMIT
    yield Case(
        "crowd", f"单击到卡片，{many}", Timing("/", seen.clicks),
        note=f"{len(seen.clicks)} 个不同的点；中位数要求 ≤ {CLICK_LIMIT * 1e3:.0f} ms："
        f"{_verdict(click <= CLICK_LIMIT)}。"
        f"回收垃圾后页面的内存：第一圈平移后 {seen.memory[0] / 1e6:.1f} MB，{PANS} 次平移后"
        f" {seen.memory[-1] / 1e6:.1f} MB，是 {growth:.2f} 倍，要求 ≤ {MEMORY_LIMIT}：{_verdict(good)}。",
    )  # fmt: skip


def _people(base: str, points: Points, many: str) -> Iterator[Case]:
    kept, fresh = asyncio.run(_crowd(base, points))
    p95 = _p95(kept)
    yield Case(
        "crowd", f"{PEOPLE} 人同时平移，缓存的瓦片，{many}", Timing("/tiles", tuple(kept)),
        note=f"{len(kept):,} 个请求，没有错误；第 95 百分位 {p95 * 1e3:.1f} ms，"
        f"要求 ≤ {CROWD_LIMIT * 1e3:.0f} ms：{_verdict(p95 <= CROWD_LIMIT)}。",
    )  # fmt: skip
    yield Case(
        "crowd", f"{PEOPLE} 人同时平移，各有各的筛选，未缓存，{many}", Timing("/tiles", tuple(fresh)),
        note=f"{len(fresh):,} 个请求，没有错误；格网不能回答这些筛选，每片都从记录算起，多于连接数的依次等候。"
        f"第 95 百分位 {_p95(fresh) * 1e3:.0f} ms，最长 {max(fresh) * 1e3:.0f} ms。",
    )  # fmt: skip


def _p95(seconds: list[float]) -> float:
    return sorted(seconds)[int(len(seconds) * 0.95)]


def _verdict(good: bool) -> str:
    return "达到" if good else "没有达到"


async def _crowd(base: str, points: Points) -> tuple[list[float], list[float]]:
    """Sixteen people look at views of the same tiles, which are kept; then each with a filter of their own."""
    n = 2**10
    lon, lat = float(points.lon.mean()), float(points.lat.mean())
    x = int((lon + 180) / 360 * n)
    y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n)
    kept: list[float] = []
    fresh: list[float] = []
    async with httpx.AsyncClient(base_url=base, timeout=60, headers={"Accept-Encoding": "br"}) as client:

        async def look(i: int, j: int, keep: list[float] | None, text: str = "") -> None:
            clock = asyncio.get_running_loop().time
            start = clock()
            path = f"/tiles/{LAYER.id}/10/{x + i}/{y + j}.mvt"
            async with client.stream("GET", path, params={"filter": text} if text else None) as answer:
                if answer.status_code not in (200, 204):
                    raise RuntimeError(f"HTTP {answer.status_code}")
                async for _ in answer.aiter_raw():
                    pass
            if keep is not None:
                keep.append(clock() - start)

        for i in range(-4, 5):
            await asyncio.gather(*(look(i, j, None) for j in range(-4, 5)))

        async def person(number: int, steps: int, keep: list[float], text: str) -> None:
            for step in range(steps):
                i, j = (number + step) % 6 - 3, (number * 5 + step * 3) % 6 - 3
                await look(i, j, keep, text)
                await asyncio.sleep(0.02)

        await asyncio.gather(*(person(number, STEPS, kept, "") for number in range(PEOPLE)))
        await asyncio.gather(
            *(person(number, FRESH_STEPS, fresh, f"registered_cny > {1000 + number}") for number in range(PEOPLE))
        )
    return kept, fresh
