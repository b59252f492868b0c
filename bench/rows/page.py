"""The first page and a change of filter in Chromium, on the shipped and demonstration data, server warm."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Page, sync_playwright

from bench.context import Bench
from bench.serving import serving
from bench.timing import Case, Timing

TITLE = "页面：首次可用与换筛选"
ORDER = 6
CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
LOADS, CHANGES = 5, 10
FIRST_LIMIT, CHANGE_LIMIT = "3 s", "300 ms"
# usable: the rollup's sum, the table's count, the counties and the projects are all on screen
USABLE = """() => document.querySelector('.rt tr.sum') && document.querySelector('#table-foot span')
    && window.yuantu && (s => s.areas && s.loaded.project !== undefined && s.drawn)(window.yuantu.state())
    && performance.now()"""
# presses the n-th stage chip; says after how many ms the map, and then the rollup and the table, had changed
CHANGE = """async number => {
    const field = document.querySelector('#filters-body .ff[aria-label="阶段"]')
    const chips = [...field.querySelectorAll('.chip')].filter(c => c.querySelector('small'))
    const chip = chips[number % chips.length]
    const said = css => document.querySelector(css)?.innerText
    const what = () => [window.yuantu.state().loaded.project,
        said('.rt tr.sum td:nth-child(4)') + said('#table-foot span')]
    const [map, words] = what()
    const start = performance.now()
    chip.click()
    let drawn = null
    while (performance.now() - start < 60000) {
        await new Promise(next => setTimeout(next, 20))
        const [m, w] = what()
        if (drawn === null && m !== undefined && m !== map) drawn = performance.now() - start
        if (drawn !== null && w !== words) return [drawn, performance.now() - start]
    }
    return null
}"""


def run(bench: Bench) -> Iterator[Case]:
    """Measure the row."""
    bench.folder.mkdir(parents=True, exist_ok=True)
    with serving(bench.shipped, bench.folder) as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        seconds = []
        for number in range(LOADS + 1):
            page = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN").new_page()
            page.goto(base)
            took = page.wait_for_function(USABLE, polling=50, timeout=60_000).json_value() / 1000
            if number:
                seconds.append(took)
            if number < LOADS:
                page.context.close()
        page.wait_for_timeout(3000)
        changes = _changes(page)
        browser.close()
    yield Case("page", "首页可用（汇总、表格、县界、项目都在屏幕上）", Timing("/", tuple(seconds)),
               note=f"空缓存的浏览器，服务已热；要求 ≤ {FIRST_LIMIT}。")  # fmt: skip
    for name, part in (("地图已换", 0), ("汇总与表格也已换", 1)):
        taken = tuple(c[part] / 1000 for c in changes)
        yield Case("page", f"换一个阶段筛选：{name}", Timing("/", taken), note=f"要求 ≤ {CHANGE_LIMIT}。")


def _changes(page: Page) -> list[list[float]]:
    made = []
    for number in range(CHANGES + 2):
        # on and off again, chip after chip, so that every change is a change
        took = page.evaluate(CHANGE, number // 2)
        if took is None:
            raise RuntimeError("按下筛选后 60 秒没有变化。")
        if number >= 2:
            made.append(took)
        page.wait_for_timeout(400)
    return made
