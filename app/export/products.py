"""Every product by its kind: what it is ordered with, which formats it has, and how it is made step by step.

Reading is async, through the reader. Drawing and writing are jobs that a runner does elsewhere: the warm process of
the server, or this process on the command line.
"""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from app.export import jobs
from app.export.data import MapData, gather, now
from app.export.figures import figures_of, text_of
from app.export.recipe import Recipe, parse_recipe
from app.export.story import gather_story
from app.export.tables import file_stem
from geo.errors import InputError
from layers.store.reader import Reader
from layers.store.slices import today

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
MEDIA = {
    "png": "image/png", "pdf": "application/pdf", "svg": "image/svg+xml", "html": "text/html; charset=utf-8",
    "docx": DOCX, "pptx": PPTX, "zip": "application/zip",
}  # fmt: skip
KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "map": ("报告图", ("png", "pdf", "svg", "html")),
    "atlas": ("县区图集", ("pdf",)),
    "brief": ("简报", ("docx", "pptx")),
    "batch": ("各地各一张", ("zip",)),
    "targets": ("目标进度报告", ("docx", "pptx")),
    "notice": ("报送情况通报", ("docx", "pptx")),
    "site": ("选址报告", ("docx", "pptx")),
    "compare": ("对比报告", ("docx", "pptx")),
}
OF_RECIPE = ("map", "atlas", "brief", "batch")

Run = Callable[..., Awaitable[Any]]
Tell = Callable[[float, str], Awaitable[None]]


@dataclass(frozen=True)
class Order:
    """What is to be made.

    Attributes
    ----------
    body : dict
        A recipe for maps and what is made of them; ``{"dept", "as_of", "demo"}`` for targets; ``{"period"}`` for
        a notice; ``{"recipe", "customer"}`` with a recipe of family ``rank`` for a site report; ``{"query", "as_of"}``
        of the page of comparison.
    template : bytes
        The user's .docx or .pptx; empty takes the shipped styles.
    """

    kind: str
    format: str
    body: dict[str, Any]
    template: bytes = b""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            listed = "、".join(f"{k}（{v[0]}）" for k, v in KINDS.items())
            raise InputError(f"没有“{self.kind}”这种产品。", f"可用：{listed}。", field="kind")
        title, formats = KINDS[self.kind]
        if self.format not in formats:
            raise InputError(f"{title}没有格式“{self.format}”。", f"可用：{'、'.join(formats)}。", field="format")


@dataclass(frozen=True)
class Product:
    """A finished file and what it says."""

    content: bytes
    title: str
    suffix: str
    recipe: dict[str, Any]
    figures: dict[str, Any]
    n_demo: int
    as_of: str
    known_at: str | None
    layers: tuple[str, ...] = field(default=())

    @property
    def media(self) -> str:
        """Its media type."""
        return MEDIA[self.suffix]

    @property
    def name(self) -> str:
        """Its file name."""
        return f"{file_stem(f'{self.title} {self.as_of}')}.{self.suffix}"


async def _silent(share: float, what: str) -> None:
    del share, what


async def make(order: Order, reader: Reader, run: Run, data_dir: Path, tell: Tell = _silent) -> Product:
    """Make a product.

    Parameters
    ----------
    run : callable
        ``await run(job, *args)`` does a job of ``app.export.jobs``.
    tell : callable
        Told the share that is done and what is being done.

    Raises
    ------
    YuantuError
        Whatever cannot be read or drawn, in one sentence.
    """
    makers = {
        "map": _map, "atlas": _atlas, "brief": _brief, "batch": _batch, "targets": _targets, "notice": _notice,
        "site": _site, "compare": _compare,
    }  # fmt: skip
    await tell(0.02, "读取数据")
    return await makers[order.kind](order, reader, run, data_dir, tell)


def recipe_in(order: Order) -> Recipe:
    """Return the recipe of an order."""
    return parse_recipe(order.body)


def _product(data: MapData, content: bytes, suffix: str, figures: dict[str, Any] | None = None) -> Product:
    recipe = data.recipe
    return Product(
        content=content, title=recipe.title, suffix=suffix, recipe=json.loads(recipe.canonical()),
        figures=figures or figures_of(data), n_demo=sum(i.n_demo for i in data.layers) or int(data.has_demo),
        as_of=data.as_of.isoformat(), known_at=recipe.known_at.isoformat() if recipe.known_at else None,
        layers=tuple(i.layer.id for i in data.layers),
    )  # fmt: skip


async def _map(order: Order, reader: Reader, run: Run, data_dir: Path, tell: Tell) -> Product:
    data = await gather(recipe_in(order), reader)
    await tell(0.3, "制图")
    return _product(data, await run(jobs.draw, data, order.format, data_dir), order.format)


async def _atlas(order: Order, reader: Reader, run: Run, data_dir: Path, tell: Tell) -> Product:
    story = await gather_story(recipe_in(order), reader)
    n = await run(jobs.count_pages, story)
    pages = []
    for i in range(n):
        name = ("封面", "全市", *(p.name for p in story.places))[i]
        await tell(0.05 + 0.9 * i / n, f"第 {i + 1} 页，共 {n} 页：{name}")
        pages.append(await run(jobs.atlas_page, story, i, data_dir))
    content = await run(jobs.bind_atlas, pages, story)
    figures = await run(jobs.atlas_figures, story)
    return _product(story.data, content, "pdf", figures)


async def _brief(order: Order, reader: Reader, run: Run, data_dir: Path, tell: Tell) -> Product:
    story = await gather_story(recipe_in(order), reader)
    await tell(0.3, "制图")
    png = await run(jobs.draw, _for_page(story.data, order.format), "png", data_dir)
    await tell(0.8, "写文档")
    content = await run(jobs.write_brief, story, png, order.format, order.template)
    return _product(story.data, content, order.format)


def _for_page(data: MapData, suffix: str) -> MapData:
    """The map of a document: as wide as the page it goes on, at print resolution but not more."""
    paper = "16:9" if suffix == "pptx" else "A4"
    return replace(data, recipe=data.recipe.model_copy(update={"paper": paper, "dpi": min(data.recipe.dpi, 200)}))


async def _batch(order: Order, reader: Reader, run: Run, data_dir: Path, tell: Tell) -> Product:
    """One map for each area, as PNG, in one archive."""
    recipe = recipe_in(order)
    data = await gather(recipe, reader)
    areas = [(r.code, r.name) for r in data.summary.rows if f'"{r.code}"' in data.counties.decode()]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as held:
        for i, (code, name) in enumerate(areas):
            await tell(0.05 + 0.9 * i / len(areas), name)
            title = f"{name} · {recipe.title}"[:60]
            own = data.recipe.model_copy(update={"extent": code, "title": title, "page": (i + 1, len(areas))})
            shown = replace(data, recipe=own, extras=replace(data.extras, highlight=(code,)))
            held.writestr(f"{file_stem(title)}.png", await run(jobs.draw, shown, "png", data_dir))
    return _product(data, out.getvalue(), "zip")


async def _targets(order: Order, reader: Reader, run: Run, data_dir: Path, tell: Tell) -> Product:
    del data_dir, tell
    from app.export.official import targets_document
    from layers.store.queries_target_cards import target_cards
    from layers.store.reader import parse_when

    when = parse_when(order.body.get("as_of"), order.body.get("known_at") or now().isoformat())
    demo = bool(order.body.get("demo"))
    body = await target_cards(reader.pool, reader.cat, when, demo=demo)
    document = targets_document(
        body,
        str(order.body.get("dept") or ""),
        number=str(order.body.get("map_approval_no") or ""),
        demo=demo,
        known_at=when.known_at.isoformat() if when.known_at else "",
    )
    return await _written(document, order, run, str(body["as_of"]))


async def _notice(order: Order, reader: Reader, run: Run, data_dir: Path, tell: Tell) -> Product:
    del data_dir, tell
    from app.export.official import notice_document
    from layers.store.queries_rounds import read_round

    body = await read_round(reader, str(order.body.get("period") or ""))
    document = notice_document(body, number=str(order.body.get("map_approval_no") or ""))
    return await _written(document, order, run, today().isoformat())


async def _site(order: Order, reader: Reader, run: Run, data_dir: Path, tell: Tell) -> Product:
    from app.export.official import site_document

    recipe = parse_recipe(order.body.get("recipe") or {})
    if recipe.family != "rank":
        raise InputError("选址报告需要 family 为 rank 的配方。", "请在选址页导出。", field="family")
    data = await gather(recipe, reader)
    await tell(0.4, "制图")
    png = await run(jobs.draw, _for_page(data, order.format), "png", data_dir)
    document = replace(site_document(
        data.extras.ranking, recipe.title, png, number=recipe.map_approval_no, profile=recipe.profile,
        recipe=_site_order(data.recipe, str(order.body.get("customer") or "")[:60]),
        customer=str(order.body.get("customer") or "")[:60],
    ), figures=text_of(figures_of(data)))  # fmt: skip
    content = await run(jobs.write_document, document, order.format, order.template)
    return _product(data, content, order.format)


async def _compare(order: Order, reader: Reader, run: Run, data_dir: Path, tell: Tell) -> Product:
    from app.export.comparison import draw_sheet
    from app.pages.callbacks import settle
    from app.pages.compare import model, picture, report
    from app.pages.filters import label
    from app.pages.source import Source
    from app.pages.state import State
    from layers.store.reader import parse_when

    when = parse_when(order.body.get("as_of"), order.body.get("known_at") or now().isoformat())
    source = Source(reader, reader.cat, when.known_at)
    query = str(order.body.get("query") or "").rpartition("?")[2]
    state = (await settle(source, State.from_query(reader.cat, query, "/compare"))).but(as_of=when.as_of)
    if state.unknown:
        told = "、".join(f"{k}={v}" for k, v in state.unknown)
        raise InputError(f"对比的地址里有不认识的内容：{told}。", "请在对比页重新导出。", field="query")
    scene, held = await asyncio.gather(model.gather(source, state), source.layers(state))
    await tell(0.3, "制图")
    text = "、".join(label(reader.cat, c) for c in state.conditions) or "无"
    drawn = await run(draw_sheet, picture.sheet_of(scene, text))
    known_at = when.known_at.isoformat() if when.known_at else ""
    data = await gather(parse_recipe(report.map_recipe(scene, known_at)), reader)
    area_map = await run(jobs.draw, _for_page(data, order.format), "png", data_dir)
    document = report.document_of(
        reader.cat, scene, held, order.body, known_at=known_at, picture=drawn, area_map=area_map
    )
    return replace(
        await _written(document, order, run, scene.day.isoformat()),
        known_at=known_at or None, layers=tuple(dict.fromkeys(c.layer.id for c in scene.columns)),
    )  # fmt: skip


def _site_order(recipe: Recipe, customer: str) -> str:
    return json.dumps(
        {"kind": "site", "recipe": json.loads(recipe.canonical()), "customer": customer}, ensure_ascii=False
    )


async def _written(document: Any, order: Order, run: Run, day: str) -> Product:
    content = await run(jobs.write_document, document, order.format, order.template)
    figures = json.loads(document.figures)
    return Product(
        content=content, title=document.title, suffix=order.format, recipe=dict(order.body), figures=figures,
        n_demo=int(document.has_demo), as_of=day, known_at=None,
    )  # fmt: skip


async def here(job: Callable[..., Any], *args: Any) -> Any:
    """Run a job in this process, on a thread: the command line has no warm process."""
    return await asyncio.to_thread(job, *args)
