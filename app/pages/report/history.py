"""The list of reports: what waits with its progress, what is done, what was issued and what it changed."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el

RUNNING = ("queued", "running")


def history(rows: list[dict[str, Any]]) -> list[Component]:
    """Return the list, the latest first."""
    if not rows:
        return [el.empty(t("report.history_empty"))]
    return [entry(row) for row in rows]


def entry(row: dict[str, Any]) -> Component:
    """Return one report: its state in words and what can be done with it."""
    ident = str(row["id"])
    title = row["title"] or t(f"report.kinds.{row['kind']}")
    going = row["state"] in RUNNING and not row["is_lost"]
    facts = [
        t(f"report.kinds.{row['kind']}"),
        t(f"report.formats.{row['format']}"),
        *([row["as_of"]] if row["as_of"] else []),
    ]
    if row["n_bytes"]:
        facts.append(size(row["n_bytes"]))
    head: list[Any] = [html.Span(title, className="rtitle ell", title=title)]
    if row["n_demo"]:
        head.append(el.tag(t("report.has_demo"), "amber"))
    if row["issued_at"]:
        head.append(el.tag(t("report.issued"), "reed"))
    body: list[Any] = [
        html.Div(head, className="row gap2"),
        html.Div(t("list.dot").join((f"#{ident}", *facts)), className="cap"),
    ]
    if going:
        share = round(100 * row["share"])
        bar = html.Span(html.I(style={"width": f"{share}%"}), className="rbar")
        said = row["step"] or t("report.queued")
        body.append(
            html.Div(
                [bar, html.Span(t("report.progress", share=share, step=said), className="cap ell")],
                className="rprog",
                role="progressbar",
                **{"aria-valuenow": str(share), "aria-valuemin": "0", "aria-valuemax": "100", "aria-label": title},
            )
        )
    elif row["is_lost"]:
        body.append(html.Div(t("report.lost"), className="cap bad"))
    elif row["state"] == "failed":
        body.append(html.Div(t("report.failed_why", why=row["message"]), className="cap bad"))
    elif row["state"] == "cancelled":
        body.append(html.Div(t("report.cancelled"), className="cap"))
    if row["issued_at"]:
        told = t("report.issued_by", who=row["issued_by"], day=row["issued_at"][:10])
        if row["issue_number"]:
            told = t("list.comma").join((told, t("report.number_is", number=row["issue_number"])))
        body.append(html.Div(told, className="cap"))
    if row["differences"] is not None:
        body.append(_changes(row))
    body.append(html.Div(_acts(row, ident, title, going=going), className="row gap2 wrap racts"))
    return html.Article(body, className="rrow" + (" going" if going else ""), **{"data-report": ident})


def _changes(row: dict[str, Any]) -> Component:
    found = row["differences"]
    text = t("report.follows", id=row["follows"]) if row["follows"] else ""
    if not found:
        return html.Div(text + t("report.no_change"), className="cap")
    items = html.Ul([html.Li(x) for x in found])
    return html.Details(
        [html.Summary(text + t("report.changes", n=len(found)), className="cap"), items], className="rdiff"
    )


def _acts(row: dict[str, Any], ident: str, title: str, *, going: bool) -> list[Component]:
    def act(name: str) -> Component:
        return el.button(t(f"report.{name}"), "txt", **{"data-report-act": name, "data-id": ident})

    if going:
        return [act("cancel")]
    if row["state"] != "done":
        return [act("remove")]
    made: list[Component] = [
        html.A(
            [el.icon("download", small=True), t("report.download")],
            href=f"/api/v1/export/reports/{ident}/file",
            className="txt",
            **{"data-file": ""},
        ),
        act("again"),
        act("edit"),
    ]
    if not row["issued_at"]:
        made += [act("issue"), act("remove")]
    made.append(
        html.Label([html.Span(**{"data-pick": ident, "data-label": t("report.pick", title=title)})], className="rpick")
    )
    return made


def size(n: int) -> str:
    """Write a file's size."""
    return t("report.size", n=f"{n / 1e6:,.1f}") if n >= 1e6 else t("report.size_kb", n=f"{max(1, round(n / 1e3)):,}")
