"""Rows that wait in quarantine: a grid per layer in the sender's own columns, with the reason beside each."""

from __future__ import annotations

import asyncio

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.format import DASH
from layers.registry import Catalogue
from layers.spec import Layer
from layers.store.reader import Reader

SHOWN = 500


async def waiting(reader: Reader, cat: Catalogue) -> dict[str, int]:
    """Return how many rows of each layer wait."""
    found = await asyncio.gather(*(reader.quarantine(x) for x in cat.layers))
    return {layer: len(rows) for layer, rows in zip(cat.layers, found, strict=True) if rows}


async def page(reader: Reader, layer: Layer) -> Component:
    """Return the grid of one layer."""
    rows = await reader.quarantine(layer.id)
    faults = {r: await reader.issues(r, internal=True) for r in sorted({int(q["run_id"]) for q in rows})}
    head = html.Div(
        [
            el.link(t("import.back"), "/data", "txt"),
            html.H1(t("import.held_title", layer=layer.title)),
            html.Span(t("import.rows", n=len(rows)), className="cap"),
            el.spacer(),
            html.A(
                [el.icon("download", small=True), t("import.held_download")],
                href=f"/data/held/{layer.id}", className="btn sm", **{"data-file": ""},
            ),
        ],
        className="row gap2 wrap hhead",
    )  # fmt: skip
    if not rows:
        head.children.pop()
        return html.Div([head, el.empty(t("import.held_none", layer=layer.title))], className="dpad")
    headers = list(dict.fromkeys(h for q in rows for h in q["cells"]))
    body = []
    for q in rows[:SHOWN]:
        bad = [i for i in faults[int(q["run_id"])] if i["row"] == q["row"] and i["severity"] == "error"]
        values = {i["value"] for i in bad if i["value"]}
        cells = [
            html.Td(str(q["row"] or DASH), className="num"),
            html.Td(html.Ul([html.Li(i["message"]) for i in bad])),
        ]
        cells += [
            html.Td(q["cells"].get(h) or DASH, className="bad" if q["cells"].get(h) in values else "") for h in headers
        ]
        cells.append(html.Td(f"{q['file_name'] or DASH} · {q['run_id']}", className="dim"))
        body.append(html.Tr(cells))
    names = [t("import.h_row"), t("import.h_why"), *headers, t("import.h_from")]
    table = html.Table([html.Thead(html.Tr([html.Th(x) for x in names])), html.Tbody(body)], className="t1 held")
    note = html.P(t("import.held_note"), className="cap")
    return html.Div([head, note, html.Div(table, className="scrollx", tabIndex=0)], className="dpad")
