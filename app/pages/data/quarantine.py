"""Rows that wait in quarantine: a grid per layer in the sender's own columns, with the reason beside each."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.data import pager, summary
from app.pages.data.pager import Asked
from app.pages.format import DASH
from etl.returned import colours_of, matches_of
from layers.spec import Layer
from layers.store.quarantine import HeldFile, HeldPage


def cause_of(why: str) -> tuple[str, str] | None:
    """Return the issue type and field that an address names as ``type`` or ``type.field``."""
    kind, _, name = why.partition(".")
    return (kind, name) if kind else None


def page(layer: Layer, held: HeldPage, asked: Asked | None = None) -> Component:
    """Return one page of a layer's grid: the sender's own columns, wrong cells marked, the reason beside each row."""
    asked = asked or Asked()
    waiting = sum(held.waiting.values())
    head: list[Component] = [
        el.link(t("import.back"), "/data", "txt"),
        html.H1(t("import.held_title", layer=layer.title)),
        html.Span(t("import.rows", n=f"{waiting:,}"), className="cap"),
    ]
    if not waiting:
        none = el.empty(t("import.held_none", layer=layer.title), el.link(t("import.back"), "/data"))
        return html.Div([html.Div(head, className="row gap2 wrap hhead"), none], className="dpad")
    button = [el.icon("download", small=True), t("import.held_download")]
    link = html.A(button, href=f"/data/held/{layer.id}", className="btn sm", **{"data-file": ""})
    causes = [
        (f"{kind}.{name}".rstrip("."), summary.cause_title(kind, name, layer).split(t("pager.cut"))[0], n)
        for kind, name, n in held.causes
    ]
    parts: list[Component] = [
        html.Div([*head, el.spacer(), link], className="row gap2 wrap hhead"),
        html.P([t("import.held_note"), " ", t("steward.cells_note")], className="cap"),
        html.Div(
            [*pager.chips(causes, asked.why, waiting), pager.search(asked.find, t("steward.held_find"))],
            className="row gap2 wrap chips held",
        ),
    ]
    if not held.n:
        ops = el.op(("set", "why", ""), ("set", "find", ""), ("set", "from", ""))
        parts.append(el.empty(t("steward.held_no_match"), el.button(t("steward.held_all"), "btn sm", **ops)))
        return html.Div(parts, className="dpad", id=f"held-{layer.id}")
    if held.n > pager.PAGE or asked.narrowed:
        parts.append(pager.line(held.first, held.n, "rows"))
    parts += [_table(f, layer, held.waiting[f.run_id]) for f in held.files]
    if held.n > pager.PAGE and sum(len(f.rows) for f in held.files) > 20:
        parts.append(pager.line(held.first, held.n, "rows"))
    return html.Div(parts, className="dpad", id=f"held-{layer.id}")


def _table(held: HeldFile, layer: Layer, n: int) -> Component:
    headers = list(dict.fromkeys([*(str(c["header"]) for c in held.columns), *(h for r in held.rows for h in r.cells)]))
    body, matches = [], matches_of(held, layer)
    for row in held.rows:
        said = list(dict.fromkeys(f.message for f in row.faults if f.severity == "error"))
        marks = colours_of(row, matches, layer)
        cells = [html.Td(str(row.row or DASH), className="num"), html.Td(html.Ul([html.Li(x) for x in said]))]
        for h in headers:
            cell = row.cells.get(h) or ""
            own = {"data-ticket": str(row.ticket), "data-header": h, "data-was": cell} if h in row.cells else {}
            look = "bad" if marks.get(h) == "error" else ""
            cells.append(html.Td(cell or ("" if own else DASH), className=look, **own))
        body.append(html.Tr(cells))
    heads = [html.Th(x, scope="col") for x in (t("import.h_row"), t("import.h_why"), *headers)]
    title = t("import.held_run", file=held.file_name, run=held.run_id, n=f"{n:,}", layer=layer.title)
    table = html.Table([html.Thead(html.Tr(heads)), html.Tbody(body)], className="t1 held")
    path = f"/data/held/{layer.id}/{held.run_id}"
    send = el.button(t("steward.cells_send"), "btn sm pri", **{"data-cells": path})
    drop = el.button(t("steward.cells_drop"), "btn sm", **{"data-cells-drop": path})
    count = html.Span(className="cap edits", **{"data-cells-count": path})
    head = html.Div([html.H2(title), el.spacer(), count, drop, send], className="row gap2 wrap")
    return html.Section(
        [head, html.Div(table, className="scrollx grid", tabIndex=0, **{"data-cells-of": path})],
        id=f"held-run-{held.run_id}",
    )
