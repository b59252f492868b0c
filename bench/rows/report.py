"""The report map at A4 and 300 dpi, against geopandas.plot of the same areas and points."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import geopandas as gpd
import matplotlib as mpl
from playwright.sync_api import sync_playwright

from bench.context import Bench
from bench.database import SECRET_KEY
from bench.rows.page import CHROMIUM, FLAGS
from bench.serving import serving
from bench.timing import Case, Timing, case
from layers.registry import catalogue
from layers.settings import Settings
from layers.store.db import role_dsn
from layers.store.reader import Reader

TITLE = "报告图 A4，300 dpi"
ORDER = 7
DRAFT_LIMIT = "1 s"
EDITS = 6
# writes a title as a person does; says after how many ms the picture with it is on screen
EDIT = """async title => {
    const box = document.querySelector('#page-report [data-text*=\\'"r.title"\\'] input')
    const sheet = document.querySelector('#report-sheet')
    const before = sheet.querySelector('img').src
    const start = performance.now()
    box.value = title
    box.dispatchEvent(new Event('change', {bubbles: true}))
    while (performance.now() - start < 60000) {
        await new Promise(next => setTimeout(next, 10))
        const img = sheet.querySelector('img')
        if (img.src !== before && img.complete && sheet.dataset.shown.includes(title)) {
            await new Promise(next => requestAnimationFrame(() => requestAnimationFrame(next)))
            return performance.now() - start
        }
    }
    return null
}"""
RECIPE = {
    "version": 1, "family": "choropleth", "layers": [{"id": "project", "filter": ""}, {"id": "park", "filter": ""}],
    "by": "county", "measure": "n", "extent": "city", "classes": {"scheme": "quantiles", "k": 5},
    "title": "盐城市重点项目", "paper": "A4", "dpi": 300,
}  # fmt: skip


def run(bench: Bench) -> Iterator[Case]:
    """Measure the row."""
    mpl.use("Agg")
    mpl.rcParams["font.sans-serif"] = ["Noto Sans CJK SC"]
    from app.export.atlas import write_atlas
    from app.export.context import load_context
    from app.export.data import gather
    from app.export.papers import PAPERS
    from app.export.recipe import parse_recipe
    from app.export.render import compose, write
    from app.export.story import gather_story
    from app.export.theme import load_theme

    paper = next(name for name in PAPERS if name.upper().startswith("A4"))
    recipe = parse_recipe(json.dumps(RECIPE | {"paper": paper}))

    async def read() -> tuple[Any, list[bytes]]:
        async with Reader(role_dsn(bench.shipped, "yuantu_reader", SECRET_KEY), catalogue()) as reader:
            data = await gather(recipe, reader)
            told = await gather_story(recipe, reader)
            return (data, told), [
                await reader.areas("county"),
                await reader.features("project"),
                await reader.features("park"),
            ]

    (data, story), layers = asyncio.run(read())
    context, theme = load_context(Settings().data_dir), load_theme()
    shown = [gpd.read_file(io.BytesIO(body)).to_crs(4549) for body in layers]
    counts = {row.code: row.value for row in data.summary.rows}
    shown[0]["n"] = shown[0]["code"].map(counts)
    ground = _ground(context)

    def plain(fmt: str, code: str = "") -> bytes:
        figure = mpl.figure.Figure(figsize=(11.69, 8.27))
        axes = figure.subplots()
        shown[0].plot(ax=axes, column="n", cmap="Blues", edgecolor="grey", scheme="quantiles", k=5, legend=True)
        shown[2].plot(ax=axes, color="orange")
        shown[1].plot(ax=axes, color="navy", markersize=6)
        if code:
            west, south, east, north = shown[0][shown[0]["code"] == code].total_bounds
            axes.set_xlim(west, east)
            axes.set_ylim(south, north)
        axes.set_title("盐城市重点项目")
        axes.set_axis_off()
        out = io.BytesIO()
        figure.savefig(out, format=fmt, dpi=300)
        return out.getvalue()

    def same_atlas() -> list[bytes]:
        return [same("pdf"), *(same("pdf", code=code) for code in shown[0]["code"]), same("pdf")]

    def plain_atlas() -> list[bytes]:
        return [plain("pdf"), *(plain("pdf", code) for code in shown[0]["code"]), plain("pdf")]

    def same(fmt: str, dpi: float = 300, code: str = "") -> bytes:
        """The same content by geopandas: ground, roads, classes, symbols by stage and size, names, inset, table."""
        return _same_content(shown, ground, data, fmt, dpi, code)

    note = (
        "园图的图带底图、道路、经纬网、避让的注记、图例、数表、比例尺、指北针、位置图和版权行。"
        "同样内容：底图、道路、分级、按阶段和投资的符号、县名和前 30 个项目名（不避让）、图例、数表、位置图、出处，都由"
        " geopandas.plot 和 matplotlib 画；只画数据：面、点、标题和图例。"
        "园图同一图幅的底图画过一次就留着，量的是第二次起；图集没有预热。"
    )
    for fmt in ("png", "pdf"):
        yield case(
            "report", f"{TITLE}，{fmt.upper()}", "app/export", {
                "app/export": lambda fmt=fmt: write(compose(data, context, theme), fmt),
                "geopandas.plot ＋ savefig，同样内容": lambda fmt=fmt: same(fmt),
                "geopandas.plot ＋ savefig，只画数据": lambda fmt=fmt: plain(fmt),
            }, warm=1, repeats=3, note=note,
        )  # fmt: skip
    draft = replace(data, recipe=data.recipe.model_copy(update={"dpi": 96}))
    yield case(
        "report", "草图 A4，96 dpi，进程已热", "app/export", {
            "app/export": lambda: write(compose(draft, context, theme), "png"),
            "geopandas.plot ＋ savefig，同样内容": lambda: same("png", 96),
        }, warm=1, repeats=5, note=f"要求 ≤ {DRAFT_LIMIT}。",
    )  # fmt: skip
    yield _in_browser(bench)
    yield case(
        "report", "县区图集，11 页 PDF", "app/export", {
            "app/export": lambda: write_atlas(story, context, theme),
            "geopandas.plot ＋ savefig，同样内容": same_atlas,
            "geopandas.plot ＋ savefig，只画数据": plain_atlas,
        }, warm=0, repeats=1,
        note="园图的图集还有封面、目录、书签、排名、要点和目标，并合为一个文件；对照是十一张单页。",
    )  # fmt: skip


def _ground(context: Any) -> dict[str, gpd.GeoSeries]:
    """What lies below the data, as geopandas holds it."""
    merged = {name: [getattr(context, name)] for name in ("urban", "rivers", "lakes", "roads", "rails")}
    areas = {name: [g for _, _, g in getattr(context, name)] for name in ("cities", "near")}
    return {name: gpd.GeoSeries(shapes, crs=4549) for name, shapes in (merged | areas).items()}


def _same_content(
    shown: list[Any], ground: dict[str, gpd.GeoSeries], data: Any, fmt: str, dpi: float, code: str
) -> bytes:
    counties, projects, parks = shown
    figure = mpl.figure.Figure(figsize=(11.69, 8.27))
    axes = figure.add_axes((0.05, 0.1, 0.6, 0.78))
    axes.set_facecolor("#e3ecf1")
    ground["cities"].plot(ax=axes, color="#f3f1ea")
    ground["near"].plot(ax=axes, color="#f3f1ea", edgecolor="#ccc", linewidth=0.5)
    ground["urban"].plot(ax=axes, color="#e8e2d4")
    ground["rivers"].plot(ax=axes, color="#9cc", linewidth=0.8)
    ground["lakes"].plot(ax=axes, color="#bcd8e6")
    counties.plot(ax=axes, column="n", cmap="Blues", edgecolor="grey", scheme="quantiles", k=5, legend=True)
    ground["roads"].plot(ax=axes, color="#d9b98a", linewidth=0.8)
    ground["rails"].plot(ax=axes, color="#888", linewidth=0.8, linestyle="--")
    parks.plot(ax=axes, color="#cdd", edgecolor="#345", linewidth=0.8)
    size = projects["invest_cny"].fillna(1e8) / 1e8
    projects.plot(ax=axes, column="stage", markersize=size, edgecolor="#533", linewidth=0.5, legend=True)
    for name, point in zip(counties["name"], counties.representative_point(), strict=True):
        axes.annotate(name, (point.x, point.y), ha="center", fontsize=10, weight="bold")
    for name, point in list(zip(projects["name"], projects.geometry, strict=True))[:30]:
        if point is not None and not point.is_empty:
            axes.annotate(name, (point.x, point.y), xytext=(4, 0), textcoords="offset points", fontsize=7)
    west, south, east, north = (counties[counties["code"] == code] if code else counties).total_bounds
    axes.set_xlim(west - 2e4, east + 6e4)
    axes.set_ylim(south - 1e4, north + 1e4)
    axes.grid(alpha=0.3)
    inset = figure.add_axes((0.06, 0.11, 0.1, 0.14))
    ground["cities"].plot(ax=inset, color="#ccc", edgecolor="white")
    inset.add_patch(mpl.patches.Rectangle((west, south), east - west, north - south, fill=False, edgecolor="red"))
    inset.set_axis_off()
    words = figure.add_axes((0.7, 0.45, 0.27, 0.43))
    words.set_axis_off()
    words.table([[r.name, f"{r.value or 0:,.0f}"] for r in data.summary.rows], loc="center")
    figure.text(0.05, 0.93, data.recipe.title, fontsize=20, weight="bold")
    figure.text(0.05, 0.9, data.subtitle, fontsize=10)
    figure.text(
        0.05, 0.03, "数据 市发改委、市商务局；行政区界：非权威界线；道路 © OpenStreetMap。坐标系 CGCS2000。", fontsize=7
    )
    out = io.BytesIO()
    figure.savefig(out, format=fmt, dpi=dpi)
    return out.getvalue()


def _in_browser(bench: Bench) -> Case:
    """From a changed title to the picture that has it."""
    bench.folder.mkdir(parents=True, exist_ok=True)
    with serving(bench.shipped, bench.folder) as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        page = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN").new_page()
        page.goto(f"{base}/report?demo=1")
        page.wait_for_selector("#report-sheet[data-shown] img", timeout=120_000)
        taken = [page.evaluate(EDIT, f"第 {number} 稿") for number in range(EDITS + 1)]
        browser.close()
    if None in taken:
        raise RuntimeError("改了标题，60 秒没有新草图。")
    seconds = tuple(ms / 1000 for ms in taken[1:])
    return Case(
        "report", "改标题到新草图上屏", Timing("/report", seconds), note=f"浏览器里，服务已热；要求 ≤ {DRAFT_LIMIT}。"
    )
