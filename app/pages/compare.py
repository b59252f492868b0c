"""Counties or units side by side: chosen measures as values, ranks, shares and bars; one's own are marked."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from dash import Output, html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.callbacks import Pages, on_slice
from app.pages.compare_table import FEW_RECORDS, FEWEST_AREAS, MOST_PINS, Column, shown_codes, table
from app.pages.filters import label
from app.pages.format import day, quantity, share
from app.pages.map.model import PIN_SIGNS
from app.pages.state import AXES, State, default_measure, default_on, first_layer, mapped_layers
from app.pages.view import RollupRow
from layers.registry import Catalogue
from layers.spec import Layer, Measure
from layers.store.slices import today

MOST_MEASURES = 8


def default_measures(cat: Catalogue) -> tuple[str, ...]:
    """Return the measures compared when the address names none: of the layers that are on."""
    found: list[str] = []
    for x in sorted(default_on(cat), key=lambda x: x != first_layer(cat)):
        main = default_measure(cat, cat.layers[x])
        found += [f"{x}.{main}"] + ([f"{x}.n"] if main != "n" else [])
    return tuple(found)


def chosen_measures(cat: Catalogue, state: State) -> tuple[str, ...]:
    """Return the measures that are compared."""
    return (state.measures or default_measures(cat))[:MOST_MEASURES]


def page() -> Component:
    """Return the page's frame."""
    body = el.painted("compare-body", "cmp")
    return html.Div([html.Div(id="compare-head", className="cmp-head"), body], id="page-compare", className="page")


def head(cat: Catalogue, state: State) -> list[Component]:
    """Return the axis, the day, the filters in force and the demo switch."""
    drop = [el.button(t("filter.clear"), "txt", **el.op(("drop", "f.")))] if state.conditions else []
    text = t("list.comma").join(
        t("filter.of_layer", layer=cat.layer(c.layer).title, text=label(cat, c)) for c in state.conditions
    )
    demo = el.button(
        t("demo.included"),
        "chip on" if state.demo else "chip",
        **{"aria-pressed": "true" if state.demo else "false"},
        **el.op(("set", "demo", "0" if state.demo else "")),
    )
    copy = el.button(
        [el.icon("link", small=True), t("card.copy")], "btn sm", **{"data-copy": "", "data-done": t("card.copied")}
    )
    return [
        html.H2(t("compare.title")),
        el.segments([(a, t(f"axis.{a}_short")) for a in AXES], state.axis, t("rollup.axis"), "axis"),
        html.Span(t("compare.when", day=day(state.as_of or today())), className="cap"),
        html.Span(t("compare.filter", text=text or t("report.no_filter")), className="cap ell"),
        *drop,
        el.spacer(),
        el.demo_tag() if state.demo else None,
        demo,
        copy,
    ]


def area_chips(state: State, areas: Sequence[RollupRow]) -> Component:
    """Return a chip for each area: which are compared. Two at least stay."""
    shown = shown_codes(state, areas)
    chips = []
    for area in areas:
        on = area.code in shown
        rest = (
            [c for c in shown if c != area.code]
            if on
            else [a.code for a in areas if a.code in shown or a.code == area.code]
        )
        value = "" if len(rest) in (0, len(areas)) else ",".join(rest)
        locked = on and len(shown) <= FEWEST_AREAS
        chips.append(
            html.Button(
                area.name,
                className="chip on" if on else "chip",
                type="button",
                disabled=locked,
                title=t("compare.two") if locked else "",
                **{"aria-pressed": "true" if on else "false"},
                **el.op(("set", "shown", value)),
            )
        )
    return html.Div([html.Span(t("compare.areas"), className="fk"), html.Div(chips, className="chips")], className="ff")


def measure_chips(cat: Catalogue, state: State) -> Component:
    """Return a chip for each measure compared, and the choice of one more."""
    chosen = chosen_measures(cat, state)
    chips: list[Component] = []
    for key in chosen:
        layer, measure = _of(cat, key)
        name = t("compare.column", layer=layer.title, measure=measure.title if measure else t("rollup.count"))
        rest = ",".join(x for x in chosen if x != key)
        cross = html.Span("×", className="x", **{"aria-hidden": "true"})
        only = len(chosen) == 1
        chips.append(
            html.Button(
                [name, cross],
                className="chip on",
                type="button",
                disabled=only,
                title=t("filter.remove", text=name),
                **el.op(("set", "ms", rest)),
            )
        )
    others = [("", t("compare.add"))]
    for x in mapped_layers(cat):
        layer = cat.layers[x]
        for measure_id, title in (("n", t("rollup.count")), *((m.id, m.title) for m in cat.measures(layer))):
            if f"{x}.{measure_id}" not in chosen:
                others.append((f"{x}.{measure_id}", t("compare.column", layer=layer.title, measure=title)))
    if len(chosen) < MOST_MEASURES:
        before = ",".join(chosen)
        chips.append(el.select(others, "", t("compare.add"), ("set", "ms", before), ("add", "ms", "$")))
    return html.Div(
        [html.Span(t("compare.measures"), className="fk"), html.Div(chips, className="chips")], className="ff"
    )


def _of(cat: Catalogue, key: str) -> tuple[Layer, Measure | None]:
    layer_id, _, measure_id = key.partition(".")
    layer = cat.layer(layer_id)
    return layer, cat.measure(layer, measure_id)


def findings(state: State, columns: Sequence[Column]) -> Component | None:
    """Return a sentence for each pinned area: its value, rank and share of the first measure."""
    main = columns[0]
    ranks = main.ranks()
    how = quantity(main.measure, main.layer.noun)
    lines = []
    for i, code in enumerate(state.pins[:MOST_PINS]):
        own = next((r for r in main.rollup.rows if r.code == code), None)
        if own is None or own.value is None:
            continue
        values = {"area": own.name, "measure": main.title, "value": how.text(own.value), "unit": how.unit}
        text = t("compare.finding", **values)
        if code in ranks:
            text += t("compare.finding_rank", rank=ranks[code], n=len(ranks))
        if main.additive and main.rollup.total.value:
            text += t("compare.finding_share", share=share(own.value, main.rollup.total.value))
        sign = html.Span(PIN_SIGNS[i], style={"color": f"var(--v{i + 1})"}, className="pin")
        lines.append(html.P([sign, text + t("compare.stop")]))
    few = main.measure is not None and not main.additive and sum(1 for r in main.rollup.rows if r.n < FEW_RECORDS)
    if few:
        lines.append(html.P(t("compare.few", n=few, least=FEW_RECORDS), className="note"))
    if not lines:
        lines = [html.P(t("compare.hint"), className="dim")]
    return html.Div(lines, className="finds")


def compare_body(cat: Catalogue, state: State, columns: Sequence[Column]) -> list[Component | None]:
    """Return chips, findings and the table."""
    areas = columns[0].rollup.rows
    note = html.P(t("rollup.note_sum", n=len(areas), areas=t(f"axis.{state.axis}")), className="cap")
    return [area_chips(state, areas), measure_chips(cat, state), findings(state, columns), table(state, columns), note]


def register(pages: Pages) -> None:
    """Register the page's callback."""

    async def fill(where: Pages, state: State) -> Any:
        cat = where.cat
        chosen = [(key, *_of(cat, key)) for key in chosen_measures(cat, state)]
        rollups = await asyncio.gather(
            *(where.source.rollup(state.but(areas=()), layer, key.partition(".")[2]) for key, layer, _ in chosen)
        )
        columns = [
            Column(layer, key.partition(".")[2], measure, r)
            for (key, layer, measure), r in zip(chosen, rollups, strict=True)
        ]
        return compare_body(cat, state, columns), head(cat, state)

    on_slice(pages, "compare", [Output("compare-body", "children"), Output("compare-head", "children")], fill)
