"""The right of the page: what speaks for the datum, and the faults by cause."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.data import county_map
from app.pages.data.drafts import Draft
from app.pages.data.review import choice
from app.pages.format import DASH, share

TITLES = {"wgs84": "WGS84", "cgcs2000": "CGCS2000", "gcj02": "GCJ-02", "bd09": "BD-09", "gk": "CGCS2000 GK"}
MARKS = (("dot", "sea"), ("cross", "ink-3"), ("square", "amber"))
KINDS = {"error": "flat", "warning": "amber", "info": ""}


def name_of(datum: str) -> str:
    """Return a datum's name for people."""
    if datum.startswith("gk:"):
        return f"CGCS2000 GK {datum[3:]}°E"
    return TITLES.get(datum, datum)


def _again(draft: Draft) -> Component:
    options = [("", t("import.datum_auto")), *((k, v) for k, v in TITLES.items() if k != "gk")]
    options += [(f"gk:{m}", name_of(f"gk:{m}")) for m in (117, 120, 123)]
    given = draft.options.get("datum") or ""
    if given not in dict(options):
        options.append((given, name_of(given)))
    return choice(options, given, t("import.datum_again"), f"/data/drafts/{draft.id}", name="datum")


def _decided(draft: Draft, datum: dict[str, Any]) -> list[Any]:
    used = name_of(datum.get("used") or "")
    tag = el.tag(t("import.datum_is", datum=used), "sea") if used else el.tag(t("import.datum_none"))
    lines = [html.Li(x) for x in datum.get("evidence") or []]
    change = (
        None
        if draft.run is not None
        else el.row(html.Span(t("import.datum_how"), className="cap"), el.spacer(), _again(draft))
    )
    return [
        html.Div([html.H2(t("import.evidence")), el.spacer(), tag], className="ph"),
        html.Div([html.Ul(lines, className="ev"), change], className="sec"),
    ]


def _undecided(draft: Draft, candidates: list[dict[str, Any]], areas: bytes) -> list[Any]:
    made: list[Any] = []
    for i, c in enumerate(candidates):
        mark, colour = MARKS[i % len(MARKS)]
        title = c.get("title") or name_of(c["datum"])
        if "declared" in c:
            fits = share(c["inside_declared"], c["declared"])
            said = (
                t("import.fits", n=c["inside_declared"], of=c["declared"], share=fits)
                if c["declared"]
                else t("import.fits_unknown")
            )
        else:
            fits, said = (
                share(c.get("inside_city", 0), 1),
                t("import.fits_city", share=share(c.get("inside_city", 0), 1)),
            )
        width = fits if fits != DASH else "0"
        parts: list[Any] = [
            el.row(
                html.I(className=f"mk {mark}", style={"--c": f"var(--{colour})"}),
                html.B(title),
                el.spacer(),
                el.button(
                    t("import.take"),
                    "btn sm",
                    **{
                        "data-post": f"/data/drafts/{draft.id}",
                        "data-body": c["datum"],
                        "aria-label": t("import.take_this", datum=title),
                    },
                ),
                className="gap2",
            ),
            html.Div(html.I(className="bar", style={"width": f"{width}%"}), className="track"),
            html.Div(said, className="cap"),
        ]
        if c.get("sample"):
            parts.append(
                county_map.picture(areas, [(mark, colour, c["sample"])], t("import.map_of", datum=title), near=True)
            )
        made.append(html.Div(parts, className="cand"))
    return [
        html.Div([html.H2(t("import.evidence")), el.spacer(), el.tag(t("import.datum_open"), "flat")], className="ph"),
        html.Div(
            [
                html.P(t("import.datum_ask")),
                *made,
                el.row(html.Span(t("import.datum_other"), className="cap"), el.spacer(), _again(draft)),
            ],
            className="sec",
        ),
    ]


def _faults(draft: Draft, made: dict[str, Any], chosen: str) -> list[Any]:
    groups = made["faults"]
    held, told = [g for g in groups if g["severity"] == "error"], [g for g in groups if g["severity"] == "warning"]
    said = t("import.faults_head", kinds=len(held), n=f"{made['counts']['quarantined']:,}", told=len(told))
    n = sum(g["n"] for g in groups)
    label = t("import.faults_all", n=f"{n:,}")
    href = f"/data/drafts/{draft.id}/faults"
    named = {"data-file": "", "aria-label": label, "title": label}
    every = html.A(el.icon("download", small=True), href=href, className="ib", **named) if n else None
    parts: list[Any] = [
        html.Div([html.H2(t("import.faults")), html.Span(said, className="cap"), el.spacer(), every], className="ph")
    ]
    if not groups:
        parts.append(html.P(t("import.faults_none"), className="cap pad"))
    for g in groups:
        on = g["type"] == chosen
        example = g["rows"][0]
        where = (
            t("import.at_row", row=example["row"], text=example["message"]) if example["row"] else example["message"]
        )
        parts.append(
            html.Button(
                [
                    el.tag(t(f"import.v_{g['severity']}"), KINDS[g["severity"]]),
                    html.Span(
                        [html.Span(g["title"], className="ell"), html.Span(where, className="cap ell")],
                        className="what",
                    ),
                    html.Span(t("import.rows", n=f"{g['n']:,}"), className="lk num"),
                ],
                type="button",
                className="is on" if on else "is",
                **{"aria-expanded": "true" if on else "false"},
                **el.op(("set", "issue", "" if on else g["type"])),
            )
        )
        if on:
            rows = [
                html.Tr(
                    [
                        html.Td(str(r["row"] or DASH), className="num"),
                        html.Td(r["value"] or DASH, className="ell"),
                        html.Td(r["message"]),
                    ]
                )
                for r in g["rows"]
            ]
            heads = [
                html.Th(t(f"import.h_{x}"), className="num" if x == "row" else "") for x in ("row", "value", "why")
            ]
            parts.append(html.Table([html.Thead(html.Tr(heads)), html.Tbody(rows)], className="t1 frows"))
            if g["n"] > len(rows):
                some = t("import.faults_some", n=len(rows), of=f"{g['n']:,}")
                parts.append(html.P([some, el.link(label, href, "txt", **{"data-file": ""})], className="cap pad"))
    return parts


def panel(draft: Draft, made: dict[str, Any], given: dict[str, str], areas: bytes) -> list[Any]:
    """Return the panel's parts."""
    error = made["error"]
    if made.get("datum"):
        parts = _decided(draft, made["datum"])
    elif error and error["candidates"]:
        parts = _undecided(draft, error["candidates"], areas)
    else:
        parts = [
            html.Div(html.H2(t("import.evidence")), className="ph"),
            html.P(t("import.not_yet"), className="cap pad"),
        ]
    if "faults" in made:
        parts += _faults(draft, made, given.get("issue", ""))
    return [html.Div(parts, className="escroll", tabIndex=0)]
