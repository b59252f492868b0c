"""The table of the comparison: areas as rows, measures as groups of value, bar, rank and share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.format import DASH, quantity, share
from app.pages.map.model import PIN_SIGNS
from app.pages.state import State
from app.pages.view import Rollup, RollupRow
from layers.spec import Layer, Measure

FEWEST_AREAS, MOST_PINS = 2, len(PIN_SIGNS)
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


def shown_codes(state: State, areas: Sequence[RollupRow]) -> list[str]:
    """Return the codes of the areas compared: all of them unless two or more are chosen."""
    found = [a.code for a in areas if a.code in state.shown]
    return found if len(found) >= FEWEST_AREAS else [a.code for a in areas]


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
        top.append(
            html.Th(
                [c.title, html.Span(how.unit, className="unit"), html.U("↓") if i == 0 else None],
                colSpan=3,
                className="grp",
            )
        )
        low += [
            html.Th(t("compare.value"), className="num grp"),
            html.Th(t("compare.rank"), className="num"),
            html.Th(t("compare.share") if c.additive else "", className="num"),
        ]
    return html.Div(
        html.Table([html.Thead([html.Tr(top), html.Tr(low)]), html.Tbody(body)], className="ct"), className="scrollx"
    )


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
        bar = html.Div(
            html.Div(className="bar", style={"width": width} | ({"background": color} if pinned else {})),
            className="barw",
        )
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
