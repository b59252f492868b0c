"""The list: every distinct target under its section and task, then lists, thresholds and milestones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.format import DASH
from app.pages.targets.head import equation
from app.pages.targets.svg import gauge
from app.pages.targets.view import FILTERS, View, everywhere
from app.pages.targets.words import amount, comparator, share_text, sign, status_tag

Row = Mapping[str, Any]
COLUMNS = ("task", "indicator", "target", "progress", "value", "share", "status", "basis", "owners")
NUMBERS = {"target", "value", "share"}
APART = ("list", "threshold", "milestone")


def rows_link(view: View, row: Row, text: str, of: str = "") -> Component | str:
    """Return a figure that leads to exactly the rows it counts; plain where it is not counted from rows."""
    if row["basis"] != "computed" or row["n_rows"] is None:
        return text
    there = view.but(target=row["id"], rows=True, of=of, page=1)
    steps = [("set", "t", row["id"]), ("set", "rows", "1"), ("set", "of", of), ("set", "page", "")]
    return el.link(text, there.url(), title=t("targets.see_rows", n=row["n_rows"]), **el.op(*steps))


def open_tag(row: Row) -> Component | None:
    """Return the label of what the document leaves open."""
    if not row["question"]:
        return None
    return html.Span(t("targets.open"), className="tag open", title=t("targets.open_is", text=row["question"]))


def owners_text(row: Row, every: str) -> str:
    """Return the departments, short; those who answer for everything are not repeated."""
    city, party = t("targets.city"), t("targets.party")
    own = [o for o in row["owners"] if o != every]
    return t("list.dot").join(o if o.startswith(party) else o.removeprefix(city) for o in own)


def _target_cells(row: Row) -> list[Component]:
    if row["target"] is None:
        return [html.Td(DASH, className="num dim goal")]
    unit = html.Span(row["unit"], className="unit uu")
    cell = [html.Span(sign(row), className="dim sg"), html.B(amount(row["target"])), unit]
    return [html.Td(cell, className="num goal", title=comparator(row))]


def _progress(row: Row) -> Component | str:
    if row["kind"] in ("target", "list") and row["target"]:
        return gauge(row)
    return html.Span(row["reason"], className="cap ell", title=row["reason"])


def list_row(view: View, row: Row, every: str, *, first: bool) -> html.Tr:
    """Return one row of the list."""
    name = html.Button(
        row["indicator"], type="button", className="nm", title=row["clause"],
        **el.op(("set", "t", row["id"]), ("set", "of", ""), ("set", "page", "")),
    )  # fmt: skip
    aliases = el.tag(t("targets.same_as", ids=t("list.comma").join(row["aliases"])), "line") if row["aliases"] else None
    task = [html.B(row["task"]), html.Span(row["task_title"])] if row["task"] else t("targets.no_task")
    basis = t(f"targets.basis_{row['basis']}_short")
    plain = row["kind"] in ("threshold", "milestone")
    value = "" if plain else rows_link(view, row, amount(row["value"]))
    if plain:
        progress = [html.Td(_progress(row), className="gc", colSpan=3)]
    else:
        progress = [
            html.Td(_progress(row), className="gc"),
            html.Td(value, className="num val"),
            html.Td(share_text(row["done_pct"]), className="num dim pct"),
        ]
    demo = el.demo_tag() if row["found"]["n_demo"] else None
    cells = [
        html.Td(task if first else "", className="tn"),
        html.Td(html.Div([name, aliases, open_tag(row), demo], className="nl"), className="ni"),
        *_target_cells(row),
        *progress,
        html.Td(status_tag(row["status"]), className="sc"),
        html.Td(basis, className="cap bs", title=t(f"targets.basis_{row['basis']}_long")),
        html.Td(owners_text(row, every), className="cap ow", title=t("list.comma").join(row["owners"])),
    ]
    return html.Tr(cells, className="first" if first else "", **{"data-target": row["id"]})


def _section(title: str, note: str = "") -> html.Tr:
    cell = [html.B(title), html.Span(note, className="cap")]
    return html.Tr(html.Th(cell, colSpan=len(COLUMNS), scope="colgroup"), className="sect")


def _body(view: View, rows: Sequence[Row], every: str) -> list[Component]:
    last, body = -1, []
    for row in rows:
        no = row["task"] or 0
        body.append(list_row(view, row, every, first=no != last))
        last = no
    return body


def target_list(view: View, body: Mapping[str, Any]) -> list[Component]:
    """Return the list under the filters, or why it is empty and what to do."""
    rows = body["rows"]
    chosen, every = view.chosen(rows), everywhere(rows)
    if not chosen:
        steps = [("drop", key) for key in FILTERS]
        return [el.empty(t("targets.none"), el.button(t("targets.clear"), "btn", **el.op(*steps)))]
    targets = [r for r in chosen if r["kind"] == "target"]
    groups: list[Component] = []
    for section in dict.fromkeys(r["section"] for r in targets):
        own = [r for r in targets if r["section"] == section]
        groups.append(html.Tbody([_section(section, t("targets.n_targets", n=len(own))), *_body(view, own, every)]))
    for kind in APART:
        own = [r for r in chosen if r["kind"] == kind]
        if own:
            title = _section(t(f"targets.k_{kind}"), t(f"targets.k_{kind}_note", n=len(own)))
            groups.append(html.Tbody([title, *_body(view, own, every)]))
    top = [html.Th(t(f"targets.h_{c}"), className="num" if c in NUMBERS else "") for c in COLUMNS]
    foot = html.P([t("targets.equation_is", text=equation(body)), html.Br(), t("targets.foot")], className="cap foot2")
    table = html.Table([html.Thead(html.Tr(top)), *groups], className="tgt")
    return [table, foot]
