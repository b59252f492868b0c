"""The right panel of a drawn area: what lies in it, beside another and the city; and what is nearest to a point."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import shapely
from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.callbacks import Pages
from app.pages.format import number, quantity, share
from app.pages.state import State, place_text
from geo.errors import InputError
from layers.registry import Catalogue
from layers.spec import Layer
from layers.store.queries_drawn import Drawn

WIDTHS = (500, 1000, 2000, 3000, 5000, 10_000, 20_000, 50_000)
PLACE = {"circle": 2, "line": 0, "near": 2, "along": 1}  # where a step's distance stands among its values
MOST_ROWS = 60
MOST_POINTS = 4000
NEAREST = 12

Body = dict[str, Any]


def parts_of(text: str) -> list[tuple[str, str, list[str]]]:
    """Return an area's steps as (operator, kind, values), as they are written."""
    found = []
    for part in text.split("~"):
        head, _, rest = part.partition(":")
        letter, dot, kind = head.partition(".")
        found.append((letter if dot else "u", kind if dot else head, rest.split(",")))
    return found


def written(parts: Sequence[tuple[str, str, Sequence[str]]]) -> str:
    """Return steps as text; the first one has no operator."""
    return "~".join(
        f"{'' if i == 0 else letter + '.'}{kind}:{','.join(values)}" for i, (letter, kind, values) in enumerate(parts)
    )


def distance_text(metres: float) -> str:
    """Write a distance: 500 米, 2 公里."""
    return t("drawn.km", n=f"{metres / 1000:g}") if metres >= 1000 else t("drawn.m", n=f"{metres:g}")


def step_text(kind: str, values: Sequence[str], names: dict[str, str]) -> str:
    """Return a step in words."""
    words = {"area": values[:1], "near": values[:2], "along": values[:1], "saved": values[:1]}.get(kind, [])
    name = names.get(":".join((kind, *words)), "")
    if kind == "along":
        name = t(f"drawn.line_{values[0]}")
    return name if kind in ("area", "saved") and name else t(f"drawn.kind_{kind}", name=name)


def _width(parts: list[tuple[str, str, list[str]]], i: int, key: str) -> Component | None:
    letter, kind, values = parts[i]
    if kind not in PLACE:
        return None
    place = PLACE[kind]
    now = float(values[place])
    options = []
    for metres in sorted({*WIDTHS, now}):
        changed = [*parts]
        changed[i] = (letter, kind, [*values[:place], f"{metres:g}", *values[place + 1 :]])
        options.append((written(changed), distance_text(metres)))
    return el.select(options, written(parts), t("drawn.width"), ("set", key, "$"))


def steps_list(text: str, key: str, names: dict[str, str]) -> Component:
    """Return the steps with their distances and a way to take each back."""
    parts = parts_of(text)
    lines = []
    for i, (letter, kind, values) in enumerate(parts):
        rest = [p for j, p in enumerate(parts) if j != i]
        drop = el.icon_button("close", t("drawn.drop"), "ib sm", **el.op(("set", key, written(rest) if rest else "")))
        lines.append(
            el.row(
                html.Span(t(f"drawn.op_{letter}") if i else "", className="cap op"),
                html.Span(step_text(kind, values, names), className="ell"),
                el.spacer(), _width(parts, i, key), drop, className="gap1 step",
            )
        )  # fmt: skip
    return html.Div(lines, className="steps2")


def tools(state: State) -> Component:
    """Return what may be done with the area: add to it, cut from it, compare it, keep it."""
    chips = [
        html.Button(
            t(f"drawn.do_{x}"), type="button", className="chip", title=t("drawn.do_title"), **{"data-draw-op": x}
        )
        for x in ("u", "i", "d", "second")
    ]
    last = parts_of(state.draw)[:-1]
    undo = html.Button(
        t("drawn.undo"), type="button", className="chip", **el.op(("set", "draw", written(last) if last else ""))
    )
    return html.Div([*chips, undo], className="chips wrap")


def figures(cat: Catalogue, layer: Layer, first: Body, second: Body | None) -> Component:
    """Return counts and sums of the area, of the second one and of the city."""
    heads = [t("drawn.measure"), t("drawn.here")] + ([t("drawn.second")] if second else []) + [t("drawn.city"), "%"]
    bodies = [first, *([second] if second else [])]

    def line(title: str, cells: list[str], city: str, part: str) -> Component:
        texts = [*cells, city, part]
        return html.Tr([html.Td(title), *(html.Td(x, className="num") for x in texts)])

    count = [f"{b['n']:,}" for b in bodies]
    rows = [
        line(
            t("drawn.in_unit", title=t("rollup.count"), unit=layer.noun),
            count,
            f"{first['city']['n'] or 0:,}",
            share(first["n"], first["city"]["n"]),
        )
    ]
    for i, one in enumerate(first["sums"]):
        spec = cat.measure(layer, f"sum_{one['field']}")
        how = quantity(spec, layer.noun)
        cells = [how.text(b["sums"][i]["value"]) for b in bodies]
        rows.append(
            line(
                t("drawn.in_unit", title=one["title"], unit=how.unit),
                cells,
                how.text(one["city"]),
                share(one["value"], one["city"]),
            )
        )
    areas = [number(b["area_m2"] / 1e6, 1) for b in bodies]
    rows.append(line(t("drawn.area"), areas, "", ""))
    dense = [number(b["n"] / (b["area_m2"] / 1e6), 2) if b["area_m2"] else "" for b in bodies]
    rows.append(line(t("drawn.density"), dense, "", ""))
    head = html.Thead(html.Tr([html.Th(x, className="num" if i else "") for i, x in enumerate(heads)]))
    return html.Table([head, html.Tbody(rows)], className="rt drt")


def bars(title: str, rows: list[Body], name: str, noun: str) -> Component | None:
    """Return counts as bars with their shares."""
    if not rows:
        return None
    top = max(r["n"] for r in rows)
    lines = [
        html.Div(
            [
                html.Span(r[name], className="ell"),
                html.Div(html.Div(className="bar", style={"width": f"{100 * r['n'] / top:.1f}%"}), className="barw"),
                html.Span(f"{r['n']:,} · {r['share_pct']:.1f}%", className="num"),
            ],
            className="hb hb3",
        )
        for r in rows
    ]
    head = el.row(html.H3(title), el.spacer(), html.Span(noun, className="cap"))
    return html.Div([head, *lines], className="sec")


def rows_list(state: State, layer: Layer, rows: list[Body], n: int) -> Component | None:
    """Return the records of the area with links to their cards, and the way to all of them."""
    if not rows:
        return None
    asked = {"area": state.draw, "filter": state.filter_of(layer), "demo": "1" if state.demo else "0"}
    asked |= {"as_of": state.as_of.isoformat()} if state.as_of else {}
    url = f"/api/v1/drawn/rows/{layer.id}?{urlencode(asked | {'format': 'csv', 'limit': 50_000})}"
    items = [
        html.Div(
            [
                el.link(r["name"], state.but(selected=(layer.id, str(r["id"]))).url(), "lk ell"),
                el.demo_tag() if r["is_demo"] else None,
            ],
            className="row gap1",
        )
        for r in rows
    ]
    head = el.row(
        html.H3(t("drawn.rows", n=f"{n:,}")), el.spacer(),
        html.A(t("drawn.csv"), href=url, className="lk", **{"data-file": ""}),
    )  # fmt: skip
    some = html.Div(t("drawn.some", n=len(rows)), className="cap") if n > len(rows) else None
    return html.Div([head, html.Div(items, className="drows"), some], className="sec")


def keep(state: State) -> Component:
    """Return the form that keeps the area under a name."""
    return html.Div(
        [
            html.H3(t("drawn.keep")),
            el.row(
                el.text_input("draw-name", t("drawn.name_hint"), t("drawn.name")),
                el.button(t("drawn.save"), "btn", **{"data-draw-save": state.draw}),
                className="gap2",
            ),
            html.P(id="draw-result", className="cap", role="status"),
        ],
        className="sec",
    )


def nearest(state: State, layer: Layer, body: Body) -> list[Component | None]:
    """Return what lies nearest to a point and how many lie within a distance."""
    lon, lat = body["lon"], body["lat"]
    options = [(f"{m:g}", distance_text(m)) for m in sorted({*WIDTHS, float(state.near_m)})]
    within = el.row(
        html.Span(t("drawn.within"), className="cap"),
        el.select(options, f"{state.near_m:g}", t("drawn.width"), ("set", "nm", "$")),
        html.B(f"{body['n_within']:,} {layer.noun}"), el.spacer(),
        html.Button(
            t("drawn.as_circle"), type="button", className="chip",
            **el.op(("set", "draw", circle_text(state)), ("set", "near", ""), ("set", "sel", "")),
        ),
        className="gap2",
    )  # fmt: skip
    lines = [
        html.Div(
            [
                el.link(r["name"], state.but(selected=(layer.id, str(r["id"]))).url(), "lk ell"),
                el.demo_tag() if r["is_demo"] else None,
                el.spacer(),
                html.Span(_metres(r["distance_m"]), className="num"),
            ],
            className="row gap1",
        )
        for r in body["rows"]
    ]
    nothing = el.empty(t("drawn.nothing_near", layer=layer.title)) if not lines else None
    head = el.row(
        html.H3(t("drawn.nearest", layer=layer.title)), el.spacer(), html.Span(f"{lon:.4f}, {lat:.4f}", className="cap")
    )
    return [html.Div([head, within, html.Div(lines, className="drows"), nothing], className="sec")]


def _metres(value: float) -> str:
    return t("drawn.km", n=f"{value / 1000:,.2f}") if value >= 1000 else t("drawn.m", n=f"{value:,.0f}")


async def panel(pages: Pages, state: State) -> tuple[list[Any], list[Any]]:
    """Return the panel's body and head for an area, a point, or both."""
    cat, source = pages.cat, pages.source
    layer = cat.layer(state.layer)
    close = el.icon_button(
        "close", t("drawn.close"), "ib sm", **el.op(*[("set", k, "") for k in ("draw", "draw2", "near")])
    )
    head = [html.H2(t("drawn.title")), html.Span(layer.title, className="cap"), el.spacer(), close]
    try:
        texts = [x for x in (state.draw, state.draw2) if x]
        summaries, near = await asyncio.gather(
            asyncio.gather(*(_asked(pages, state, layer, x) for x in texts)),
            source.reader.nearest(
                layer.id, *state.near, k=NEAREST, metres=state.near_m, filter=state.filter_of(layer),
                when=source.when(state), demo=state.demo,
            ) if state.near else asyncio.sleep(0, None),
        )  # fmt: skip
    except InputError as error:
        back = el.button(
            t("drawn.clear"), "btn sm", **el.op(("set", "draw", ""), ("set", "draw2", ""), ("set", "near", ""))
        )
        return [el.empty(f"{error.message}{error.cure}", back)], head
    beside = nearest(state, layer, near) if near else []
    if not summaries or not state.draw:
        return [x for x in beside if x is not None], head
    area, first, rows = summaries[0]
    second = summaries[1] if len(summaries) > 1 else None
    top = [steps_list(state.draw, "draw", area.names), tools(state)]
    if second:
        top.insert(1, html.Div([html.H3(t("drawn.second")), steps_list(state.draw2, "draw2", second[0].names)]))
    terms = first["terms"]
    body: list[Component | None] = [
        html.Div(top, className="sec"),
        html.Div([figures(cat, layer, first, second[1] if second else None)], className="sec"),
        el.empty(t("drawn.nothing", layer=layer.title)) if not first["n"] else None,
        bars(t("rollup.by_term", field=terms["title"]), terms["rows"], "value", layer.noun) if terms else None,
        bars(t(f"axis.{state.axis}"), first["by_county" if state.axis == "county" else "by_unit"], "name", layer.noun),
        *beside,
        rows_list(state, layer, rows, first["n"]),
        keep(state),
        html.Div(t("drawn.note"), className="cap sec"),
    ]
    return [x for x in body if x is not None], head


async def _asked(pages: Pages, state: State, layer: Layer, text: str) -> tuple[Drawn, Body, list[Body]]:
    source = pages.source
    when, asked = source.when(state), state.filter_of(layer)
    area = await source.reader.drawn(text, when)
    body = await source.reader.area_summary(layer.id, area, asked, when, state.demo)
    ordered = body["n"] <= 20_000
    rows = await source.reader.area_rows(layer.id, area, asked, when, state.demo, limit=MOST_ROWS, ordered=ordered)
    return area, body, rows


def circle_text(state: State) -> str:
    """Return the circle round the state's point, '' where it has none."""
    return f"circle:{place_text(state.near)},{state.near_m:g}" if state.near else ""


async def outlines(pages: Pages, state: State) -> list[Body]:
    """Return the outlines that the map draws of the areas and of the point's distance."""
    found = []
    near = circle_text(state)
    for text, token, dashed in ((state.draw, "sea", False), (state.draw2, "amber", True), (near, "sea", True)):
        if not text:
            continue
        try:
            area = await pages.source.reader.drawn(text, pages.source.when(state))
        except InputError:
            continue
        shape = area.shape
        if shapely.get_num_coordinates(shape) > MOST_POINTS:
            shape = shapely.simplify(shape, 0.0003)
        found.append({"geometry": shapely.geometry.mapping(shape), "color": token, "dashed": dashed, "fill": True})
    return found
