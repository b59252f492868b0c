"""The head of the page: the document, the day, the demo switch, what can be done, the counts by status, filters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.targets.forms import value_form
from app.pages.targets.view import FILTERS, NO_TASK, STATUSES, View, count_statuses, departments
from app.pages.targets.words import COLOURS, share_text, status_name

Row = Mapping[str, Any]
Body = Mapping[str, Any]


def _month_end(year: int, month: int) -> dt.date:
    return dt.date(year + month // 12, month % 12 + 1, 1) - dt.timedelta(days=1)


def share_due(rows: Sequence[Row]) -> float | None:
    """Return the share of the year that is due under the linear schedule, in per cent."""
    return next((r["share_due_pct"] for r in rows if r["schedule"] == "linear" and r["due"] is not None), None)


def equation(body: Body) -> str:
    """Return what the document's statements are, as a sum that a reader can check."""
    rows = body["rows"]
    kinds = {
        k: sum(1 for r in rows if r["kind"] == k and not r["alias_of"]) for k in ("list", "threshold", "milestone")
    }
    aliases = sum(1 for r in rows if r["alias_of"])
    return t("targets.equation", rows=len(rows), targets=body["document"]["n_targets"], aliases=aliases,
             lists=kinds["list"], thresholds=kinds["threshold"], milestones=kinds["milestone"])  # fmt: skip


def day_box(view: View) -> html.Div:
    """Return where the day is shown, typed and stepped through."""
    return html.Div(
        className="asof2", role="group", **{"data-asof": view.day.isoformat(), "aria-label": t("targets.day_group")}
    )


def entry_menu(body: Body) -> html.Details:
    """Return the choice of what can be entered by hand."""
    items: list[Component] = []
    for row in body["rows"]:
        form = None if row["alias_of"] else value_form(row, body)
        if form:
            items.append(html.Button([html.Span(row["id"], className="cap"), row["indicator"]], type="button", **form))
    summary = html.Summary([el.icon("edit", small=True), t("targets.enter")], className="btn sm")
    return html.Details([summary, html.Div(items, className="menu")], className="drop")


def file_menu(body: Body) -> html.Details:
    """Return what can be done with the document's own file."""
    year = str(body["document"]["year"])

    def item(key: str, what: str, accept: str = "") -> html.Button:
        given = {"data-target-file": what, "data-year": year, "data-accept": accept}
        return html.Button(t(key), type="button", **given)

    items = [
        item("targets.v_attach", "attach", ".docx,.txt,.md"),
        item("targets.v_load", "load", ".toml"),
        item("targets.v_changes", "changes"),
    ]
    summary = html.Summary([el.icon("file", small=True), t("targets.v_menu")], className="btn sm")
    return html.Details([summary, html.Div(items, className="menu")], className="drop")


def head(view: View, body: Body) -> list[Component]:
    """Return the head."""
    document, rows = body["document"], body["rows"]
    due = share_due(rows)
    demo = el.button(
        [html.I(className="sw on" if view.demo else "sw"), t("targets.demo_on" if view.demo else "targets.demo_off")],
        "swl", role="switch", title=t("targets.demo_title"),
        **{"aria-checked": "true" if view.demo else "false"}, **el.op(("set", "tdemo", "" if view.demo else "1")),
    )  # fmt: skip
    copy = el.button(
        [el.icon("link", small=True), t("card.copy")], "btn sm desk", **{"data-copy": "", "data-done": t("card.copied")}
    )
    printing = el.button([el.icon("doc", small=True), t("targets.print")], "btn sm", **el.op(("set", "print", "1")))
    line = el.row(
        html.H1(t("targets.title_year", year=document["year"])),
        html.Span(t("targets.version", title=document["title"], version=document["version"]), className="cap ell desk"),
        el.spacer(),
        el.demo_tag() if view.demo else None,
        demo,
        day_box(view),
        html.Span(t("targets.year_gone", share=share_text(due)), className="cap desk") if due is not None else None,
        entry_menu(body),
        file_menu(body),
        html.A(t("lists.v_lists"), href="/compare?view=lists", className="btn sm desk"),
        printing,
        copy,
        className="gap3 line",
    )
    known = []
    if view.known_at:
        back = el.button(t("targets.known_now"), "txt", **el.op(("set", "known_at", "")))
        at = view.known_at.astimezone(dt.timezone(dt.timedelta(hours=8))).strftime("%Y-%m-%d %H:%M")
        known = [html.P([t("targets.known_at", at=at), back], className="note amber")]
    return [line, *known, strip(view, rows), filters(view, body)]


def strip(view: View, rows: Sequence[Row]) -> html.Div:
    """Return the counts by status of the targets the other filters leave; each is a filter on its status."""
    chosen = view.chosen(rows, status=False)
    counts = count_statuses(chosen)
    parts = []
    for status in STATUSES:
        n, on = counts[status], status in view.statuses
        parts.append(
            html.Button(
                [
                    html.I(className=f"sb sb-{status}", style={"--c": f"var(--{COLOURS[status]})"}),
                    html.Span([html.B(str(n), className="fig"), html.Span(status_name(status), className="cap")]),
                ],
                type="button", className="st on" if on else "st", style={"flexGrow": max(n, 0.6)},
                title=t("targets.only_status", status=status_name(status), n=n),
                **{"aria-pressed": "true" if on else "false"}, **el.op(("toggle", "status", status)),
            )
        )  # fmt: skip
    n_open = sum(1 for r in chosen if r["question"] and r["kind"] == "target")
    parts.append(
        html.Button(
            [
                html.I(className="sb sb-open"),
                html.Span([html.B(str(n_open), className="fig"), html.Span(t("targets.open_of"), className="cap")]),
            ],
            type="button", className="st apart on" if view.open_only else "st apart", title=t("targets.open_title"),
            **{"aria-pressed": "true" if view.open_only else "false"},
            **el.op(("set", "open", "" if view.open_only else "1")),
        )
    )  # fmt: skip
    return html.Div(parts, className="tgx-strip", role="group", **{"aria-label": t("targets.strip")})


def filters(view: View, body: Body) -> html.Div:
    """Return the choices of task, department and basis, and what the gauge's ticks mean."""
    rows = body["rows"]
    tasks = {str(r["task"] or NO_TASK): r for r in rows if not r["alias_of"]}
    task_options = [("", t("targets.all_tasks"))]
    for no, row in sorted(tasks.items(), key=lambda x: int(x[0])):
        words = t("targets.no_task") if no == NO_TASK else t("targets.task", no=no, title=row["task_title"])
        task_options.append((no, words))
    dept_options = [("", t("targets.all_depts")), *((d, d) for d in departments(rows))]
    basis = [("", t("targets.basis_all")), ("computed", t("targets.basis_computed")),
             ("entered", t("targets.basis_entered"))]  # fmt: skip
    clear = (
        el.button(t("targets.clear"), "txt", **el.op(*(("drop", key) for key in FILTERS))) if view.is_filtered else None
    )
    key = [
        html.I(className="k-due"), html.Span(t("targets.key_due")), html.I(className="k-goal"),
        html.Span(t("targets.key_goal")),
    ]  # fmt: skip
    return el.row(
        el.select(task_options, view.task, t("targets.by_task"), ("set", "task", "$")),
        el.select(dept_options, view.dept, t("targets.by_dept"), ("set", "dept", "$")),
        el.segments(basis, view.basis, t("targets.by_basis"), "basis"),
        clear,
        html.Span(t("targets.shown", n=len(view.chosen(rows))), className="cap", role="status"),
        el.spacer(),
        html.Span(key, className="cap keyline desk"),
        className="gap2 picks",
    )
