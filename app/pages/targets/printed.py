"""The list as a sheet of paper, for one department or for all: what is on the screen is what is printed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.format import day
from app.pages.targets.svg import gauge
from app.pages.targets.table import APART
from app.pages.targets.view import STATUSES, View, count_statuses, departments
from app.pages.targets.words import amount, comparator, shown, status_name
from layers.store.slices import today

Row = Mapping[str, Any]
COLUMNS = ("no", "indicator", "goal", "value", "progress", "status", "reason", "owners")


def _line(row: Row) -> html.Tr:
    target = comparator(row)
    drawn = gauge(row, "gauge print") if row["kind"] in ("target", "list") and row["target"] else ""
    value = shown(row["value"], row["unit"]) if row["kind"] in ("target", "list") else ""
    marks = [t("targets.open")] if row["question"] else []
    marks += [t("demo.tag")] if row["found"]["n_demo"] else []
    name = [row["indicator"], *(el.tag(m, "line") for m in marks), html.Q(row["clause"])]
    return html.Tr(
        [
            html.Td(row["id"]),
            html.Td(name),
            html.Td(target),
            html.Td(value, className="num"),
            html.Td(drawn, className="gc"),
            html.Td(html.B(status_name(row["status"]))),
            html.Td(row["reason"]),
            html.Td(t("list.comma").join(row["owners"])),
        ]
    )


def _bar(view: View, rows: list[Row]) -> Component:
    options = [("", t("targets.all_depts")), *((d, d) for d in departments(rows))]
    return el.row(
        el.button([el.icon("left", small=True), t("targets.back")], "btn", **el.op(("set", "print", ""))),
        el.select(options, view.dept, t("targets.by_dept"), ("set", "dept", "$")),
        el.spacer(),
        el.button([el.icon("doc", small=True), t("targets.print_now")], "btn pri", **{"data-print": ""}),
        className="gap2 no-print pbar",
    )


def printed(view: View, body: Mapping[str, Any]) -> list[Component]:
    """Return the sheet."""
    document, rows = body["document"], body["rows"]
    chosen = view.chosen(rows)
    counts = count_statuses(chosen)
    said = t("list.comma").join(
        t("targets.count_of", status=status_name(s), n=counts[s]) for s in STATUSES if counts[s]
    )
    who = view.dept or t("targets.all_depts")
    facts = [
        t("targets.document", title=document["title"], version=document["version"]),
        t("targets.as_of", day=day(view.day)),
        t("targets.demo_on" if view.demo else "targets.demo_off"),
        t("targets.printed", day=day(today())),
    ]
    if view.known_at:
        at = view.known_at.astimezone(dt.timezone(dt.timedelta(hours=8))).strftime("%Y-%m-%d %H:%M")
        facts.append(t("targets.known_at", at=at))
    heads = html.Thead(
        html.Tr([html.Th(t(f"targets.p_{c}"), className="num" if c == "value" else "") for c in COLUMNS])
    )
    groups: list[Component] = []
    for kind in ("target", *APART):
        own = [r for r in chosen if r["kind"] == kind]
        if own:
            title = html.Tr(html.Th(t(f"targets.k_{kind}"), colSpan=len(COLUMNS)), className="sect")
            groups.append(html.Tbody([title, *(_line(r) for r in own)]))
    table: Component = html.Table([heads, *groups], className="ptab2")
    if not groups:
        table = el.empty(t("targets.none"))
    sheet = html.Article(
        [
            html.H1(t("targets.print_title", year=document["year"], who=who)),
            html.P(t("list.dot").join(facts), className="cap"),
            html.P(t("targets.print_counts", n=sum(counts.values()), text=said) if said else t("targets.none")),
            table,
            html.P([amount(len(chosen)), t("targets.print_foot")], className="cap"),
        ],
        className="paper",
    )
    return [_bar(view, list(rows)), sheet]
