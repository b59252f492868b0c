"""A comparison on a sheet: figures of the chosen areas and the sentences, those of the page of comparison."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from app.export.recipe import Recipe
from layers.store.slices import When

MOST_MORE = 6  # further measures beside the main one; more are unreadable in the column of a sheet
_QUOTED = re.compile(r"'(?:[^']|'')*'")
Line = tuple[str, ...]


@dataclass(frozen=True)
class Compared:
    """What stands beside the map, in the words of the page; ``values`` are stored units by measure and area.

    ``marked`` are the lines set off; the last line of each table is the total.
    """

    codes: tuple[str, ...]
    head: str
    versus: str
    findings: tuple[str, ...]
    heads: Line
    rows: tuple[Line, ...]
    more_heads: Line = ()
    more_rows: tuple[Line, ...] = ()
    unlisted: int = 0
    marked: tuple[int, ...] = ()
    values: dict[str, dict[str, float | None]] = field(default_factory=dict)


async def gather_compared(source: Any, recipe: Recipe, when: When, *, internal: bool) -> Compared:
    """Read a comparison at one recorded moment, by the rules of the page."""
    from app.pages.compare.findings import told_findings
    from app.pages.compare.model import Column as Measured
    from app.pages.compare.model import Scene, column_of, dated, per_area_id, shown_codes, values_of, year_before
    from app.pages.source import read_rollup
    from app.pages.state import State

    subject = recipe.subject
    keys = recipe.measures or (f"{subject.id}.{recipe.measure or 'n'}",)
    filters = {part.id: part.filter for part in recipe.layers}
    versus = recipe.since or year_before(when.as_of)
    then = When(versus, when.known_at)

    async def column(key: str) -> Measured:
        layer, measure = column_of(source.cat, key)
        measure_id, text = key.partition(".")[2], filters.get(layer.id, "")

        async def ask(what: str, day: When) -> dict[str, Any]:
            found: dict[str, Any] = await source.rollup(
                layer.id, (recipe.by,), what, text, day, recipe.demo, internal=internal
            )
            return found

        names = set(re.findall(r"\w+", _QUOTED.sub("", text)))
        has_days = dated(layer, measure, names)
        density = per_area_id(measure_id, measure) if recipe.by == "county" else ""
        body, counted, early, dense = await asyncio.gather(
            ask(measure_id, when), ask("n", when), ask(measure_id, then) if has_days else _nothing(),
            ask(density, when) if density else _nothing(),
        )  # fmt: skip
        before, per_area = (values_of(x) if x else {} for x in (early, dense))
        return Measured(layer, measure_id, measure, read_rollup(body, counted), before, (), per_area)

    columns = tuple(await asyncio.gather(*(column(key) for key in keys)))
    state = State(page="/compare", axis=recipe.by, shown=recipe.areas, pins=recipe.marked, measures=keys)
    codes = tuple(shown_codes(state, columns[0].rollup.rows))
    scene = Scene(state, when.as_of, versus, columns, codes)
    return _written(scene, told_findings(scene))


async def _nothing() -> dict[str, Any]:
    return {}


def _written(scene: Any, findings: tuple[str, ...]) -> Compared:
    from app.pages.compare.model import APART_CODES
    from app.pages.compare.table import rest_value
    from app.pages.compare.words import percent, signed, told, with_unit
    from app.pages.format import DASH, day, number, share

    main, order = scene.main, scene.order()
    ranks = main.ranks(scene.codes)
    total = main.rollup.total.value
    n_rest = len(scene.all_areas) - len(scene.codes)

    def line(code: str, name: str) -> Line:
        row = main.row(code)
        cells = [name, main.how.text(row.value), str(ranks.get(code, DASH))]
        cells += [share(row.value, total)] if main.additive else []
        if main.before:
            cells += [signed(main, main.change(code)), percent(main.change(code), main.before.get(code))]
        if main.per_area:
            cells.append(number(main.per_area.get(code), 2, main.how.factor) if code not in APART_CODES[:2] else "")
        return tuple(cells)

    heads = ["区域", main.how.unit or "数值", "位次"]
    heads += ["占比 %"] if main.additive else []
    heads += [f"较（{day(scene.versus)}）", "变化"] if main.before else []
    heads += ["每 km²"] if main.per_area else []
    areas = [(r.code, r.name) for r in order]
    apart = [(c, main.row(c).name) for c in APART_CODES]
    blank = ("",) * (len(heads) - 2)
    rest = [(f"其余 {n_rest} 个", rest_value(scene, main), *blank)] if n_rest else []
    rows = [*(line(*a) for a in areas), *rest, *(line(*a) for a in apart)]
    others = scene.columns[1 : 1 + MOST_MORE]
    several = len({c.layer.id for c in scene.columns}) > 1

    def more(code: str, name: str) -> Line:
        return (name, *(c.how.text(c.row(code).value) for c in others))

    rest = [(f"其余 {n_rest} 个", *(rest_value(scene, c) for c in others))] if n_rest else []
    more_rows = [*(more(*a) for a in areas), *rest, *(more(*a) for a in apart)]
    return Compared(
        codes=scene.codes,
        head=f"{with_unit(main.title, main.how.unit)}：{len(scene.codes)} 个区域，合计 {told(main, total)}",
        versus=day(scene.versus), findings=findings, heads=tuple(heads), rows=tuple(rows),
        more_heads=("区域", *(with_unit(c.title if several else c.name, c.how.unit) for c in others)) if others else (),
        more_rows=tuple(more_rows) if others else (), unlisted=max(0, len(scene.columns) - 1 - MOST_MORE),
        marked=tuple(i for i, (code, _) in enumerate(areas) if code in scene.state.pins),
        values={c.key: {code: c.row(code).value for code, _ in (*areas, *apart)} for c in scene.columns},
    )  # fmt: skip


def chosen_rows(codes: Sequence[str], found: Compared | None) -> tuple[str, ...]:
    """Return the areas of the map that are not compared."""
    return tuple(sorted(set(codes) - set(found.codes))) if found is not None else ()
