"""What a report in Word or PowerPoint holds, apart from how either writes it: blocks of text, tables, charts, maps."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from app.export.data import MapData
from app.export.figures import figures_of, text_of
from app.export.filter_words import source_note
from app.export.frame import CRS_TEXT
from app.export.story import Story
from app.pages.format import DASH, share

NUMBER = re.compile(r"[≥≤<>+−约-]?\s?[\d,.]+%?|—|")
SIGNS = {">=": "≥", ">": ">", "<=": "≤", "<": "<", "about": "约"}


@dataclass(frozen=True)
class Grid:
    """A table of texts. The last row is bold where it is a total."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    left: int = 1
    has_total: bool = False

    def is_right(self, column: int) -> bool:
        """Whether a column holds numbers, which stand to the right."""
        cells = [row[column] for row in self.rows]
        return column >= self.left and all(NUMBER.fullmatch(c) for c in cells)

    def shares(self) -> list[float]:
        """Return the width of each column as a part of the whole, by what it holds."""
        need = [max(_width(row[x]) for row in (self.heads, *self.rows)) + 2 for x in range(len(self.heads))]
        kept = [min(max(n, 5), 36) for n in need]
        return [n / sum(kept) for n in kept]


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


@dataclass(frozen=True)
class Chart:
    """A bar chart: numbers as shown (in the display unit), None where there is no figure."""

    title: str
    categories: tuple[str, ...]
    series: tuple[tuple[str, tuple[float | None, ...]], ...]
    pattern: str = "#,##0.0"


@dataclass(frozen=True)
class Chapter:
    """A chapter: paragraphs, then a picture, a chart, a table, each of them or not."""

    title: str
    texts: tuple[str, ...] = ()
    picture: bytes = b""
    chart: Chart | None = None
    grid: Grid | None = None


@dataclass(frozen=True)
class Document:
    """A report: ``marking`` is 内部使用 or the review number; ``about`` closes it with sources and method."""

    title: str
    subtitle: str
    marking: str
    has_demo: bool
    chapters: tuple[Chapter, ...]
    about: tuple[str, ...]
    recipe: str = ""
    figures: str = "{}"
    made: str = ""
    organisation: str = ""
    keys: dict[str, Any] = field(default_factory=dict)


def marking_of(number: str) -> str:
    """Return the marking that a report carries."""
    return f"审图号：{number.removeprefix('审图号').lstrip('：: ')}" if number else "内部使用"


def about_of(data: MapData) -> tuple[str, ...]:
    """Return sources and dates of every layer, CRS, recorded time, who made it."""
    recipe, house = data.recipe, data.extras.house
    told = [
        f"{source_note(i)}" + (f"（含演示数据 {i.n_demo:,} {i.layer.noun}）" if i.n_demo else "") for i in data.layers
    ]
    known = recipe.known_at.isoformat(sep=" ", timespec="seconds") if recipe.known_at else ""
    unlocated = [f"{i.layer.title} {i.n_unlocated:,} {i.layer.noun}" for i in data.layers if i.n_unlocated]
    compiler = recipe.compiler or (house.compiler if house else "") or "未填写"
    return (
        f"数据：{'；'.join(told)}。行政区界为非权威界线。",
        *([f"未定位、不在图上但计入合计：{'，'.join(unlocated)}。"] if unlocated else []),
        f"口径：{data.summary.axis}；截至 {data.as_of.isoformat()}；按 {known} 所知。平均和比值由明细算出，不可相加。",
        f"坐标系：{CRS_TEXT}。编制：{compiler}。制图：园图 {data.printed.isoformat()}。"
        f"审图号：{recipe.map_approval_no or '无，内部使用，不得公开'}。",
    )


def area_grid(story: Story) -> Grid:
    """Every area by figure, with rank, share, the earlier day and the change; outside, unlocated and total last."""
    main = story.main
    unit = main.shown.unit
    early = {r.code: r.value for r in (*story.early.rows, story.early.outside, story.early.unlocated)}
    early[story.early.total.code] = story.early.total.value
    order = {p.code: p.rank for p in story.places}
    by_value = sorted(main.rows, key=lambda r: (r.value is None, -float(r.value or 0), r.code))
    rows = []
    for r in (*by_value, main.outside, main.unlocated, main.total):
        change = DASH
        if r.value is not None and early.get(r.code) is not None:
            gap = float(r.value) - float(early[r.code] or 0)
            change = main.shown.text(abs(gap)) if gap == 0 else f"{'+' if gap > 0 else '−'}{main.shown.text(abs(gap))}"
        part = share(r.value, main.total.value) if main.extensive else DASH
        rank = str(order.get(r.code) or DASH)
        cells = (rank, r.name, main.shown.text(r.value), part, f"{r.n:,}", main.shown.text(early.get(r.code)), change)
        rows.append(cells)
    place = "县（市、区）" if main.axis == "属地口径" else "责任板块"
    heads = ("位次", place, f"{main.title}（{unit}）", "占比（%）", f"数量（{main.noun}）", str(story.since), "增减")
    return Grid(heads, tuple(rows), left=2, has_total=True)


def area_chart(story: Story) -> Chart:
    """Every area by figure on both days."""
    main = story.main
    factor = main.shown.factor
    early = {r.code: r.value for r in story.early.rows}
    by_value = sorted(main.rows, key=lambda r: (r.value is None, -float(r.value or 0), r.code))

    def shown(value: float | None) -> float | None:
        return None if value is None else round(float(value) / factor, 6)

    series = (
        (story.data.as_of.isoformat(), tuple(shown(r.value) for r in by_value)),
        (story.since.isoformat(), tuple(shown(early.get(r.code)) for r in by_value)),
    )
    pattern = "#,##0" if main.shown.digits == 0 else "#,##0.0"
    return Chart(f"{main.title}（{main.shown.unit}）", tuple(r.name for r in by_value), series, pattern)


def structure_grid(story: Story) -> Grid | None:
    """How many are at each stage, area by area."""
    if not story.matrix:
        return None
    terms = (*story.terms, "未填写")
    kept = [i for i in range(len(terms)) if any(cells[i] for _, cells, _ in story.matrix)]
    rows = [(name, *(f"{cells[i]:,}" for i in kept), f"{n:,}") for name, cells, n in story.matrix]
    sums = [sum(cells[i] for _, cells, _ in story.matrix) for i in kept]
    rows.append(("合计", *(f"{v:,}" for v in sums), f"{sum(n for _, _, n in story.matrix):,}"))
    place = "县（市、区）" if story.main.axis == "属地口径" else "责任板块"
    return Grid((place, *(terms[i] for i in kept), "合计"), tuple(rows), has_total=True)


def target_grid(rows: Sequence[dict[str, Any]]) -> Grid:
    """Targets with their figure and verdict."""
    from layers.targets_judge import STATUS_NAMES

    made = []
    for row in rows:
        target = DASH if row["target"] is None else f"{SIGNS.get(row['comparator'], '')} {row['target']:,.10g}".strip()
        value = DASH if row["value"] is None else f"{row['value']:,.2f}".rstrip("0").rstrip(".")
        made.append(
            (row["indicator"], target, value, row["unit"] or "", STATUS_NAMES.get(row["status"], row["status"]))
        )
    return Grid(("指标", "目标", "现值", "单位", "进度"), tuple(made))


def brief_of(story: Story, picture: bytes) -> Document:
    """Return a brief (简报) of a recipe: the findings, the map, the areas, the structure, the year's targets."""
    data, recipe = story.data, story.data.recipe
    chapters = [
        Chapter("要点", tuple(story.findings), picture=picture),
        Chapter(f"各地{story.main.title}", chart=area_chart(story), grid=area_grid(story)),
    ]
    if (structure := structure_grid(story)) is not None:
        chapters.append(Chapter("结构", grid=structure))
    if story.targets:
        chapters.append(Chapter("年度目标", grid=target_grid(story.targets)))
    return Document(
        title=recipe.title, subtitle=data.subtitle, marking=marking_of(recipe.map_approval_no),
        has_demo=data.has_demo, chapters=tuple(chapters), about=about_of(data), recipe=recipe.canonical(),
        figures=text_of(figures_of(data)), made=data.printed.isoformat(),
        organisation=data.extras.house.organisation if data.extras.house else "",
    )  # fmt: skip
