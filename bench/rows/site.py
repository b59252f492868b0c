"""Siting: SMAA of many parcels against a numpy loop and scikit-criteria; the surface against scipy's transform; and
a key on a weight's slider in Chromium, until the new picture of the surface and the new ranking are painted.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from playwright.sync_api import Page, sync_playwright
from scipy.ndimage import distance_transform_edt

from bench import peers
from bench.context import Bench
from bench.rows.page import CHROMIUM, FLAGS
from bench.serving import serving
from bench.timing import Case, Timing, case, measure
from geo.criteria_base import Places
from geo.criteria_plane import shapes_to_plane
from geo.robust import draw_weights, smaa
from geo.surface import Grid, quantile_breaks, weigh

TITLE = "选址：权重抽样与适宜度面"
ORDER = 8
PARCELS, CRITERIA, DRAWS = 20_000, 8, 10_000
LOOPED, EVALUATED = 500, 20
#: How many places each layer of the surface leads to.
PLACES = (3, 4, 12, 9, 30, 60, 150, 400)
MCDM = ("scikit-criteria==0.10", "numpy==2.4.6")

KEYS, KEY_LIMIT = 10, "300 ms"
SLIDER = "#site-brief .crit input[type=range]"
# a picture counts when the map draws it for the first time, a ranking when its panel is made anew; both then wait
# for the next frame
WATCH = """() => {
    const seen = new Set()
    window.shown = { picture: null, ranking: null }
    const note = what => requestAnimationFrame(() => { window.shown[what] = performance.now() })
    const draw = CanvasRenderingContext2D.prototype.drawImage
    CanvasRenderingContext2D.prototype.drawImage = function (image, ...rest) {
        if (image instanceof HTMLImageElement && !seen.has(image.src)) { seen.add(image.src); note('picture') }
        return draw.call(this, image, ...rest)
    }
    new MutationObserver(() => note('ranking')).observe(document.querySelector('#site-ranking'), {
        attributes: true, characterData: true, childList: true, subtree: true,
    })
    addEventListener('keydown', () => {
        window.shown = { picture: null, ranking: null }
        window.pressed = performance.now()
    }, true)
}"""
BOTH = (
    "() => window.shown.picture && window.shown.ranking && [window.shown.picture, window.shown.ranking]"
    ".map(t => t - window.pressed)"
)

Floats = npt.NDArray[np.float64]


def run(bench: Bench) -> Iterator[Case]:
    """Measure the row."""
    yield from _smaa(bench)
    yield from _surface(bench)
    yield from _slider(bench)


# -- robustness -------------------------------------------------------------------------------


def _smaa(bench: Bench) -> Iterator[Case]:
    small = bench.rows < 100_000  # a quick look
    n, k = (2000, 1000) if small else (PARCELS, DRAWS)
    rng = np.random.default_rng(bench.seed)
    values = rng.beta(2.0, 2.5, (n, CRITERIA)) * rng.uniform(0.5, 1.0, (n, 1))
    draws = draw_weights(np.full(CRITERIA, 1 / CRITERIA), k, bench.seed, None)

    loop_first: list[int] = []

    def loop() -> None:
        loop_first[:] = _numpy_loop(values, draws[: min(LOOPED, k)])

    start = time.perf_counter()
    loop()
    took = (time.perf_counter() - start) * k / len(loop_first)
    ours = smaa(values, draws[: len(loop_first)], "topsis")
    wanted = np.bincount(loop_first, minlength=n) / len(loop_first)
    note = "" if np.array_equal(ours.first, wanted) else "与逐次排序的居首比例不同"
    others = [Timing(f"numpy 逐次循环（抽样 {len(loop_first)} 次，按 {k:,} 次折算）", (took,), note)]
    path = bench.folder / "smaa.npz"
    bench.folder.mkdir(parents=True, exist_ok=True)
    np.savez(path, values=values, draws=draws[: max(EVALUATED, 1)])
    work: dict[str, Any] = {"path": str(path), "draws": EVALUATED, "of": k, "first": loop_first[:EVALUATED]}
    others += peers.run(bench.venv.with_name("bench-venv-mcdm"), "smaa", work, MCDM)
    yield case(
        "site", f"SMAA（TOPSIS），{n:,} 块 × {CRITERIA} 项 × {k:,} 次抽样", "geo.robust.smaa",
        {"geo.robust.smaa": lambda: smaa(values, draws, "topsis")}, repeats=3, others=others,
        note="权重任意取值，种子固定。园图一次给出全部地块的居首、前十比例和中心权重；对照只求每次抽样的名次或第一名，"
        "各次抽样用时相同，故少抽后折算。居首比例与逐次循环逐块比对。要求：≤ 1.5 s，且 ≥ 15× 逐次循环。",
    )  # fmt: skip


def _numpy_loop(values: Floats, draws: Floats) -> list[int]:
    """TOPSIS draw by draw as a person would write it: ranks by a sort; return who comes first."""
    best, worst = values.max(axis=0), values.min(axis=0)
    first = []
    for w in draws:
        away = np.sqrt((((best - values) * w) ** 2).sum(axis=1))
        toward = np.sqrt((((values - worst) * w) ** 2).sum(axis=1))
        first.append(int(np.argsort(-(toward / (away + toward)), kind="stable")[0]))
    return first


# -- the surface ------------------------------------------------------------------------------


def _surface(bench: Bench) -> Iterator[Case]:
    shapes = shapes_to_plane(np.asarray(bench.counties.geoms, object))
    grid = Grid.build(bench.counties.codes, list(shapes), 400.0 if bench.rows < 100_000 else 100.0)
    rng = np.random.default_rng(bench.seed)
    west, south, east, north = shapely.total_bounds(shapes)
    layers = [Places.at(rng.uniform((west, south), (east, north), (k, 2))) for k in PLACES]
    weights = rng.dirichlet(np.ones(len(PLACES)))

    def stacked(distances: list[npt.NDArray[Any]]) -> npt.NDArray[np.float32]:
        """Values 0 to 1, the nearest best."""
        made = np.empty((len(distances), len(grid)), np.float32)
        for row, found in zip(made, distances, strict=True):
            low, high = found.min(), found.max()
            np.subtract(high, found, out=row, casting="unsafe")
            row /= high - low
        return made

    def ours() -> list[npt.NDArray[Any]]:
        return [grid.nearest_m(p) for p in layers]

    def scipy() -> list[npt.NDArray[Any]]:
        found = []
        for places in layers:
            free = np.ones(grid.shape, np.bool_)
            row = np.floor((grid.north - places.xy[:, 1]) / grid.cell_m).astype(int)
            column = np.floor((places.xy[:, 0] - grid.west) / grid.cell_m).astype(int)
            free[row, column] = False
            found.append(distance_transform_edt(free).ravel()[grid.cells] * grid.cell_m)
        return found

    apart = max(float(np.abs(a - b).max()) for a, b in zip(ours(), scipy(), strict=True))
    title = f"适宜度面，{len(grid):,} 格 × {len(layers)} 项"
    yield case(
        "site", f"{title}：建成", "geo.surface",
        {"geo.surface": lambda: weigh(stacked(ours()), weights),
         "scipy distance_transform_edt": lambda: weigh(stacked(scipy()), weights)}, repeats=3,
        note=f"到 {'、'.join(map(str, PLACES))} 处地点的距离，换成 0–1 后加权。园图到地点本身，scipy 到地点所在的格，"
        f"相差至多 {apart:.0f} 米（一格 {grid.cell_m:g} 米）。要求：不慢于 scipy。",
    )  # fmt: skip
    stack = stacked(ours())
    doubles = stack.astype(np.float64)
    other = rng.dirichlet(np.ones(len(PLACES)))
    shown = measure({"breaks": lambda: quantile_breaks(weigh(stack, other))}, 5)["breaks"]
    yield case(
        "site", f"{title}：换权重", "geo.surface.weigh",
        {"geo.surface.weigh": lambda: weigh(stack, other), "numpy 乘加（float64）": lambda: other @ doubles},
        repeats=9,
        note=f"连同重新分级 {1e3 * min(shown):.0f} ms。要求：≤ 50 ms。",
    )  # fmt: skip


# -- the page ---------------------------------------------------------------------------------


def _slider(bench: Bench) -> Iterator[Case]:
    bench.folder.mkdir(parents=True, exist_ok=True)
    with serving(bench.shipped, bench.folder) as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        page = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN").new_page()
        page.goto(f"{base}/site?preset=auto_parts")
        page.locator("#site-hot li").first.wait_for(state="attached", timeout=120_000)
        taken = press_keys(page, KEYS)
        browser.close()
    note = "全市 100 米网格，服务已热；从按键到画出之后的一帧"
    for k, (what, wanted) in enumerate((("新的适宜度面", f"；要求：≤ {KEY_LIMIT}"), ("新的排序", ""))):
        yield Case("site", f"按一下权重滑块：{what}在屏幕上", Timing("/site", tuple(t[k] / 1000 for t in taken)),
                   note=f"{note}{wanted}。")  # fmt: skip


def press_keys(page: Page, n: int) -> list[list[float]]:
    """Press an arrow key on a weight's slider ``n`` times; return ms until picture and ranking were painted."""
    page.evaluate(WATCH)
    made = []
    for number in range(n + 2):
        page.locator(SLIDER).nth(1).focus()
        page.keyboard.press("ArrowRight")
        took = page.wait_for_function(BOTH, polling=20, timeout=60_000).json_value()
        if number >= 2:
            made.append(took)
        page.wait_for_timeout(800)  # hot areas and the address follow
    return made
