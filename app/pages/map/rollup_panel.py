"""The right panel: how much lies in each area, on one axis at a time, with what lies outside and nowhere."""

from __future__ import annotations

from itertools import pairwise

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.filters import NONE, Condition
from app.pages.format import Quantity, day, quantity, share
from app.pages.state import AXES, State, groupings
from app.pages.view import LayerFacts, Rollup, RollupRow
from layers.registry import Catalogue
from layers.spec import Layer, Measure
from layers.store.slices import today

SPECIAL = ("outside", "unlocated")


def controls(cat: Catalogue, state: State) -> Component:
    """Return the choices of axis, measure and grouping."""
    layer = cat.layer(state.layer)
    chosen, _ = state.shown_measure(cat)
    measures = [("n", t("rollup.count"))] + [(m.id, m.title) for m in cat.measures(layer)]
    groups = [("", t(f"axis.{state.axis}"))]
    for name in groupings(cat, layer):
        spec = layer.field(name)
        groups.append((name, spec.title if spec else t("axis.township")))
    return el.row(
        el.segments([(a, t(f"axis.{a}_short")) for a in AXES], state.axis, t("rollup.axis"), "axis"),
        el.select(measures, chosen, t("rollup.measure"), ("set", "measure", "$")),
        el.spacer(),
        el.select(groups, state.by, t("rollup.by"), ("set", "by", "$")),
        className="gap2",
    )


def row_url(state: State, layer: Layer, row: RollupRow, everything: RollupRow) -> str:
    """Return the address whose table holds exactly the things a row counts."""
    if row is everything:
        return state.but(areas=(), selected=None).url()
    if not state.by or row.code in SPECIAL:
        return state.but(areas=(row.code,), selected=None).url()
    if state.by == "township":
        return state.but(selected=None).url()
    others = tuple(c for c in state.conditions if (c.layer, c.field) != (layer.id, state.by))
    condition = Condition(layer.id, state.by, (row.code or NONE,))
    return state.but(conditions=(*others, condition), selected=None).url()


def total_block(state: State, layer: Layer, rollup: Rollup, measure: Measure | None, facts: LayerFacts) -> Component:
    """Return the total, or that of the chosen areas, as the panel's large figure."""
    how = quantity(measure, layer.noun)
    chosen = (
        [r for r in (*rollup.rows, rollup.outside, rollup.unlocated) if r.code in state.areas] if not state.by else []
    )
    when = day(state.as_of or today())
    title = t("rollup.total_when", when=when)
    row = rollup.total
    if len(chosen) == 1:
        row, title = chosen[0], t("rollup.area_when", area=chosen[0].name, when=when)
    url = row_url(state, layer, row, rollup.total)
    right = html.Div(
        [
            html.Div([layer.title, el.demo_tag() if state.demo and facts.n_demo else None], className="cap"),
            html.Div([el.link(f"{row.n:,}", url, "fig lk"), html.Span(layer.noun, className="unit")]),
        ],
        className="right",
    )
    if measure is None:
        left = html.Div(
            [
                html.Div(title, className="cap"),
                html.Div([html.Span(f"{row.n:,}", className="fig-l"), html.Span(layer.noun, className="unit")]),
            ]
        )
        return el.row(left, el.spacer(), right, className="total")
    figure = html.Div([html.Span(how.text(row.value), className="fig-l"), html.Span(how.unit, className="unit")])
    missing = html.Div(t("rollup.missing", n=f"{row.missing:,}"), className="cap") if row.missing else None
    return el.row(html.Div([html.Div(title, className="cap"), figure, missing]), el.spacer(), right, className="total")


def table(state: State, layer: Layer, rollup: Rollup, measure: Measure | None) -> Component:
    """Return the areas as bars, values, counts and shares; 界外, 未定位 and 合计 at the end."""
    how = quantity(measure, layer.noun)
    rows = sorted(rollup.rows, key=lambda r: (-(r.value if r.value is not None else -1), -r.n, r.code))
    top = max((abs(r.value) for r in (*rows, rollup.outside, rollup.unlocated) if r.value), default=0)
    additive = measure is None or measure.is_extensive
    body = [_row(state, layer, r, rollup, how, top, measure, additive) for r in rows]
    if rollup.partition:
        special = (rollup.outside, rollup.unlocated)
        body += [_row(state, layer, r, rollup, how, top, measure, additive, "out") for r in special]
        body.append(_row(state, layer, rollup.total, rollup, how, 0, measure, additive, "sum"))
    first = t("rollup.area_head") if not state.by else t("rollup.group_head")
    heads = [html.Th(first), html.Th("", className="barc")]
    if measure is not None:
        heads.append(html.Th([how.unit, html.U("↓")], className="num"))
    heads += [html.Th(layer.noun, className="num"), html.Th("%" if additive else "", className="num")]
    return html.Table([html.Thead(html.Tr(heads)), html.Tbody(body)], className="rt")


def _row(
    state: State, layer: Layer, row: RollupRow, rollup: Rollup, how: Quantity, top: float, measure: Measure | None,
    additive: bool, kind: str = "",
) -> Component:  # fmt: skip
    chosen = not state.by and row.code in state.areas
    url = row_url(state, layer, row, rollup.total)
    width = f"{100 * abs(row.value) / top:.1f}%" if row.value and top else "0"
    bar_kind = "bar hatch" if kind == "out" else ("bar sel" if chosen else "bar")
    bar = html.Div(className=bar_kind, style={"width": width}) if kind != "sum" and row.value else None
    cells = [html.Td(_name(state, row, kind)), html.Td(bar, className="barc")]
    if measure is not None:
        cells.append(html.Td(_number(how.text(row.value), url, row.n), className="num"))
    cells.append(html.Td(_number(f"{row.n:,}", url, row.n), className="num"))
    part, whole = (row.n, rollup.total.n) if measure is None else (row.value, rollup.total.value)
    cells.append(html.Td(share(part, whole) if additive else "", className="num dim"))
    classes = " ".join(x for x in (kind, "selr" if chosen else "") if x)
    return html.Tr(cells, className=classes, **{"data-area": row.code if not state.by else ""})


def _name(state: State, row: RollupRow, kind: str) -> Component | str:
    if kind == "sum" or state.by:
        return row.name
    return html.Button(row.name, className="an", type="button", **el.op(("only", "area", row.code)))


def _number(text: str, url: str, n: int) -> Component | str:
    return el.link(text, url) if n else text


def footnote(state: State, rollup: Rollup, measure: Measure | None) -> str:
    """Return what the sums add up to, or why they do not."""
    if measure is not None and not measure.is_extensive:
        return t("rollup.note_mean")
    if not rollup.partition:
        return t("rollup.note_overlap")
    if state.by:
        return t("rollup.note_groups")
    return t("rollup.note_sum", n=len(rollup.rows), areas=t(f"axis.{state.axis}"))


def breakdown(cat: Catalogue, state: State, layer: Layer, counts: dict[str, int]) -> Component | None:
    """Return the layer's main terms: for stages how far things have come and the rate of each step."""
    group = next((e for e in layer.events if e.ordered and e.field), None)
    if group is not None:
        return _stages(cat, state, layer, group.field, group.types, counts)
    spec = layer.field(_main_terms(layer))
    if spec is None or not any(counts.values()):
        return None
    top = max(counts.values())
    lines = []
    for term in cat.terms(spec):
        n = counts.get(term, 0)
        if n:
            url = state.but(
                conditions=(*_others(state, layer, spec.id), Condition(layer.id, spec.id, (term,))), selected=None
            ).url()
            bar = html.Div(html.Div(className="bar", style={"width": f"{100 * n / top:.1f}%"}), className="barw")
            lines.append(html.Div([html.Span(term, className="ell"), bar, el.link(f"{n:,}", url)], className="hb"))
    head = el.row(html.H3(t("rollup.by_term", field=spec.title)), el.spacer(), html.Span(layer.noun, className="cap"))
    return html.Div([head, *lines], className="sec") if lines else None


def _others(state: State, layer: Layer, field_id: str) -> tuple[Condition, ...]:
    return tuple(c for c in state.conditions if (c.layer, c.field) != (layer.id, field_id))


def _main_terms(layer: Layer) -> str:
    if layer.style.color_by:
        return layer.style.color_by
    ranked = [*layer.style.pips, layer.style.line_by, *(f.id for f in layer.fields if f.is_categorical and f.table)]
    return next((x for x in ranked if x), "")


def main_terms(layer: Layer) -> str:
    """Return the field whose terms the panel breaks a layer down by; "" when it has none."""
    group = next((e for e in layer.events if e.ordered and e.field), None)
    return group.field if group is not None else _main_terms(layer)


def _stages(
    cat: Catalogue, state: State, layer: Layer, field_id: str, types: tuple[str, ...], counts: dict[str, int]
) -> Component | None:
    spec = layer.field(field_id)
    values = {v.value: v for v in cat.vocabularies[spec.vocabulary].values} if spec and spec.vocabulary else {}
    reached = [sum(counts.get(x, 0) for x in types[i:]) for i in range(len(types))]
    if not reached or not reached[0]:
        return None
    columns = []
    for i, (stage, n) in enumerate(zip(types, reached, strict=True)):
        condition = Condition(layer.id, field_id, types[i:])
        url = state.but(conditions=(*_others(state, layer, field_id), condition), selected=None).url()
        step = f"{100 * reached[i + 1] / n:.0f}%" if i + 1 < len(types) and n else ""
        color = values[stage].color if stage in values else "q4"
        bar = html.Div(
            style={"height": f"{max(2, 34 * n / reached[0]):.0f}px", "background": f"var(--{color})"}, className="col"
        )
        columns.append(
            html.Div(
                [
                    el.row(bar, html.Span(step, className="cap"), className="colw"),
                    el.link(f"{n:,}", url, "lk b"),
                    html.Div(stage, className="cap"),
                ]
            )
        )
    waiting = list(pairwise(types[1:]))[:3]
    cells = []
    for now, then in waiting:
        n = counts.get(now, 0)
        condition = Condition(layer.id, field_id, (now,))
        url = state.but(conditions=(*_others(state, layer, field_id), condition), selected=None).url()
        cells.append(
            html.Div(
                [
                    el.link(f"{n:,}", url, "fig lk flat"),
                    html.Div(t("rollup.waiting", now=now, then=then), className="cap"),
                ]
            )
        )
    head = el.row(html.H3(t("rollup.stages")), el.spacer(), html.Span(layer.noun, className="cap"))
    lists = html.Div([html.H3(t("rollup.three")), html.Div(cells, className="tri")], className="sec")
    return html.Div([html.Div([head, html.Div(columns, className="cols")], className="sec"), lists])


def way_on(state: State) -> Component:
    """Return what leads out of an empty layer: its filters cleared, or where its data come in."""
    if state.conditions or state.areas:
        return el.button(t("targets.clear"), "btn sm", **el.op(("drop", "f."), ("drop", "area")))
    return el.link(t("empty.import"), "/data", "btn sm")


def rollup_panel(
    cat: Catalogue, state: State, rollup: Rollup, facts: LayerFacts, counts: dict[str, int]
) -> list[Component]:
    """Return the whole panel.

    Parameters
    ----------
    rollup : of the shown measure by the state's axis or grouping, under every filter but the chosen areas
    counts : things by the layer's main terms under every filter
    """
    layer = cat.layer(state.layer)
    _, measure = state.shown_measure(cat)
    parts: list[Component | None] = [
        html.Div([controls(cat, state), total_block(state, layer, rollup, measure, facts)], className="sec top")
    ]
    if rollup.total.n == 0:
        words = t("empty.rollup" if state.conditions or state.areas else "empty.layer", layer=layer.title)
        parts.append(el.empty(words, way_on(state)))
        return [p for p in parts if p is not None]
    parts.append(table(state, layer, rollup, measure))
    parts.append(html.Div(footnote(state, rollup, measure), className="cap note-sum"))
    parts.append(breakdown(cat, state, layer, counts))
    return [p for p in parts if p is not None]
