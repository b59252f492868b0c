"""Legends: what the colours, shapes and sizes of a layer mean, and how much of it is drawn."""

from __future__ import annotations

import math

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.format import Quantity, number, quantity
from app.pages.map.choropleth import ZERO, Choropleth
from app.pages.state import MAX_CLASSES, MIN_CLASSES, SCHEMES, State
from app.pages.view import Rollup
from layers.registry import Catalogue
from layers.spec import Layer


def choropleth_legend(state: State, areas: Choropleth, how: Quantity) -> Component:
    """Return the ramp with its breaks, then unit, scheme, number of classes, and what zero and no data look like."""
    tints = [x for x in areas.tokens if x != ZERO]
    bands = [
        html.I(style={"background": f"var(--{token})"}, title=t("legend.band", n=n))
        for token, n in zip(tints, areas.counts, strict=True)
    ]
    labels = [html.Span(number(b, how.digits if b % how.factor else 0, how.factor)) for b in areas.breaks]
    notes = [t("legend.none")] if areas.n_none else []
    notes = [*([t("legend.zero")] if areas.n_zero else []), *notes]
    schemes = [(s, t(f"scheme.{s}")) for s in SCHEMES]
    classes = [(str(n), t("legend.classes", n=n)) for n in range(MIN_CLASSES, MAX_CLASSES + 1)]
    return html.Div(
        [
            html.Div([html.Div(bands, className="ramp"), html.Div(labels, className="ticks")]) if bands else None,
            el.row(
                html.Span(how.unit),
                None if state.since else el.select(schemes, state.scheme, t("legend.scheme"), ("set", "scheme", "$")),
                None if state.since else el.select(classes, str(state.k), t("legend.k"), ("set", "k", "$")),
                *[html.Span([html.I(className="key-zero" if n == t("legend.zero") else "key-none"), n]) for n in notes],
                className="cap gap2 wrap",
            ),
        ],
        className="lgd",
    )


def heat_legend() -> Component:
    """Return the ramp of the heat view: density relative to the densest place in sight."""
    bands = [html.I(style={"background": f"var(--heat-{i})"}) for i in range(1, 6)]
    ends = [html.Span(t("legend.sparse")), html.Span(t("legend.dense"))]
    return html.Div(
        [
            html.Div(bands, className="ramp"),
            html.Div(ends, className="ticks"),
            html.Div(t("legend.heat"), className="cap"),
        ]
    )


def change_legend() -> Component:
    """Return the marks of what is new and what is gone since the earlier day."""
    marks = [("fresh", t("legend.fresh")), ("gone", t("legend.gone"))]
    return html.Div([html.Span([html.I(className=f"sy-{m}"), words]) for m, words in marks], className="keys")


def layer_legend(cat: Catalogue, layer: Layer, counts: dict[str, int]) -> list[Component]:
    """Return the keys of a layer: its terms by colour, its sizes, its marks, and what hollow means.

    ``counts`` by term leaves out terms that do not occur when there are many.
    """
    parts: list[Component] = []
    terms = _term_keys(cat, layer, counts)
    if terms:
        parts.append(html.Div(terms, className="keys"))
    marks = [*_size_keys(layer), *_mark_keys(cat, layer), _hollow_key(layer)]
    parts.append(html.Div([m for m in marks if m is not None], className="keys"))
    return parts


def _term_keys(cat: Catalogue, layer: Layer, counts: dict[str, int]) -> list[Component]:
    spec = layer.field(layer.style.color_by) if layer.style.color_by else None
    if spec is None or not spec.vocabulary:
        return []
    values = cat.vocabularies[spec.vocabulary].values
    kept = [v for v in values if counts.get(v.value) or len(values) <= 6]
    icons = layer.style.symbol == "icon"
    blank = [html.Span([el.symbol(layer.style, "ink-4"), t("legend.blank")])] if counts.get("") and not icons else []
    return [
        html.Span(
            [
                el.icon(f"m-{v.icon}", small=True) if icons and v.icon else el.symbol(layer.style, v.color),
                v.value,
            ]
        )
        for v in kept
    ] + blank


def _size_keys(layer: Layer) -> list[Component]:
    spec = layer.field(layer.style.size_by) if layer.style.size_by else None
    if spec is None or not any(layer.style.size_at):
        return []
    how, (low, high) = quantity(spec), layer.style.size_range
    top = max(layer.style.size_at)
    keys = []
    for i, value in enumerate(layer.style.size_at):
        radius = max(low, high * math.sqrt(value / top))
        size = f"{2 * radius:.0f}px"
        unit = how.unit if i == len(layer.style.size_at) - 1 else ""
        ring = html.I(className="ring", style={"width": size, "height": size})
        keys.append(html.Span([ring, f"{number(value, 0, how.factor)}{unit}"]))
    return keys


def _mark_keys(cat: Catalogue, layer: Layer) -> list[Component]:
    keys: list[Component] = []
    stage = layer.event_field("stage")
    if stage is not None:
        keys.append(html.Span([html.I(className="sy sy-circle stall"), t("legend.stalled")]))
    if layer.style.ring_by:
        keys.append(html.Span([html.I(className="sy sy-ring"), _title(layer, layer.style.ring_by)]))
    if layer.style.line_by:
        spec = layer.field(layer.style.line_by)
        terms = cat.terms(spec) if spec is not None else ()
        for i, term in enumerate(terms):
            keys.append(html.Span([html.I(className="sy sy-polygon", style={"--w": f"{1 + i * 0.7:.1f}px"}), term]))
    for name, mark in zip(layer.style.pips, ("pips", "leaf", "halo", "wave"), strict=False):
        keys.append(html.Span([html.I(className=f"sy sy-{mark}"), _title(layer, name)]))
    return keys


def _title(layer: Layer, field_id: str) -> str:
    spec = layer.field(field_id)
    return spec.title if spec is not None else field_id


def _hollow_key(layer: Layer) -> Component | None:
    if layer.geometry in ("line", "polygon"):
        return None
    own = {} if layer.style.color == "flat" else {"--c": f"var(--{layer.style.color})"}
    return html.Span([html.I(className="sy sy-circle hollow", style=own), t("legend.hollow")])


def drawn_line(rollup: Rollup, n_all: int) -> str:
    """Return how many are drawn, have no place, and are hidden by the filters."""
    shown = rollup.total.n
    nowhere = rollup.unlocated.n
    return t(
        "legend.drawn", drawn=f"{shown - nowhere:,}", unlocated=f"{nowhere:,}", hidden=f"{max(0, n_all - shown):,}"
    )
