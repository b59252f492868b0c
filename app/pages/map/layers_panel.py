"""The left panel's layers: on and off, order, opacity, count, age, legend."""

from __future__ import annotations

import datetime as dt
import json

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.format import day, quantity
from app.pages.map.choropleth import Choropleth
from app.pages.map.legend import change_legend, choropleth_legend, drawn_line, heat_legend, layer_legend
from app.pages.state import State
from app.pages.view import LayerFacts, Rollup
from layers.registry import Catalogue
from layers.spec import Layer


def age_text(days: int) -> str:
    """Return an age in years and months, such as 5 年 9 月."""
    months = days // 30
    years, rest = divmod(months, 12)
    if not years:
        return t("age.months", months=months)
    return t("age.years_months", years=years, months=rest) if rest else t("age.years", years=years)


def stale_days(layer: Layer, facts: LayerFacts, today: dt.date) -> int:
    """Return how many days old a layer is when that is too old, else 0."""
    if facts.data_date is None:
        return 0
    age = (today - facts.data_date).days
    return age if age > layer.freshness.days else 0


def opacity_slider(layer_id: str, title: str, value: int) -> Component:
    """Return the slider that makes a layer fainter."""
    what = {
        "min": 10, "max": 100, "step": 5, "value": value, "label": t("layers.opacity_of", layer=title),
        "live": [["put", "op", layer_id, "$"]],
    }  # fmt: skip
    return el.row(
        html.Span(t("layers.opacity"), className="cap"),
        html.Div(className="rng", **{"data-range": json.dumps(what, ensure_ascii=False)}),
        html.Span(t("layers.percent", value=value), className="cap pct"),
        className="gap2",
    )


def area_entry(state: State, title: str, choropleth: Choropleth | None, rollup: Rollup, cat: Catalogue) -> Component:
    """Return the entry of the coloured counties."""
    measure_id, measure = state.shown_measure(cat)
    layer = cat.layer(state.layer)
    how = quantity(measure, layer.noun)
    shown = state.choropleth and choropleth is not None
    body: list[Component | None] = []
    if shown and choropleth is not None:
        body = [choropleth_legend(state, choropleth, how)]
    elif state.choropleth and choropleth is None:
        body = [html.Div(t("layers.no_colours"), className="cap")]
    return html.Div(
        [
            el.row(
                _eye(state.choropleth, title, ("set", "choro", "0" if state.choropleth else "")),
                html.I(className="sy sy-areas", **{"aria-hidden": "true"}),
                html.B(title, className="ell"),
                el.spacer(),
                html.Span(str(len(rollup.rows)), className="num"),
                className="gap2",
            ),
            el.row(
                html.Span(_dated(rollup.data_date, layer.owner), className="ell"),
                el.spacer(),
                html.Span(t("layers.opaque", value=state.opacity_of("area"))),
                className="cap lm",
            ),
            *body,
            opacity_slider("area", title, state.opacity_of("area")) if shown else None,
        ],
        className="ly" if state.choropleth else "ly off",
        id=f"ly-area-{measure_id}",
    )


def _eye(on: bool, title: str, step: el.Step) -> Component:
    label = t("layers.hide" if on else "layers.show", layer=title)
    pressed = {"aria-pressed": "true" if on else "false"}
    return el.icon_button("eye" if on else "eye-off", label, "eye on" if on else "eye", **pressed, **el.op(step))


def _dated(data_date: dt.date | None, owner: str) -> str:
    return t("list.dot").join(x for x in (day(data_date) if data_date else t("layers.undated"), owner) if x)


def layer_entry(
    cat: Catalogue, state: State, layer: Layer, facts: LayerFacts, filtered: Rollup | None, counts: dict[str, int],
    today: dt.date,
) -> Component:  # fmt: skip
    """Return one layer's entry: a line and an age; the active layer also shows its legend and controls.

    ``filtered`` is the layer's count under the filters, None for a layer that is off.
    """
    on = layer.id in state.visible(cat)
    active = on and layer.id == state.layer
    shown = filtered.total.n if filtered is not None else facts.n
    n_all = facts.n
    number = [f"{shown:,}"]
    if filtered is not None and shown != n_all:
        number.append(html.Span(f" / {n_all:,}", className="dim"))
    stale = stale_days(layer, facts, today)
    dated: list[Component | str] = [_dated(facts.data_date, facts.owner or layer.owner)]
    if stale:
        dated = [
            f"{day(facts.data_date)}{t('list.dot')}",
            html.Span(t("layers.stale", age=age_text(stale)), className="stale"),
        ]
    head = el.row(
        _eye(on, layer.title, ("toggle", "on", layer.id)),
        el.symbol(layer.style, _head_token(cat, layer)),
        html.Button(
            [html.B(layer.title), el.demo_tag() if state.demo and facts.n_demo else None],
            className="name",
            type="button",
            title=layer.description,
            **{"aria-expanded": "true" if active else "false"},
            **el.op(("set", "layer", layer.id), ("set", "tab", ""), ("add", "on", layer.id)),
        ),
        el.spacer(),
        html.Span(number, className="num"),
        className="gap2",
    )
    meta = el.row(
        html.Span(dated, className="ell"),
        el.spacer(),
        html.Span(t("layers.opaque", value=state.opacity_of(layer.id))) if on else None,
        className="cap lm",
    )
    body: list[Component] = []
    if active:
        changed = [change_legend()] if state.since else []
        legend = [heat_legend()] if layer.id in state.heat else layer_legend(cat, layer, counts)
        controls = el.row(
            opacity_slider(layer.id, layer.title, state.opacity_of(layer.id)), _heat(state, layer), *_order(layer),
            className="ctl",
        )  # fmt: skip
        line = html.Div(drawn_line(filtered, n_all), className="cap") if filtered is not None else None
        body = [html.Div([*legend, *changed, controls, line], className="lgd")]
    classes = "ly" + ("" if on else " off") + (" act" if active else "")
    return html.Div([head, meta, *body], className=classes, draggable="true", **{"data-drag": layer.id})


def _head_token(cat: Catalogue, layer: Layer) -> str:
    spec = layer.field(layer.style.color_by) if layer.style.color_by else None
    if spec is None or not spec.vocabulary or layer.style.symbol == "icon":
        return ""
    values = cat.vocabularies[spec.vocabulary].values
    return values[min(3, len(values) - 1)].color


def _heat(state: State, layer: Layer) -> Component | None:
    """Return the switch between things and heat; shapes that cover ground have none."""
    if layer.geometry not in ("point", "any"):
        return None
    on = layer.id in state.heat
    return html.Button(
        t("layers.heat"), type="button", className="chip on" if on else "chip", title=t("layers.heat_title"),
        **{"aria-pressed": "true" if on else "false"}, **el.op(("toggle", "heat", layer.id)),
    )  # fmt: skip


def _order(layer: Layer) -> list[Component]:
    return [
        el.icon_button("up", t("layers.up", layer=layer.title), "ib sm", **el.op(("move", "order", layer.id, -1))),
        el.icon_button("down", t("layers.down", layer=layer.title), "ib sm", **el.op(("move", "order", layer.id, 1))),
    ]


def panel_head(cat: Catalogue, state: State) -> Component:
    """Return how many layers there are and how many are on."""
    return html.Span(t("layers.head", n=len(state.order_of(cat)), on=len(state.visible(cat))), className="cap")
