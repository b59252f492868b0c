"""The card of a clicked thing: what it is, its figures, its events, every field, its source, what is near."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.format import DASH, day, degrees, quantity
from app.pages.map.figures import area_curve
from app.pages.state import State
from app.pages.view import Card, Event
from layers.registry import Catalogue
from layers.spec import EventGroup, FieldSpec, Layer

MOST_FIGURES = 3


def accuracy_word(cat: Catalogue, accuracy: str) -> str:
    """Return the accuracy of a location in words."""
    for value in cat.vocabularies["location_accuracy"].values:
        if value.value == accuracy and value.aliases:
            return value.aliases[0]
    return t("card.unlocated")


def shown_value(spec: FieldSpec, value: Any) -> str:
    """Return a field's value with its unit; a dash when there is none."""
    if value is None or value == "" or value == []:
        return DASH
    if spec.is_number:
        how = quantity(spec)
        return f"{how.text(float(value))} {how.unit}".strip()
    if spec.type == "boolean":
        return t("filter.yes") if value else t("filter.no")
    if isinstance(value, (list, tuple)):
        return t("list.comma").join(str(x) for x in value)
    return day(str(value)) if spec.type == "date" else str(value)


def head(cat: Catalogue, state: State, layer: Layer, card: Card) -> Component:
    """Return tags, name, place and the actions."""
    tags = [el.demo_tag() if card.is_demo else None]
    for spec in layer.fields:
        value = card.values.get(spec.id)
        kind = _tag_kind(cat, spec, str(value))
        if spec.is_categorical and spec.type == "code" and value and (spec.table or kind == "amber"):
            tags.append(el.tag(str(value), kind))
    place = t("list.dot").join(x for x in (card.county, card.township, str(card.values.get("park_key") or "")) if x)
    actions = [
        el.button([el.icon("pin", small=True), t("card.locate")], "btn sm", **{"data-fly": f"{card.layer}:{card.id}"}),
        el.button(
            [el.icon("link", small=True), t("card.copy")], "btn sm", **{"data-copy": "", "data-done": t("card.copied")}
        ),
    ]
    if can_sketch(layer, card):
        actions.append(
            el.button(
                [el.icon("edit", small=True), t("card.sketch")], "btn sm", **{"data-sketch": f"{card.layer}:{card.id}"}
            )
        )
    correct = [el.icon("edit", small=True), t("steward.edit")]
    actions.append(html.A(correct, href=f"/data?edit={card.layer}:{card.id}", className="btn sm"))
    del state
    return html.Div(
        [
            html.Div([x for x in tags if x is not None], className="tags"),
            html.H1(card.name, className="name"),
            html.Div(place or t("card.nowhere"), className="cap"),
            html.Div(actions, className="acts"),
        ],
        className="sec ch",
    )


def can_sketch(layer: Layer, card: Card) -> bool:
    """Whether a steward may draw the thing's outline: an areal layer, and no surveyed outline yet."""
    return layer.has_area and not (card.geometry == "polygon" and card.accuracy != "sketched")


def _tag_kind(cat: Catalogue, spec: FieldSpec, value: str) -> str:
    terms = cat.vocabularies[spec.vocabulary].values if spec.vocabulary else ()
    if any(v.value == value and v.color == "amber" and v.group == "" for v in terms) and not spec.table:
        return "amber"
    if "carbon" in spec.id or "green" in spec.id:
        return "reed"
    return "flat" if spec.id == "tier" else ""


def figures(layer: Layer, card: Card) -> Component | None:
    """Return the main numbers large, and the latest of each series with its curve."""
    blocks: list[Component] = []
    for spec in layer.fields:
        value = card.values.get(spec.id)
        if spec.is_number and (spec.table or spec.hover) and value is not None and not spec.internal:
            how = quantity(spec)
            blocks.append(_figure(spec.title, how.text(float(value)), how.unit))
    for series in layer.figures:
        points = card.figures.get(series.id, ())
        if points:
            how = quantity(series)
            blocks.append(
                _figure(series.title, how.text(points[-1][1]), how.unit, t("card.until", day=day(points[-1][0])))
            )
            if len(points) > 2:
                blocks.append(
                    html.Div([html.Div(t("card.curve"), className="cap"), area_curve([v for _, v in points])])
                )
    return html.Div(blocks[: MOST_FIGURES + 1], className="sec figs") if blocks else None


def _figure(title: str, value: str, unit: str, note: str = "") -> Component:
    shown = [
        html.Div(title, className="cap"),
        html.Div([html.Span(value, className="fig"), html.Span(unit, className="unit")]),
    ]
    if note:
        shown.append(html.Div(note, className="cap"))
    return html.Div(shown)


def timeline(cat: Catalogue, layer: Layer, card: Card) -> list[Component]:
    """Return the events group by group, each with its date and the days since the one before."""
    found = []
    for group in layer.events:
        own = [e for e in card.events if e.type in group.types]
        if own:
            found.append(_group(cat, layer, group, own))
        elif group.ordered:
            title = html.H3(t("card.events", group=group.title))
            found.append(html.Div([title, html.P(t("card.no_events"), className="cap")], className="sec"))
    return found


def _group(cat: Catalogue, layer: Layer, group: EventGroup, events: list[Event]) -> Component:
    spec = layer.field(group.field) if group.field else None
    colors = {v.value: v.color for v in cat.vocabularies[spec.vocabulary].values} if spec and spec.vocabulary else {}
    lines: list[Component] = []
    before: dt.date | None = None
    if group.ordered:
        by_type = {e.type: e for e in events}
        for kind in group.types:
            event = by_type.get(kind)
            lines.append(_event_line(kind, event, colors.get(kind, ""), before))
            before = event.date if event is not None and event.date else before
    else:
        for event in sorted(events, key=lambda e: e.date or dt.date.min):
            lines.append(_event_line(event.level or event.type, event, colors.get(event.level, ""), before))
            before = event.date or before
    title = t("card.events", group=group.title)
    return html.Div(
        [
            el.row(html.H3(title), el.spacer(), html.Span(t("card.since"), className="cap")),
            html.Ol(lines, className="tline"),
        ],
        className="sec",
    )


def _event_line(title: str, event: Event | None, color: str, before: dt.date | None) -> Component:
    done = event is not None
    date = day(event.date) if event is not None else DASH
    days = ""
    if event is not None and event.date and before:
        gap = (event.date - before).days
        days = t("card.days", n=f"{gap:,}") if gap >= 0 else t("card.days_wrong", n=f"{-gap:,}")
    note = t("card.ended", day=day(event.end)) if event is not None and event.end else ""
    if event is not None and event.told:
        note = " ".join((t("card.told", text=event.told), note)).strip()
    dot = html.I(className="sy sy-circle" if done else "sy sy-circle none", style={"--c": f"var(--{color or 'q5'})"})
    return html.Li(
        [
            dot,
            html.B(title),
            html.Span(date, className="dt"),
            html.Span(note, className="cap"),
            el.spacer(),
            html.Span(days, className="cap"),
        ],
        className="" if done else "none",
    )


# Records of these accuracies have no coordinates: the map shows them somewhere in their county.
_ONLY_DRAWN = frozenset({"township", "county", "none"})


def fields(cat: Catalogue, layer: Layer, card: Card) -> Component:
    """Return every public field with its unit, then place, accuracy, date and source."""
    long: list[Component] = []
    lines: list[Component] = []
    for spec in layer.fields:
        if spec.internal or not spec.card:
            continue
        value = shown_value(spec, card.values.get(spec.id))
        if value == DASH:
            continue
        if spec.format == "url" or spec.id == "source_url":
            lines.append(_line(spec.title, _urls(value)))
        elif len(value) > 60 or "\n" in value:
            long.append(_line(spec.title, html.Div([html.P(x) for x in value.split("\n") if x], className="long")))
        else:
            lines.append(_line(spec.title, value))
    lines.append(_line(t("card.places"), t("list.slash").join((card.county or DASH, card.unit or DASH))))
    where = accuracy_word(cat, card.accuracy)
    if card.accuracy in _ONLY_DRAWN:
        where = t("list.dot").join((where, t("card.drawn_only")))
    elif card.lon is not None and card.lat is not None:
        where = t("list.dot").join((where, degrees(card.lon, card.lat)))
    lines.append(_line(t("card.accuracy"), where))
    lines.append(_line(t("card.data_date"), t("list.dot").join(x for x in (day(card.data_date), layer.owner) if x)))
    lines.append(_line(t("card.source"), _source(card)))
    if any(f.internal for f in layer.fields):
        lines.append(
            _line(
                t("card.internal"), html.Span([el.icon("lock", small=True), t("card.internal_only")], className="dim")
            )
        )
    return html.Div([html.H3(t("card.fields")), html.Dl([*lines, *long])], className="sec")


def _line(title: str, value: Component | str) -> Component:
    return html.Div([html.Dt(title), html.Dd(value)])


def _urls(value: str) -> Component:
    found = re.findall(r"https?://[\x21-\x7e]+", value)
    links = [html.A(x, href=x, target="_blank", rel="noopener noreferrer", className="url") for x in found]
    return html.Div(links or value)


def _source(card: Card) -> str:
    if not card.source_name:
        return DASH
    return t("card.row", file=card.source_name, row=card.source_row) if card.source_row else card.source_name


def near(cat: Catalogue, state: State, card: Card) -> Component | None:
    """Return the nearest things of other layers, each a link to its card."""
    if not card.near:
        return None
    lines = [
        html.Div(
            [
                el.symbol(cat.layers[x.layer].style),
                el.link(x.name, state.but(selected=(x.layer, x.id)).url()),
                html.Span(x.note or cat.layers[x.layer].title, className="cap ell"),
                el.demo_tag() if x.is_demo else None,
                el.spacer(),
                html.Span(f"{x.distance_m / 1000:.1f}", className="num"),
            ],
            className="nr",
        )
        for x in card.near
        if x.layer in cat.layers
    ]
    return html.Div(
        [el.row(html.H3(t("card.near")), el.spacer(), html.Span("km", className="cap")), *lines], className="sec"
    )


def card_panel(cat: Catalogue, state: State, card: Card) -> list[Component]:
    """Return the whole card."""
    layer = cat.layer(card.layer)
    parts = [
        head(cat, state, layer, card),
        figures(layer, card),
        *timeline(cat, layer, card),
        fields(cat, layer, card),
        near(cat, state, card),
    ]
    return [p for p in parts if p is not None]
