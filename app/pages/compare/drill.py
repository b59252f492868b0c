"""The rows behind a number of the page: as many as it counts, each with its place, file and line."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.compare.model import REST, column_of
from app.pages.format import DASH, day, quantity
from app.pages.source import Source, first_order
from app.pages.state import State
from layers.spec import FieldSpec, Layer
from layers.store.slices import When

MOST_ROWS = 200
MOST_FIELDS = 5


def _areas(state: State, code: str, every: Iterable[str]) -> tuple[str, ...]:
    if code == REST:
        return tuple(c for c in every if c not in state.shown)
    return (code,) if code else ()


def _filter(state: State, layer: Layer, areas: tuple[str, ...]) -> str:
    return state.but(areas=areas).filter_of(layer)


async def drill(source: Source, state: State) -> Component | None:
    """Return the rows of the chosen number; None while none is chosen."""
    if state.drill is None:
        return None
    code, key = state.drill
    layer, measure = column_of(source.cat, key)
    when = source.when(state)
    counted = key.partition(".")[2] if measure is not None and measure.event else "n"
    names, every = await asyncio.gather(source.names(), source.codes(state.axis))
    areas = _areas(state, code, sorted(every - {"outside", "unlocated"}))
    body = await source.reader.rows(
        layer.id, _filter(state, layer, areas), When(when.as_of), state.demo, sort=first_order(layer),
        limit=MOST_ROWS, measure=counted,
    )  # fmt: skip
    told = t("compare.rest", n=len(areas)) if code == REST else names.get(code, code) if code else t("area.total")
    title = t(
        "compare.drill", area=told,
        measure=t("compare.column", layer=layer.title, measure=measure.title if measure else t("rollup.count")),
        n=body["total"], noun=layer.noun,
    )  # fmt: skip
    close = el.button(t("compare.close"), "btn sm", **el.op(("set", "rows", "")))
    there = state.but(
        page="/", layer=layer.id, measure="" if measure is None else measure.id, areas=areas,
        selected=None, pins=(), measures=(), shown=(), by="", mine="", versus=None, by_area=False, drill=None,
    )  # fmt: skip
    on_map = html.A(t("compare.on_map"), href=there.url(), className="btn sm")
    fields = [f for f in layer.fields if f.table and not f.internal][:MOST_FIELDS]
    heads = [
        html.Th(t("compare.d_no"), className="num"), html.Th(t("compare.d_name")), html.Th(t(f"axis.{state.axis}")),
        *(html.Th([f.title, html.Span(quantity(f).unit, className="unit")], className="num" if f.is_number else "")
          for f in fields),
        html.Th(t("compare.d_date")), html.Th(t("compare.d_source")),
    ]  # fmt: skip
    rows = [_row(state, layer, fields, names, i, r) for i, r in enumerate(body["rows"], 1)]
    more = html.P(t("compare.d_more", n=MOST_ROWS), className="cap") if body["total"] > MOST_ROWS else None
    empty = el.empty(t("compare.d_none")) if not rows else None
    table = html.Table([html.Thead(html.Tr(heads)), html.Tbody(rows)], className="ct dt")
    head = el.row(html.H2(title), el.spacer(), on_map, close, className="gap2")
    return html.Section([head, empty or html.Div(table, className="scrollx"), more], className="cdr", id="compare-rows")


def _cell(spec: FieldSpec, value: Any) -> html.Td:
    if spec.is_number:
        return html.Td(quantity(spec).text(value), className="num")
    if isinstance(value, list):
        value = t("list.comma").join(value)
    if isinstance(value, bool):
        value = t("filter.yes" if value else "filter.no")
    return html.Td(str(value) if value not in (None, "") else DASH, className="ell")


def _row(
    state: State, layer: Layer, fields: list[FieldSpec], names: dict[str, str], number: int, row: dict[str, Any]
) -> html.Tr:  # fmt: skip
    there = State(page="/", layer=layer.id, as_of=state.as_of, demo=state.demo, selected=(layer.id, str(row["id"])))
    line = t("card.row", file=row["source_name"], row=row["source_row"]) if row["source_row"] else row["source_name"]
    name = [el.link(row["name"], there.url()), el.demo_tag() if row["is_demo"] else None]
    return html.Tr(
        [
            html.Td(str(number), className="num dim"),
            html.Td(name),
            html.Td(names.get(row[f"{state.axis}_code"] or "", DASH)),
            *(_cell(f, row.get(f.id)) for f in fields),
            html.Td(day(row["data_date"])),
            html.Td(line or DASH, className="cap ell", title=line),
        ]
    )
