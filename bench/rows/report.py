"""The report map at A4 and 300 dpi, against geopandas.plot of the same areas and points."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import matplotlib as mpl

from bench.context import Bench
from bench.database import SECRET_KEY
from bench.timing import Case, case
from layers.registry import catalogue
from layers.settings import Settings
from layers.store.db import role_dsn
from layers.store.reader import Reader

TITLE = "报告图 A4，300 dpi"
ORDER = 7
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

    def plain_atlas() -> list[bytes]:
        return [plain("pdf"), *(plain("pdf", code) for code in shown[0]["code"]), plain("pdf")]

    note = (
        "园图的图带底图、道路、经纬网、避让的注记、图例、比例尺、指北针、位置图和版权行；对照只有面、点、标题和图例。"
    )
    for fmt in ("png", "pdf"):
        yield case(
            "report", f"{TITLE}，{fmt.upper()}", "app/export", {
                "app/export": lambda fmt=fmt: write(compose(data, context, theme), fmt),
                "geopandas.plot ＋ savefig": lambda fmt=fmt: plain(fmt),
            }, warm=1, repeats=3, note=note,
        )  # fmt: skip
    yield case(
        "report", "县区图集，11 页 PDF", "app/export", {
            "app/export": lambda: write_atlas(story, context, theme),
            "geopandas.plot ＋ savefig": plain_atlas,
        }, warm=0, repeats=1,
        note="园图的图集还有封面、目录、书签、排名、要点和目标，并合为一个文件；对照是十一张单页。",
    )  # fmt: skip
