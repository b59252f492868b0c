"""Counties or units side by side: chosen measures as values, ranks, shares and bars; one's own are marked."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dash import Output, html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.callbacks import Pages, on_slice
from app.pages.filters import label
from app.pages.format import DASH, day, quantity, share
from app.pages.map.model import PIN_SIGNS
from app.pages.state import AXES, State, default_measure, default_on, first_layer, mapped_layers
from app.pages.view import Rollup, RollupRow
from layers.registry import Catalogue
from layers.spec import Layer, Measure
from layers.store.slices import today

FEWEST_AREAS, MOST_MEASURES, MOST_PINS = 2, 8, len(PIN_SIGNS)
FEW_RECORDS = 8  # an area with fewer things gets no rank of means and ratios


@dataclass(frozen=True)
class Column:
    """One measure of one layer with its rollup on the axis."""

    layer: Layer
    measure_id: str
    measure: Measure | None
    rollup: Rollup

    @property
    def key(self) -> str:
        """The measure's name in the address."""
        return f"{self.layer.id}.{self.measure_id}"

    @property
    def additive(self) -> bool:
        """Whether shares of the total mean something."""
        return self.measure is None or self.measure.aggregate == "sum"

    @property
    def title(self) -> str:
        """The layer's and the measure's name."""
        what = self.measure.title if self.measure else t("rollup.count")
        return t("compare.column", layer=self.layer.title, measure=what)

    def ranks(self) -> dict[str, int]:
        """Return the rank of each area, equal values alike; too few records get none where values do not add up."""
        fit = [r for r in self.rollup.rows if r.value is not None and (self.additive or r.n >= FEW_RECORDS)]
        return {r.code: 1 + sum(1 for o in fit if o.value > r.value) for r in fit}  # type: ignore[operator]


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
    body = html.Div(el.skeleton(12), id="compare-body", className="cmp")
    return html.Div([html.Div(id="compare-head", className="cmp-head"), body], id="page-compare", className="page")


def head(cat: Catalogue, state: State) -> list[Component]:
    """Return the axis, the day, the filters in force and the demo switch."""
    drop = [el.button(t("filter.clear"), "txt", **el.op(("drop", "f.")))] if state.conditions else []
    text = t("list.comma").join(t("filter.of_layer", layer=cat.layer(c.layer).title, text=label(cat, c)) for c in state.conditions)
    demo = el.button(
        t("demo.included"),
        "chip on" if state.demo else "chip",
        **{"aria-pressed": "true" if state.demo else "false"},
        **el.op(("set", "demo", "0" if state.demo else "")),
    )
    copy = el.button([el.icon("link", small=True), t("card.copy")], "btn sm", **{"data-copy": "", "data-done": t("card.copied")})
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
        rest = [c for c in shown if c != area.code] if on else [a.code for a in areas if a.code in shown or a.code == area.code]
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


def shown_codes(state: State, areas: Sequence[RollupRow]) -> list[str]:
    """Return the codes of the areas compared: all of them unless two or more are chosen."""
    found = [a.code for a in areas if a.code in state.shown]
    return found if len(found) >= FEWEST_AREAS else [a.code for a in areas]


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
        chips.append(html.Button([name, cross], className="chip on", type="button", disabled=only, title=t("filter.remove", text=name), **el.op(("set", "ms", rest))))
    others = [("", t("compare.add"))]
    for x in mapped_layers(cat):
        layer = cat.layers[x]
        for measure_id, title in (("n", t("rollup.count")), *((m.id, m.title) for m in cat.measures(layer))):
            if f"{x}.{measure_id}" not in chosen:
                others.append((f"{x}.{measure_id}", t("compare.column", layer=layer.title, measure=title)))
    if len(chosen) < MOST_MEASURES:
        before = ",".join(chosen)
        chips.append(el.select(others, "", t("compare.add"), ("set", "ms", before), ("add", "ms", "$")))
    return html.Div([html.Span(t("compare.measures"), className="fk"), html.Div(chips, className="chips")], className="ff")


def _of(cat: Catalogue, key: str) -> tuple[Layer, Measure | None]:
    layer_id, _, measure_id = key.partition(".")
    layer = cat.layer(layer_id)
    return layer, cat.measure(layer, measure_id)


def _link(state: State, column: Column, areas: tuple[str, ...]) -> str:
    there = state.but(
        page="/", layer=column.layer.id, measure="" if column.measure is None else column.measure_id, areas=areas,
        selected=None, pins=(), measures=(), shown=(), by="",
    )  # fmt: skip
    return there.url()


def table(state: State, columns: Sequence[Column]) -> Component:
    """Return the areas as rows and the measures as groups of value, bar, rank and share."""
    areas = columns[0].rollup.rows
    shown = shown_codes(state, areas)
    ranks = [c.ranks() for c in columns]
    first = [r for r in areas if r.code in shown]
    lead = {r.code: r for r in columns[0].rollup.rows}
    first.sort(key=lambda r: (-(lead[r.code].value or 0), r.code))
    body = [_area_row(state, columns, ranks, r) for r in first]
    for which in ("outside", "unlocated", "total"):
        body.append(_special_row(state, columns, which))
    top = [html.Th("", className="pinc"), html.Th(t(f"axis.{state.axis}"))]
    low: list[Component] = [html.Th(""), html.Th("")]
    for i, c in enumerate(columns):
        how = quantity(c.measure, c.layer.noun)
        top.append(html.Th([c.title, html.Span(how.unit, className="unit"), html.U("↓") if i == 0 else None], colSpan=3, className="grp"))
        low += [html.Th(t("compare.value"), className="num grp"), html.Th(t("compare.rank"), className="num"), html.Th(t("compare.share") if c.additive else "", className="num")]
    return html.Div(html.Table([html.Thead([html.Tr(top), html.Tr(low)]), html.Tbody(body)], className="ct"), className="scrollx")


def _area_row(state: State, columns: Sequence[Column], ranks: Sequence[dict[str, int]], area: RollupRow) -> Component:
    pinned = area.code in state.pins
    at = state.pins.index(area.code) if pinned else -1
    color = f"var(--v{at % 8 + 1})" if pinned else ""
    sign = PIN_SIGNS[at % MOST_PINS] if pinned else "○"
    pin = html.Button(
        sign,
        type="button",
        className="pin",
        style={"color": color} if pinned else {},
        title=t("compare.unpin" if pinned else "compare.pin", area=area.name),
        **{"aria-pressed": "true" if pinned else "false", "aria-label": t("compare.pin", area=area.name)},
        **el.op(("toggle", "pins", area.code)),
    )
    cells = [html.Td(pin, className="pinc"), html.Td(html.B(area.name) if pinned else area.name)]
    for c, rank in zip(columns, ranks, strict=True):
        own = next(r for r in c.rollup.rows if r.code == area.code)
        top = max((abs(r.value) for r in c.rollup.rows if r.value), default=0)
        width = f"{100 * abs(own.value) / top:.1f}%" if own.value and top else "0"
        text = quantity(c.measure, c.layer.noun).text(own.value)
        shown = el.link(text, _link(state, c, (own.code,))) if own.n else text
        bar = html.Div(html.Div(className="bar", style={"width": width} | ({"background": color} if pinned else {})), className="barw")
        cells += [
            html.Td(el.row(bar, shown, className="gap2"), className="num grp"),
            html.Td(str(rank[area.code]) if area.code in rank else DASH, className="num dim"),
            html.Td(share(own.value, c.rollup.total.value) if c.additive else "", className="num dim"),
        ]
    return html.Tr(cells, className="pinned" if pinned else "")


def _special_row(state: State, columns: Sequence[Column], which: str) -> Component:
    cells: list[Component] = [html.Td("", className="pinc"), html.Td(getattr(columns[0].rollup, which).name)]
    for c in columns:
        own: RollupRow = getattr(c.rollup, which)
        text = quantity(c.measure, c.layer.noun).text(own.value)
        shown: Any = el.link(text, _link(state, c, () if which == "total" else (which,))) if own.n else text
        bar = html.Div(className="bar hatch", style={"width": "8px"}) if which != "total" and own.value else None
        cells += [
            html.Td(el.row(html.Div(bar, className="barw"), shown, className="gap2"), className="num grp"),
            html.Td(""),
            html.Td(share(own.value, c.rollup.total.value) if c.additive else "", className="num dim"),
        ]
    return html.Tr(cells, className="sum" if which == "total" else "out")


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
