"""The form that corrects one record: a run with its reason; only what was changed is written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.format import DASH
from etl.parse_amount import parse_unit
from etl.place import can_move
from layers.registry import Catalogue
from layers.spec import FieldSpec, Layer

BOOLEAN = (("", ""), *((t(x), t(x)) for x in ("steward.yes", "steward.no")))


def shown(spec: FieldSpec, value: Any) -> str:
    """Return a stored value as it is typed: numbers in the unit that people see, exactly."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return t("steward.yes" if value else "steward.no")
    if isinstance(value, (list, tuple)):
        return t("steward.and").join(str(v) for v in value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if spec.is_number and spec.display_unit:
        seen, kept = parse_unit(spec.display_unit), parse_unit(spec.unit)
        if seen is not None and kept is not None:
            return f"{(Decimal(repr(value)) * kept.factor / seen.factor).normalize():f}"
    return f"{Decimal(repr(value)).normalize():f}" if isinstance(value, float) else str(value)


def _box(name: str, value: str, label: str, hint: str = "") -> Component:
    given = {"data-edit": name, "data-text": value, "data-label": label, "data-hint": hint}
    return html.Span(className="tbox", **given)


def _choice(name: str, value: str, options: tuple[tuple[str, str], ...], label: str) -> Component:
    given = {"aria-label": label, "data-value": value, "data-edit": name, "data-was": value}
    made = html.Select([html.Option(text, value=v) for v, text in options], **given)
    return html.Span([made, el.icon("down", small=True)], className="sel")


def _control(spec: FieldSpec, cat: Catalogue, value: Any, layer: Layer) -> Component:
    text = shown(spec, value)
    if spec.id in layer.key:
        return el.row(html.Span(text or DASH), html.Span(t("steward.edit_key"), className="cap"), className="gap2")
    if spec.type == "boolean":
        return _choice(spec.id, text, BOOLEAN, spec.title)
    if spec.type == "code":
        terms = (("", ""), *((x, x) for x in cat.terms(spec)))
        return _choice(spec.id, text, terms, spec.title)
    return _box(spec.id, text, spec.title)


def _line(title: str, control: Component, unit: str = "") -> Component:
    return html.Div([html.Span(title, className="cap"), control, html.Span(unit, className="cap")], className="eline")


def _event_hint(kind: str, events: Sequence[Mapping[str, Any]]) -> str:
    """Return what is on record of a kind of event, and what a date typed there does."""
    known = [e for e in events if e["type"] == kind and not e["end_date"]]
    if not known:
        return t("steward.edit_event_hint")
    said = (f"{e['level']} {e['date_text'] or e['event_date']}".strip() for e in known)
    return t("steward.edit_event_now", now=t("steward.and").join(said))


def _place(layer: Layer, ident: int, record: Mapping[str, Any]) -> Component | None:
    """Return where the place is shown and given: as a pair of degrees, or by a press on the map."""
    geom = record["geom"]
    if not can_move(layer, geom):
        key = "edit_shape" if layer.has_area else "edit_shape_only"
        map_link = el.link(t("steward.edit_on_map"), f"/?layer={layer.id}&sel={layer.id}:{ident}")
        said = html.P([t(f"steward.{key}"), map_link], className="cap")
        return html.Section([html.H2(t("steward.edit_place")), said], className="eplace")
    pair = "" if geom is None else f"{geom.x:.6f},{geom.y:.6f}"
    hint, label = t("steward.edit_place_hint"), t("steward.edit_place")
    accuracy = record["location_accuracy"]
    how = _choice(
        "place_how", accuracy if accuracy == "surveyed" else "sketched",
        (("sketched", t("steward.place_sketched")), ("surveyed", t("steward.place_surveyed"))), t("steward.place_how"),
    )  # fmt: skip
    look = {"data-place": pair, "aria-label": t("steward.edit_place_map")}
    return html.Section(
        [
            html.H2(label),
            html.P(t("steward.edit_place_note", accuracy=t(f"steward.accuracy_{accuracy}")), className="cap"),
            el.row(_box("place", pair, label, hint), how, className="gap2 wrap pline"),
            html.Div(className="pmap", role="group", **look),
        ],
        className="eplace",
        id=f"record-{layer.id}-{ident}-place",
    )


def page(
    layer: Layer, cat: Catalogue, ident: int, record: Mapping[str, Any], events: Sequence[Mapping[str, Any]] = ()
) -> Component:
    """Return the form of one record."""
    lines = [
        _line(t("steward.edit_name"), _box("name", record["name"], t("steward.edit_name"))),
        _line(t("steward.edit_address"), _box("address", record["address"] or "", t("steward.edit_address"))),
    ]
    derived = {g.field for g in layer.events if g.field and not g.levels}
    for spec in layer.fields:
        if spec.id not in derived:
            unit = spec.display_unit or spec.unit
            lines.append(_line(spec.title, _control(spec, cat, record[spec.id], layer), unit))
    for kind in (k for g in layer.events for k in g.types):
        title = t("steward.edit_event", kind=kind)
        lines.append(_line(title, _box(f"event:{kind}", "", title, _event_hint(kind, events))))
    foot = [
        html.Label(
            [t("import.reason"), el.text_input("edit-reason", t("steward.edit_reason_hint"), t("import.reason"))]
        ),
        html.Label(
            [t("steward.edit_since"), el.text_input("edit-since", t("import.as_of_hint"), t("steward.edit_since"))]
        ),
        html.Label([t("import.who"), el.text_input("edit-who", "", t("import.who"), remembered=True)]),
        el.button(t("steward.edit_save"), "btn pri", **{"data-save": f"/data/records/{layer.id}/{ident}"}),
    ]
    head = [
        el.link(t("import.back"), "/data", "txt"),
        html.H1(t("steward.edit_title", name=record["name"])),
        html.Span(layer.title, className="cap"),
    ]
    return html.Div(
        [
            html.Div(head, className="row gap2 wrap hhead"),
            html.P(t("steward.edit_note"), className="cap"),
            html.Div(lines, className="eform", id=f"record-{layer.id}-{ident}"),
            _place(layer, ident, record),
            html.Div(foot, className="row gap2 wrap efoot", id=f"record-{layer.id}-{ident}-foot"),
        ],
        className="dpad",
    )
