"""This map as a picture, a page and a table: links that carry the whole state."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.format import day
from app.pages.state import State
from layers.registry import Catalogue
from layers.spec import Layer


def recipe(cat: Catalogue, state: State) -> dict[str, Any]:
    """Return what is on the screen as a recipe: layers with filters, measure, day, classes, title."""
    measure_id, measure = state.shown_measure(cat)
    layer = cat.layer(state.layer)
    what = measure.title if measure is not None else t("rollup.count")
    return {
        "version": 1,
        "family": "map",
        "layers": [{"id": x, "filter": state.filter_of(cat.layers[x])} for x in state.visible(cat)],
        "by": state.axis,
        "layer": layer.id,
        "measure": measure_id if state.choropleth else None,
        "as_of": state.as_of.isoformat() if state.as_of else None,
        "known_at": None,
        "demo": state.demo,
        "extent": state.areas[0] if len(state.areas) == 1 and state.areas[0].isdecimal() else "city",
        "classes": {"scheme": state.scheme, "k": state.k},
        "title": t("export.title", layer=layer.title, measure=what),
        "paper": "A4",
        "dpi": 300,
        "map_approval_no": "",
    }


def map_url(cat: Catalogue, state: State, kind: str) -> str:
    """Return the address of this map as png or pdf."""
    text = json.dumps(recipe(cat, state), ensure_ascii=False, separators=(",", ":"))
    return "/api/v1/export/map?" + urlencode({"recipe": text, "format": kind})


def rows_url(state: State, layer: Layer) -> str:
    """Return the address of the table's rows as xlsx."""
    asked = {"filter": state.filter_of(layer), "as_of": day(state.as_of) if state.as_of else ""}
    query = {k: v for k, v in asked.items() if v} | {"demo": "1" if state.demo else "0"}
    return f"/api/v1/export/rows/{layer.id}.xlsx?{urlencode(query)}"


def export_links(cat: Catalogue, state: State, classes: str = "") -> list[Component]:
    """Return the three links: picture, page, rows."""
    layer = cat.layer(state.layer)
    made = [
        (t("export.png"), map_url(cat, state, "png")),
        (t("export.pdf"), map_url(cat, state, "pdf")),
        (t("export.xlsx", layer=layer.title), rows_url(state, layer)),
    ]
    return [
        html.A([el.icon("download", small=True), text], href=url, className=classes, **{"data-file": ""})
        for text, url in made
    ]


def export_menu(cat: Catalogue, state: State) -> Component:
    """Return the menu of the right panel's head."""
    summary = html.Summary(
        el.icon("download"), className="ib sm", title=t("export.menu"), **{"aria-label": t("export.menu")}
    )
    return html.Details(
        [summary, html.Div(export_links(cat, state), className="menu")], className="drop", id="export-menu"
    )
