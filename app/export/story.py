"""What a report says in words: rank, share and change of every area, the structure, the year's targets.

Every sentence is computed from the same rollups as the pages and the API show.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import dataclass
from typing import Any

from app.export.data import MapData, Summary, gather, summary_of
from app.export.extras import gather_stages
from app.export.recipe import Recipe
from app.pages.format import DASH, share
from layers.spec import Layer
from layers.store.slices import When

FEWEST = 5  # records below which a mean or a ratio gets no rank
MOST_TARGETS = 6


@dataclass(frozen=True)
class Place:
    """One area of the axis: its figures and what is to be said of it.

    ``rank`` is None without a figure, or for a ratio of few records; equal figures share a rank. ``targets`` are
    (indicator, own figure, the city's, unit).
    """

    code: str
    name: str
    value: float | None
    n: int
    rank: int | None
    n_ranked: int
    early: float | None
    findings: tuple[str, ...]
    targets: tuple[tuple[str, str, str, str], ...]


@dataclass(frozen=True)
class Story:
    """A recipe's data with the words that go with it."""

    data: MapData
    since: dt.date
    early: Summary
    places: tuple[Place, ...]
    findings: tuple[str, ...]
    terms: tuple[str, ...]
    matrix: tuple[tuple[str, tuple[int, ...], int], ...]
    targets: tuple[dict[str, Any], ...]

    @property
    def main(self) -> Summary:
        """The figures of the later day."""
        return self.data.after or self.data.summary


async def gather_story(recipe: Recipe, reader: Any, *, internal: bool = False) -> Story:
    """Read a recipe with everything a document says beside the map, at one recorded moment.

    Raises
    ------
    InputError, FilterError
        As :func:`app.export.data.gather`.
    """
    data = await gather(recipe, reader, internal=internal)
    recipe, subject = data.recipe, data.recipe.subject
    since = recipe.since or _start_of(data.as_of)
    then, when = When(since, recipe.known_at), When(data.as_of, recipe.known_at)
    layer = reader.cat.layers[subject.id]
    spec = layer.field(layer.style.color_by) if layer.style.color_by else None
    terms = tuple(reader.cat.vocabularies[spec.vocabulary].terms) if spec and spec.vocabulary else ()

    async def rolled(measure: str) -> dict[str, Any]:
        return await reader.rollup(
            subject.id, (recipe.by,), measure, subject.filter, then, recipe.demo, internal=internal
        )

    async def structure() -> tuple[Any, ...]:
        if not terms or (spec is not None and spec.type == "list"):
            return ()
        return await gather_stages(
            reader, layer, terms, recipe.by, subject.filter, when, demo=recipe.demo, internal=internal
        )

    early, counted, matrix, targets = await asyncio.gather(
        rolled(recipe.measure or "n"), rolled("n"), structure(), _targets(reader, recipe, when)
    )
    before = summary_of(recipe, reader.cat, early, counted)
    main = data.after or data.summary
    places = _places(layer, main, before, since, terms, matrix, targets)
    found = _city(main, before, since, places, terms, matrix)
    return Story(data, since, before, places, found, terms if matrix else (), matrix, targets)


def _start_of(day: dt.date) -> dt.date:
    first = dt.date(day.year, 1, 1)
    return first if day > first else dt.date(day.year - 1, 1, 1)


async def _targets(reader: Any, recipe: Recipe, when: When) -> tuple[dict[str, Any], ...]:
    """The first computed targets of the document in force, each with what every area adds."""
    from geo.errors import NotFoundError
    from layers.store.queries_target_cards import target_contributions
    from layers.store.queries_targets import read_targets

    if not hasattr(reader, "pool"):
        return ()
    try:
        body = await read_targets(reader.pool, reader.cat, when, demo=recipe.demo)
    except NotFoundError:  # no document is in force on that day
        return ()
    shown = [r for r in body["rows"] if r["basis"] == "computed" and not r["alias_of"] and r["value"]][:MOST_TARGETS]
    parts = await asyncio.gather(
        *(target_contributions(reader.pool, reader.cat, r["id"], when, demo=recipe.demo) for r in shown)
    )
    return tuple(
        {**row, "places": {c["code"]: c for c in part["axes"].get(recipe.by, [])}}
        for row, part in zip(shown, parts, strict=True)
    )


def ranks(summary: Summary) -> dict[str, int]:
    """Rank the areas by their figure, the largest first; equal figures share the better rank."""
    known = {
        r.code: float(r.value) for r in summary.rows if r.value is not None and (summary.extensive or r.n >= FEWEST)
    }
    return {code: 1 + sum(1 for v in known.values() if v > value) for code, value in known.items()}


def _places(
    layer: Layer, main: Summary, before: Summary, since: dt.date, terms: tuple[str, ...], matrix: tuple[Any, ...],
    targets: tuple[dict[str, Any], ...],
) -> tuple[Place, ...]:  # fmt: skip
    order, early = ranks(main), {r.code: r.value for r in before.rows}
    rise = {
        r.code: float(r.value) - float(early[r.code] or 0)
        for r in main.rows
        if r.value is not None and early.get(r.code) is not None
    }
    cells = {name: (numbers, n) for name, numbers, n in matrix}
    made = []
    for row in main.rows:
        rank = order.get(row.code)
        found = [_standing(main, row.code, rank, order), _rise(main, row.code, rise, early, since)]
        if row.name in cells:
            found.append(_structure(main, terms, *cells[row.name], layer.title))
        else:
            found.append(_size(main, row.value, row.n))
        own = tuple(
            (t["indicator"], _plain(t["places"][row.code]["value"]), _plain(t["value"]), t["unit"])
            for t in targets
            if row.code in t["places"]
        )
        made.append(
            Place(row.code, row.name, row.value, row.n, rank, len(order), early.get(row.code), tuple(found), own)
        )
    return tuple(made)


def _plain(value: float | None) -> str:
    return DASH if value is None else f"{value:,.2f}".rstrip("0").rstrip(".")


def _standing(main: Summary, code: str, rank: int | None, order: dict[str, int]) -> str:
    row = next(r for r in main.rows if r.code == code)
    if row.value is None:
        return f"{main.title}没有数据。"
    figure = f"{main.title} {main.shown.text(row.value)} {main.shown.unit}"
    if rank is None:
        return f"{figure}；只有 {row.n} {main.noun}，不参加排名。"
    text = f"{figure}，居第 {rank} 位（共 {len(order)}）"
    if main.extensive and main.total.value:
        text += f"，占全市 {share(row.value, main.total.value)}%"
    ahead = [r for r in main.rows if r.code in order and order[r.code] < rank]
    if ahead:
        next_up = min(ahead, key=lambda r: float(r.value or 0))
        gap = float(next_up.value or 0) - float(row.value)
        text += f"，比前一位{next_up.name}少 {main.shown.text(gap)} {main.shown.unit}"
    return f"{text}。"


def _rise(
    main: Summary, code: str, rise: dict[str, float], early: dict[str, float | None], since: dt.date
) -> str:  # fmt: skip
    if code not in rise:
        return f"与 {since} 没有可比的数据。"
    change, old = rise[code], float(early[code] or 0)
    if change == 0:
        return f"与 {since} 持平。"
    word = "增加" if change > 0 else "减少"
    text = f"比 {since} {word} {main.shown.text(abs(change))} {main.shown.unit}"
    if old > 0:
        text += f"（{'+' if change > 0 else '−'}{abs(100 * change / old):.1f}%）"
    if main.extensive and change > 0:
        text += f"，增量居第 {1 + sum(1 for v in rise.values() if v > change)} 位"
    return f"{text}。"


def _structure(main: Summary, terms: tuple[str, ...], numbers: tuple[int, ...], n: int, title: str) -> str:
    pairs = sorted(zip(numbers, (*terms, "未填写"), strict=True), key=lambda p: -p[0])
    top = [(v, name) for v, name in pairs if v][:2]
    if not top:
        return f"没有符合条件的{title}。"
    return f"{title}以{'、'.join(f'{name}（{v:,} {main.noun}，{share(v, n)}%）' for v, name in top)}为主。"


def _size(main: Summary, value: float | None, n: int) -> str:
    if main.is_count or not main.extensive or not n or value is None or not main.total.n:
        return (
            f"共 {n:,} {main.noun}，占全市 {share(n, main.total.n)}%。" if main.total.n else "全市没有符合条件的记录。"
        )
    mean, whole = float(value) / n, float(main.total.value or 0) / main.total.n
    return f"平均每{main.noun} {main.shown.text(mean)} {main.shown.unit}，全市平均 {main.shown.text(whole)}。"


def _city(
    main: Summary, before: Summary, since: dt.date, places: tuple[Place, ...], terms: tuple[str, ...],
    matrix: tuple[Any, ...],
) -> tuple[str, ...]:  # fmt: skip
    from app.export.panel import leaders

    found = [leaders(main)]
    new, old = main.total.value, before.total.value
    if new is not None and old is not None:
        change = float(new) - float(old)
        word = "增加" if change > 0 else "减少" if change < 0 else "持平"
        text = f"全市{main.title}比 {since} {word}"
        if change:
            text += f" {main.shown.text(abs(change))} {main.shown.unit}"
            text += f"（{'+' if change > 0 else '−'}{abs(100 * change / float(old)):.1f}%）" if old else ""
        risen = [p for p in places if p.value is not None and p.early is not None and p.value > p.early]
        if main.extensive and risen:
            best = max(risen, key=lambda p: float(p.value or 0) - float(p.early or 0))
            gain = float(best.value or 0) - float(best.early or 0)
            text += f"，{best.name}增加最多（{main.shown.text(gain)} {main.shown.unit}）"
        found.append(f"{text}。")
    if matrix:
        sums = tuple(sum(cells[i] for _, cells, _ in matrix) for i in range(len(terms) + 1))
        found.append(_structure(main, terms, sums, sum(n for _, _, n in matrix), "其中"))
    else:
        found.append(_size(main, main.total.value, main.total.n))
    return tuple(x for x in found if x)
