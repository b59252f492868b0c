"""Rows that wait in quarantine: a grid per layer in the sender's own columns, with the reason beside each."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.format import DASH
from etl.returned import colours_of, matches_of
from layers.registry import Catalogue
from layers.spec import Layer
from layers.store.quarantine import HeldFile
from layers.store.reader import Reader

SHOWN = 500


async def waiting(reader: Reader, cat: Catalogue) -> dict[str, int]:
    """Return how many rows of each layer wait."""
    found = await asyncio.gather(*(reader.quarantine(x) for x in cat.layers))
    return {layer: len(rows) for layer, rows in zip(cat.layers, found, strict=True) if rows}


def page(layer: Layer, files: Sequence[HeldFile]) -> Component:
    """Return the grid of one layer: the sender's own columns, wrong cells marked, the reason beside each row."""
    n = sum(len(f.rows) for f in files)
    head: list[Component] = [
        el.link(t("import.back"), "/data", "txt"),
        html.H1(t("import.held_title", layer=layer.title)),
        html.Span(t("import.rows", n=n), className="cap"),
    ]
    if not n:
        none = el.empty(t("import.held_none", layer=layer.title))
        return html.Div([html.Div(head, className="row gap2 wrap hhead"), none], className="dpad")
    button = [el.icon("download", small=True), t("import.held_download")]
    link = html.A(button, href=f"/data/held/{layer.id}", className="btn sm", **{"data-file": ""})
    return html.Div(
        [
            html.Div([*head, el.spacer(), link], className="row gap2 wrap hhead"),
            html.P(t("import.held_note"), className="cap"),
            html.P(t("steward.cells_note"), className="cap"),
            *(_table(f, layer) for f in files),
        ],
        className="dpad",
    )


def _table(held: HeldFile, layer: Layer) -> Component:
    headers = list(dict.fromkeys([*(str(c["header"]) for c in held.columns), *(h for r in held.rows for h in r.cells)]))
    body, matches = [], matches_of(held, layer)
    for row in held.rows[:SHOWN]:
        said = list(dict.fromkeys(f.message for f in row.faults if f.severity == "error"))
        marks = colours_of(row, matches, layer)
        cells = [html.Td(str(row.row or DASH), className="num"), html.Td(html.Ul([html.Li(x) for x in said]))]
        for h in headers:
            cell = row.cells.get(h) or ""
            own = {"data-ticket": str(row.ticket), "data-header": h, "data-was": cell} if h in row.cells else {}
            look = "bad" if marks.get(h) == "error" else ""
            cells.append(html.Td(cell or ("" if own else DASH), className=look, **own))
        body.append(html.Tr(cells))
    heads = [html.Th(x) for x in (t("import.h_row"), t("import.h_why"), *headers)]
    title = t("import.held_run", file=held.file_name, run=held.run_id, n=len(held.rows), layer=layer.title)
    table = html.Table([html.Thead(html.Tr(heads)), html.Tbody(body)], className="t1 held")
    send = el.button(t("steward.cells_send"), "btn sm pri", **{"data-cells": f"/data/held/{layer.id}/{held.run_id}"})
    head = html.Div([html.H2(title), el.spacer(), send], className="row gap2 wrap")
    return html.Section([head, html.Div(table, className="scrollx", tabIndex=0)])
