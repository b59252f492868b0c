"""The left panel's filters, drawn from the vocabularies and fields of the active layer."""

from __future__ import annotations

import json
from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.filters import NONE, Condition, filter_fields, label
from app.pages.format import quantity
from app.pages.state import State
from app.pages.view import Histogram, RollupRow
from layers.registry import Catalogue
from layers.spec import FieldSpec, Layer

MOST_CHIPS = 6


def condition_chips(cat: Catalogue, state: State, names: dict[str, str]) -> list[Component]:
    """Return a removable chip for each condition and chosen area; ``names`` are those of the areas."""
    found = []
    for code in state.areas:
        step: el.Step = ("toggle", "area", code)
        found.append(_removable(names.get(code, t("area.unknown")), step))
    for condition in state.conditions:
        text = label(cat, condition)
        if condition.layer != state.layer:
            text = t("filter.of_layer", layer=cat.layer(condition.layer).title, text=text)
        found.append(_removable(text, ("set", condition.query()[0], "")))
    return found


def _removable(text: str, step: el.Step) -> Component:
    cross = html.Span("×", className="x", **{"aria-hidden": "true"})
    return html.Button(
        [text, cross], className="chip on", type="button", title=t("filter.remove", text=text), **el.op(step)
    )


def n_filters(state: State) -> int:
    """Return how many conditions hold, the areas as one."""
    return len(state.conditions) + bool(state.areas)


def clear_button(state: State) -> Component | None:
    """Return the button that drops every condition, when there is one."""
    if not n_filters(state):
        return None
    return html.Button(t("filter.clear"), className="txt", type="button", **el.op(("drop", "f."), ("drop", "area")))


def chips_field(
    cat: Catalogue, spec: FieldSpec, layer: Layer, counts: dict[str, int], chosen: Condition | None
) -> Component | None:
    """Return a field of terms as chips with counts; what does not occur is left out unless chosen."""
    picked = chosen.terms if chosen else ()
    key = f"f.{layer.id}.{spec.id}"
    if spec.type == "boolean":
        terms = [("1", t("filter.yes")), ("0", t("filter.no"))]
        counts = {"1": counts.get("true", counts.get("1", 0)), "0": counts.get("false", counts.get("0", 0))}
    else:
        terms = [(x, x) for x in cat.terms(spec)]
    shown = [(v, text) for v, text in terms if counts.get(v) or v in picked]
    if not shown:
        return None
    chips = [_chip(key, v, text, counts.get(v, 0), v in picked) for v, text in shown]
    if counts.get(NONE) or NONE in picked:
        chips.append(_chip(key, NONE, t("filter.none"), counts.get(NONE, 0), NONE in picked))
    few, rest = chips[:MOST_CHIPS], chips[MOST_CHIPS:]
    more = [
        html.Details([html.Summary(t("filter.more", n=len(rest)), className="chip"), html.Div(rest, className="chips")])
    ]
    return _field(spec.title, html.Div([*few, *(more if rest else [])], className="chips"))


def _chip(key: str, value: str, text: str, n: int, on: bool) -> Component:
    return html.Button(
        [text, html.Small(f"{n:,}")],
        className="chip on" if on else "chip",
        type="button",
        **{"aria-pressed": "true" if on else "false"},
        **el.op(("toggle", key, value)),
    )


def _field(title: str, body: Component) -> Component:
    return html.Div([html.Span(title, className="fk"), body], className="ff", role="group", **{"aria-label": title})


def range_field(spec: FieldSpec, layer: Layer, histogram: Histogram, chosen: Condition | None) -> Component | None:
    """Return a number field: a histogram, two handles on its bounds, and two boxes for exact numbers."""
    if len(histogram.edges) < 3 or not sum(histogram.counts):
        return None
    how = quantity(spec)
    low = chosen.low if chosen and isinstance(chosen.low, float) else None
    high = chosen.high if chosen and isinstance(chosen.high, float) else None
    top = max(histogram.counts)
    bars = [
        html.I(
            className="in" if _inside(left, right, low, high) else "",
            style={"height": f"{max(4, 100 * n / top) if n else 0:.0f}%"},
            title=t("filter.bar", low=how.text(left), high=how.text(right), unit=how.unit, n=f"{n:,}"),
        )
        for left, right, n in zip(histogram.edges, histogram.edges[1:], histogram.counts, strict=False)
    ]
    what = {
        "key": f"f.{layer.id}.{spec.id}", "edges": list(histogram.edges), "factor": how.factor,
        "low": low, "high": high, "unit": how.unit,
        "low_label": t("filter.from", field=spec.title), "high_label": t("filter.to", field=spec.title),
        "low_hint": how.text(histogram.edges[0]), "high_hint": how.text(histogram.edges[-1]),
    }  # fmt: skip
    body = html.Div(
        [
            html.Div(bars, className="hist"),
            html.Div(className="dual", **{"data-dual": json.dumps(what, ensure_ascii=False)}),
        ],
        className="rangef",
    )
    return _field(t("filter.with_unit", field=spec.title, unit=how.unit), body)


def _inside(left: float, right: float, low: float | None, high: float | None) -> bool:
    middle = (left + right) / 2
    return (low is None or middle >= low) and (high is None or middle <= high)


def area_field(state: State, areas: Sequence[RollupRow]) -> Component:
    """Return the choice of counties or units, as chips with counts."""
    chips = [
        html.Button(
            [a.name, html.Small(f"{a.n:,}")],
            className="chip on" if a.code in state.areas else "chip",
            type="button",
            **{"aria-pressed": "true" if a.code in state.areas else "false"},
            **el.op(("toggle", "area", a.code)),
        )
        for a in areas
    ]
    body = html.Details(
        [html.Summary(t("filter.areas", n=len(areas)), className="chip"), html.Div(chips, className="chips")],
    )
    return _field(t(f"axis.{state.axis}"), body)


def demo_field(state: State, n_demo: int) -> Component:
    """Return the switch that leaves demonstration data out."""
    switch = html.Button(
        "",
        className="sw on" if state.demo else "sw",
        type="button",
        role="switch",
        title=t("demo.switch"),
        **{"aria-checked": "true" if state.demo else "false", "aria-label": t("demo.switch")},
        **el.op(("set", "demo", "0" if state.demo else "")),
    )
    body = el.row(
        el.tag(t("demo.count", n=f"{n_demo:,}"), "amber"),
        html.Span(t("demo.included"), className="cap"),
        el.spacer(),
        switch,
        className="gap2 sp",
    )
    return _field(t("filter.data"), body)


def filters_panel(
    cat: Catalogue, state: State, counts: dict[str, dict[str, int]], histograms: dict[str, Histogram],
    areas: Sequence[RollupRow], n_demo: int,
) -> list[Component]:  # fmt: skip
    """Return all filters of the active layer.

    Parameters
    ----------
    counts : dict of field to dict of term to number of things, "-" for none, each under the other conditions
    histograms : dict of number field to its histogram
    areas : counties or units with their counts
    n_demo : demonstration records of the active layer
    """
    layer = cat.layer(state.layer)
    names = {a.code: a.name for a in areas}
    held = {c.field: c for c in state.conditions_on(layer.id)}
    parts: list[Component | None] = []
    chips = condition_chips(cat, state, names)
    if chips:
        parts.append(html.Div(chips, className="chips held"))
    parts.append(area_field(state, areas))
    for spec in filter_fields(layer):
        if spec.is_number:
            parts.append(range_field(spec, layer, histograms.get(spec.id, Histogram()), held.get(spec.id)))
        elif spec.is_categorical or spec.type == "boolean":
            parts.append(chips_field(cat, spec, layer, counts.get(spec.id, {}), held.get(spec.id)))
    parts.append(demo_field(state, n_demo))
    return [p for p in parts if p is not None]
