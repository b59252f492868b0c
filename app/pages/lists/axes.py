"""The reckoning of the axes: county against unit, names that several lists share, one border against another."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.format import DASH, Quantity, day, quantity
from app.pages.lists.drill import pick_button, picked_rows
from app.pages.lists.model import when_of
from app.pages.source import Source, while_unchanged
from app.pages.state import State, mapped_layers
from layers.registry import Catalogue
from layers.store.db import statement
from layers.store.queries_axes import overlap, reconciliation
from layers.store.queries_generations import compare_generations
from layers.store.queries_layers import visible_measures
from layers.store.slices import When
from layers.store.worklist_spec import Ask

MOST_ROWS = 200
Body = dict[str, Any]


@dataclass(frozen=True)
class Axes:
    """All that the view shows; ``moved`` is None while no two generations are chosen."""

    state: State
    matrix: Body
    shared: Body
    generations: tuple[str, ...]
    moved: Body | None = None
    picked: tuple[str, str, Body] | None = None  # county, unit, the rows of the pressed cell


def measure_of(cat: Catalogue, state: State) -> str:
    """Return the measure of the matrix: the state's where it adds up, the count otherwise."""
    layer = cat.layer(state.layer)
    found = cat.measure(layer, state.measure) if state.measure else None
    return state.measure if found is not None and found.is_extensive else "n"


async def gather_axes(source: Source, state: State) -> Axes:
    """Read the matrix, the overlaps and what two generations differ in."""
    cat, reader, when, demo = source.cat, source.reader, when_of(state), state.demo
    layer = cat.layer(state.layer)
    text, measure = state.but(areas=()).filter_of(layer), measure_of(cat, state)
    rows = await reader.pool.fetch(statement("axes/known_generations"))
    known = tuple(r["generation"] for r in rows)
    old, new = state.extra("ga"), state.extra("gb")

    async def differ() -> Body | None:
        if old not in known or new not in known or old == new:
            return None
        return await compare_generations(reader, layer.id, old, new, text, when, demo)

    key = (layer.id, text, when, demo)
    matrix, shared, moved, picked = await asyncio.gather(
        while_unchanged(
            reader, ("matrix", measure, *key), lambda: reconciliation(reader, layer.id, measure, text, when, demo)
        ),
        while_unchanged(reader, ("overlap", *key), lambda: overlap(reader, layer.id, text, when, demo)),
        while_unchanged(reader, ("moved", old, new, *key), differ),
        _picked(source, state, measure, text, when, demo),
    )
    return Axes(state, matrix, shared, known, moved, picked)


async def _picked(
    source: Source, state: State, measure: str, text: str, when: When, demo: bool
) -> tuple[str, str, Body] | None:
    """Return the records of the cell that was pressed: those of a county that a unit answers for."""
    county, mark, unit = state.extra("pick").partition("~")  # one left out is a margin, both the total
    if not mark or measure == "area_m2":
        return None
    layer = source.cat.layer(state.layer)
    found = source.cat.measure(layer, measure)
    counted = measure if found is not None and found.event else "n"
    narrowed = Ask(layer.id, text, county=county, unit=unit).filter_text()
    body = await source.reader.rows(layer.id, narrowed, when, demo, limit=MOST_ROWS, measure=counted)
    return county, unit, body


def _picks(cat: Catalogue, axes: Axes) -> Component:
    layer = cat.layer(axes.state.layer)
    layers = [(x, cat.layers[x].title) for x in mapped_layers(cat)]
    measures = [("", t("rollup.count"))]
    measures += [(m.id, m.title) for m in visible_measures(cat, layer, internal=False) if m.is_extensive]
    now = axes.matrix["measure"]
    return el.row(
        el.select(layers, layer.id, t("axes.layer"), ("set", "measure", ""), ("set", "layer", "$")),
        el.select(measures, "" if now == "n" else now, t("axes.measure"), ("set", "measure", "$")),
        className="gap2 wrap",
    )


def _link(layer: str, row: Body, state: State) -> Component:
    there = State(page="/", layer=layer, as_of=state.as_of, demo=state.demo, selected=(layer, str(row["id"])))
    return el.link(row["name"], there.url())


def _matrix(cat: Catalogue, axes: Axes) -> list[Component]:
    found = axes.matrix
    layer = cat.layer(axes.state.layer)
    measure = None if found["measure"] == "n" else cat.measure(layer, found["measure"])
    how: Quantity = quantity(measure, layer.noun)
    cells = {(c["county_code"], c["unit_code"]): c for c in found["cells"]}
    units = [u for u in found["units"] if u["value"] or any(k[1] == u["code"] for k in cells)]
    counties = [c for c in found["counties"] if c["value"] or any(k[0] == c["code"] for k in cells)]
    heads = [html.Th(t("axes.corner")), *(html.Th(u["name"], className="num") for u in units),
             html.Th(t("area.total"), className="num")]  # fmt: skip
    lines = []
    for c in counties:
        made = [html.Td(c["name"])]
        for u in units:
            cell = cells.get((c["code"], u["code"]))
            if cell is None:
                made.append(html.Td("", className="num"))
                continue
            why = t("list.comma").join(t("axes.why", n=n, reason=t(f"axes.r_{k}")) for k, n in cell["reasons"].items())
            kind = "same" if cell["is_same"] else "diff"
            text: Any = how.text(cell["value"])
            if found["measure"] != "area_m2":  # a part of a polygon is no record of its own
                title = t("axes.cell_rows", county=c["name"], unit=u["name"]) + (f"\n{why}" if why else "")
                text = pick_button(text, f"{c['code']}~{u['code']}", axes.state, title)
            made.append(html.Td(text, className=f"num {kind}", title=why))
        made.append(html.Td(_margin(axes, how.text(c["value"]), c, f"{c['code']}~"), className="num"))
        lines.append(html.Tr(made, className="out" if c["code"] in ("outside", "unlocated") else ""))
    total = [
        html.Td(t("area.total")),
        *(html.Td(_margin(axes, how.text(u["value"]), u, f"~{u['code']}"), className="num") for u in units),
    ]
    whole = {"name": t("area.total"), "value": found["total"]}
    lines.append(
        html.Tr(
            [*total, html.Td(_margin(axes, how.text(found["total"]), whole, "~"), className="num")], className="sum"
        )
    )
    said = t(
        "axes.balanced" if found["balanced"] else "axes.unbalanced", total=f"{how.text(found['total'])} {how.unit}"
    )
    table = html.Table([html.Thead(html.Tr(heads)), html.Tbody(lines)], className="ct mx")
    return [
        el.row(html.H2(t("axes.matrix")), html.Span(how.unit, className="cap"), className="gap2"),
        html.P(said + t("axes.off", n=len(found["rows"])), className="said" if found["balanced"] else "note amber"),
        _cell_rows(
            axes, {c["code"]: c["name"] for c in found["counties"]}, {u["code"]: u["name"] for u in found["units"]}
        ),
        html.Div(table, className="scrollx"),
        _differences(axes, how),
    ]


def _margin(axes: Axes, text: str, area: Body, key: str) -> Component | str:
    """Return a sum of the matrix that shows its records."""
    if axes.matrix["measure"] == "area_m2" or not area["value"]:
        return text
    return pick_button(text, key, axes.state, t("axes.sum_rows", area=area["name"]))


def _cell_rows(axes: Axes, counties: dict[str, str], units: dict[str, str]) -> Component | None:
    if axes.picked is None:
        return None
    county, unit, body = axes.picked
    every = t("axes.every")
    title = t("axes.cell", county=counties.get(county, county) if county else every,
              unit=units.get(unit, unit) if unit else every, n=body["total"])  # fmt: skip
    rows = [
        r | {"county": counties.get(r["county_code"], ""), "unit": units.get(r["unit_code"], "")} for r in body["rows"]
    ]
    more = [(t("axes.h_county"), "county"), (t("axes.h_unit"), "unit")]
    table = picked_rows(title, axes.state.layer, rows, axes.state, more)
    cut = html.P(t("compare.d_more", n=MOST_ROWS), className="cap") if body["total"] > len(rows) else None
    return html.Div([table, cut])


def _differences(axes: Axes, how: Quantity) -> Component:
    rows = axes.matrix["rows"]
    if not rows:
        return html.P(t("axes.none"), className="cap")
    heads = [html.Th(t(f"axes.h_{x}"), className="num" if x == "value" else "") for x in
             ("name", "county", "unit", "township", "value", "why", "source")]  # fmt: skip
    lines = [
        html.Tr([
            html.Td([_link(axes.matrix["layer"], r, axes.state), el.demo_tag() if r["is_demo"] else None]),
            html.Td(r["county"]), html.Td(r["unit"]), html.Td(r["township"] or DASH),
            html.Td(how.text(r["value"]), className="num"), html.Td(t(f"axes.r_{r['reason']}")),
            html.Td(r["source_name"] or DASH, className="cap ell"),
        ])
        for r in rows[:MOST_ROWS]
    ]  # fmt: skip
    more = html.P(t("compare.d_more", n=MOST_ROWS), className="cap") if len(rows) > MOST_ROWS else None
    table = html.Table([html.Thead(html.Tr(heads)), html.Tbody(lines)], className="ct dt")
    return html.Details([
        html.Summary(t("axes.differences", n=len(rows))), html.Div(table, className="scrollx"), more
    ])  # fmt: skip


def _shown(axes: Axes, n: int, key: str, title: str) -> Component | str:
    return pick_button(str(n), key, axes.state, title) if n else "0"


def shared_rows(found: Body, key: str) -> tuple[str, list[Body]] | None:
    """Return the title and the records behind a number of the 剔重合计; None for another key.

    Of a thing in both lists the first record stands for it, as it is counted once.
    """
    what, _, number = key.partition(".")
    if what == "repeated":
        return t("axes.repeated_rows"), [r for g in found["groups"] for r in g["rows"][1:]]
    if what not in ("both", "thing") or not number.isdecimal():
        return None
    held = found["pairs"] if what == "both" else found["groups"]
    if int(number) >= len(held):
        return None
    one = held[int(number)]
    if what == "thing":
        return t("axes.thing_rows", name=one["name"]), one["rows"]
    both = [g["rows"][0] for g in found["groups"] if {one["a"], one["b"]} <= set(g["lists"])]
    return t("axes.both_rows", a=one["a"], b=one["b"]), both


def _shared_rows(axes: Axes) -> Component | None:
    picked = shared_rows(axes.shared, axes.state.extra("pick"))
    if picked is None:
        return None
    title, rows = picked
    counties = {c["code"]: c["name"] for c in axes.matrix["counties"]}
    named = [r | {"county": counties.get(r["county_code"], "")} for r in rows]
    head = t("axes.picked", title=title, n=len(rows))
    return picked_rows(head, axes.state.layer, named, axes.state, [(t("axes.h_county"), "county")])


def _shared(axes: Axes) -> list[Component | None]:
    found = axes.shared
    once = t("axes.once", records="{0}", things=found["n_things"], repeated="{1}")
    before, between = once.partition("{0}")[0], once.partition("{0}")[2].partition("{1}")
    said: list[Any] = [before, pick_button(str(found["n_records"]), "~", axes.state, t("axes.all_rows")), between[0]]
    said += [_shown(axes, found["n_repeated"], "repeated", t("axes.repeated_rows")), between[2]]
    made: list[Component | None] = [html.H2(t("axes.shared")), html.P(said, className="said"), _shared_rows(axes)]
    if found["pairs"]:
        heads = [html.Th(t("axes.list_a")), html.Th(t("axes.list_b")), html.Th(t("axes.both"), className="num")]
        lines = [
            html.Tr(
                [
                    html.Td(p["a"]),
                    html.Td(p["b"]),
                    html.Td(
                        _shown(axes, p["n"], f"both.{i}", t("axes.both_rows", a=p["a"], b=p["b"])), className="num"
                    ),
                ]
            )
            for i, p in enumerate(found["pairs"][:MOST_ROWS])
        ]
        made.append(html.Table([html.Thead(html.Tr(heads)), html.Tbody(lines)], className="ct at"))
    if found["groups"]:
        heads = [html.Th(t("axes.h_name")), html.Th(t("axes.h_times"), className="num"), html.Th(t("axes.h_lists"))]
        lines = [
            html.Tr([html.Td(g["name"]),
                     html.Td(_shown(axes, g["n"], f"thing.{i}", t("axes.thing_rows", name=g["name"])),
                             className="num"),
                     html.Td(t("list.comma").join(g["lists"]), className="flt")])
            for i, g in enumerate(found["groups"][:MOST_ROWS])
        ]  # fmt: skip
        table = html.Table([html.Thead(html.Tr(heads)), html.Tbody(lines)], className="ct dt")
        made.append(html.Details([html.Summary(t("axes.groups", n=len(found["groups"]))), table]))
    return made


def _generations(axes: Axes) -> list[Component]:
    options = [("", t("axes.pick")), *((g, g) for g in axes.generations)]
    state = axes.state
    picks = el.row(
        el.select(options, state.extra("ga"), t("axes.old"), ("set", "ga", "$")),
        html.Span(t("axes.against"), className="cap"),
        el.select(options, state.extra("gb"), t("axes.new"), ("set", "gb", "$")),
        className="gap2 wrap",
    )
    made: list[Component] = [html.H2(t("axes.generations")), picks]
    moved = axes.moved
    if moved is None:
        few = len(axes.generations) < 2
        return [*made, html.P(t("axes.one" if few else "axes.pick_two", n=len(axes.generations)), className="cap")]
    made.append(html.P(t("axes.moved", placed=moved["n_placed"], moved=moved["n_moved"]), className="said"))
    km2 = Quantity("km²", 1e6, 2)
    heads = [html.Th(t(f"axes.a_{x}"), className="num" if x != "name" else "") for x in
             ("name", "before", "after", "gained", "lost")]  # fmt: skip
    lines = [
        html.Tr([html.Td(a["name"]), *(html.Td(km2.text(a[k]), className="num") for k in
                 ("area_a_m2", "area_b_m2", "gained_m2", "lost_m2"))])
        for a in moved["areas"]
    ]  # fmt: skip
    made.append(html.Div(html.Table([html.Thead(html.Tr(heads)), html.Tbody(lines)], className="ct at"),
                         className="scrollx"))  # fmt: skip
    if moved["transfers"]:
        names = {a["code"]: a["name"] for a in moved["areas"]} | {"outside": t("area.outside")}
        n = {(m["from"], m["to"]): m["n"] for m in moved["moves"]}
        heads = [html.Th(t("axes.t_from")), html.Th(t("axes.t_to")), html.Th(t("axes.t_area"), className="num"),
                 html.Th(t("axes.h_times"), className="num")]  # fmt: skip
        lines = [
            html.Tr([html.Td(names.get(x["from"], x["from"])), html.Td(names.get(x["to"], x["to"])),
                     html.Td(km2.text(x["area_m2"]), className="num"),
                     html.Td(str(n.get((x["from"], x["to"]), 0)), className="num")])
            for x in moved["transfers"]
        ]  # fmt: skip
        table = html.Table([html.Thead(html.Tr(heads)), html.Tbody(lines)], className="ct at")
        made.append(html.Div([html.H3(t("axes.transfers")), html.Div(table, className="scrollx")]))
    if moved["rows"]:
        heads = [html.Th(t(f"axes.h_{x}")) for x in ("name", "was", "now", "source")]
        lines = [
            html.Tr([html.Td(_link(moved["layer"], r, state)), html.Td(r["name_a"]), html.Td(r["name_b"]),
                     html.Td(r["source_name"] or DASH, className="cap ell")])
            for r in moved["rows"][:MOST_ROWS]
        ]  # fmt: skip
        made.append(html.Table([html.Thead(html.Tr(heads)), html.Tbody(lines)], className="ct dt"))
    return made


def axes_body(cat: Catalogue, axes: Axes) -> list[Component]:
    """Return the view."""
    dated = html.Span(t("lists.dated", day=day(axes.matrix["as_of"])), className="cap")
    top = el.row(_picks(cat, axes), el.spacer(), dated, className="gap2")
    grid = html.Div([html.Section(_shared(axes)), html.Section(_generations(axes))], className="grid2")
    return [html.Div([top, *_matrix(cat, axes), grid], className="cbody lb")]
