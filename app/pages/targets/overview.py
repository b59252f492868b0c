"""What stands in the card's place while no target is chosen: each department's targets by status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.format import DASH
from app.pages.targets.view import STATUSES, count_statuses, departments
from app.pages.targets.words import status_name


def overview(body: Mapping[str, Any]) -> list[Component]:
    """Return a table of departments: how many targets have each status, each number a filter, and a print view."""
    targets = [r for r in body["rows"] if r["kind"] == "target" and not r["alias_of"]]
    lines = []
    for name in departments(targets):
        own = [r for r in targets if name in r["owners"]]
        counts = count_statuses(own)
        cells = [
            html.Td(el.button(name, "txt2", title=t("targets.only_dept", dept=name), **el.op(("set", "dept", name))))
        ]
        for status in STATUSES:
            n = counts[status]
            steps = el.op(("set", "dept", name), ("set", "status", status))
            cells.append(
                html.Td(el.button(str(n), "lk", **steps) if n else DASH, className="num" + ("" if n else " dim"))
            )
        printing = el.button(
            el.icon("doc", small=True), "ib sm", title=t("targets.print_dept", dept=name),
            **{"aria-label": t("targets.print_dept", dept=name)},
            **el.op(("set", "dept", name), ("set", "print", "1")),
        )  # fmt: skip
        lines.append(html.Tr([*cells, html.Td(len(own), className="num"), html.Td(printing)]))
    heads = [html.Th(t("targets.h_dept"))] + [html.Th(status_name(s), className="num") for s in STATUSES]
    heads += [html.Th(t("targets.h_all"), className="num"), html.Th(t("targets.print"))]
    table = html.Table([html.Thead(html.Tr(heads)), html.Tbody(lines)], className="dt2")
    return [
        el.row(html.H2(t("targets.by_dept_title")), className="ph"),
        html.Div(
            [
                html.Div(html.P(t("targets.pick"), className="tgx-said"), className="sec"),
                html.Div([html.Div(table, className="scrollx"), html.P(t("targets.shared"), className="cap")],
                         className="sec"),
            ],
            className="scroll",
        ),
    ]  # fmt: skip
