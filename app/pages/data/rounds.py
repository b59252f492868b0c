"""A reporting round: what every unit and department owes, what came, what is late, what waits for correction."""

from __future__ import annotations

import datetime as dt
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.data import pager
from app.pages.data.pager import Asked
from app.pages.format import DASH
from app.rounds import fault, said
from layers.store.queries_rounds import MOST_FAULTS

LOOKS = {"received": "reed", "late": "amber", "returned": "amber", "overdue": "flat", "due": ""}


def _beside(period: str, months: int) -> str:
    first = dt.date.fromisoformat(f"{period}-01")
    moved = first.year * 12 + first.month - 1 + months
    return f"/data?rounds={moved // 12}-{moved % 12 + 1:02d}"


def _row(i: dict[str, Any]) -> Component:
    came = [
        html.Div([el.link(f["file"], f"/data?run={f['run']}"), html.Span(f" {f['at'][5:10]}", className="cap")])
        for f in i["files"]
    ]
    note: Any = said(i) or DASH
    if i["waiting"]:
        note = el.link(said(i), f"/data?held={i['layer']}", "lk flat")
    return html.Tr(
        [
            html.Td(i["owner"]),
            html.Td(i["title"]),
            html.Td(i["due"]),
            html.Td(el.tag(t(f"rounds.s_{i['state']}"), LOOKS[i["state"]])),
            html.Td(note),
            html.Td(came or DASH),
        ]
    )


def _table(names: tuple[str, ...], rows: list[Component]) -> Component:
    head = html.Thead(html.Tr([html.Th(t(f"rounds.h_{x}")) for x in names]))
    return html.Div(html.Table([head, html.Tbody(rows)], className="t1 held rounds"), className="scrollx", tabIndex=0)


def page(body: dict[str, Any], asked: Asked | None = None) -> Component:
    """Return one round; ``asked`` leaves one state of duties, and says which page of the figures is shown."""
    period, asked, faults = body["period"], asked or Asked(), body["figures"]
    states = [(s, t(f"rounds.s_{s}"), n) for s, n in body["summary"].items() if n]
    download = html.A(
        [el.icon("download", small=True), t("rounds.download")], href=f"/data/rounds/{period}", className="btn sm",
        **{"data-file": ""},
    )  # fmt: skip
    head = [
        el.link(t("import.back"), "/data", "txt"),
        html.H1(t("rounds.of", period=period)),
        el.link(t("rounds.prev"), _beside(period, -1), "txt"),
        el.link(t("rounds.next"), _beside(period, 1), "txt"),
        el.spacer(),
        download,
    ]
    heads = ("owner", "title", "due", "state", "note", "files")
    order = {"overdue": 0, "returned": 1, "late": 2, "due": 3, "received": 4}
    wanted = [i for i in body["items"] if asked.why in ("", i["state"])]
    rows = [_row(i) for i in sorted(wanted, key=lambda i: order[i["state"]])]
    none = t("rounds.none_so", state=t(f"rounds.s_{asked.why}")) if asked.why in order else t("rounds.none")
    first = pager.start_of(asked.first, len(faults))
    figures = [
        html.Tr(
            [
                html.Td(f["owner"] or DASH),
                html.Td(f["layer_title"]),
                html.Td(el.link(f["name"], f"/?layer={f['layer']}&sel={f['layer']}:{f['id']}")),
                html.Td(f["measure"]),
                html.Td(fault(f)),
            ]
        )
        for f in faults[max(0, first - 1) : max(0, first - 1) + pager.PAGE]
    ]
    cut = t("rounds.figures_cut", n=f"{MOST_FAULTS:,}")
    listed = _table(("owner", "layer", "name", "measure", "fault"), figures)
    return html.Div(
        [
            html.Div(head, className="row gap2 wrap hhead"),
            html.P(t("rounds.note", on=body["on"]), className="cap"),
            html.Div(pager.chips(states, asked.why, len(body["items"])), className="row gap2 wrap chips held"),
            _table(heads, rows) if rows else el.empty(none),
            html.H2(t("rounds.figures")),
            pager.line(first, len(faults), "rows") if len(faults) > pager.PAGE else None,
            html.P(cut, className="cap") if len(faults) >= MOST_FAULTS else None,
            listed if figures else el.empty(t("rounds.figures_none")),
        ],
        className="dpad",
    )
