"""Pairs of records that may be one: a grid to merge or keep apart, and what was decided before."""

from __future__ import annotations

import json
from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.format import DASH
from etl.duplicates import Pair
from layers.spec import Layer
from layers.store.duplicates import Decision

SHOWN = 300


def _act(layer: Layer, kept: str, other: str, decision: str, look: str = "btn sm") -> Component:
    text = t("steward.apart") if decision == "apart" else t(f"steward.keep_{look.split()[-1]}")
    body = json.dumps({"kept": kept, "other": other, "decision": decision}, ensure_ascii=False)
    return el.button(
        text, "btn sm", **{"data-act": f"/data/pairs/{layer.id}", "data-json": body, "data-reason": "pair"}
    )


def _row(layer: Layer, p: Pair) -> Component:
    far = DASH if p.distance_m is None else t("steward.far", m=f"{p.distance_m:,.0f}")
    return html.Tr(
        [
            html.Td([html.B(p.name_a), html.Div(p.key_a, className="cap ell")]),
            html.Td([html.B(p.name_b), html.Div(p.key_b, className="cap ell")]),
            html.Td(p.evidence),
            html.Td(far, className="num"),
            html.Td(
                el.row(
                    _act(layer, p.key_a, p.key_b, "merge", "left"),
                    _act(layer, p.key_b, p.key_a, "merge", "right"),
                    _act(layer, p.key_a, p.key_b, "apart"),
                    className="gap2",
                )
            ),
        ]
    )


def page(layer: Layer, pairs: Sequence[Pair], decisions: Sequence[Decision]) -> Component:
    """Return the pairs of one layer, and the decisions."""
    head = [
        el.link(t("import.back"), "/data", "txt"),
        html.H1(t("steward.pairs_title", layer=layer.title)),
        html.Span(t("steward.pairs_count", n=len(pairs)), className="cap"),
    ]
    parts: list[Component] = [html.Div(head, className="row gap2 wrap hhead")]
    if pairs:
        heads = [html.Th(t(f"steward.h_{x}")) for x in ("left", "right", "evidence", "far", "do")]
        body = [_row(layer, p) for p in pairs[:SHOWN]]
        reason = el.text_input("pair-reason", t("steward.reason_hint"), t("steward.reason"))
        parts += [
            html.P(t("steward.pairs_note"), className="cap"),
            el.row(html.Span(t("steward.reason"), className="cap"), reason, className="gap2"),
            html.Div(
                html.Table([html.Thead(html.Tr(heads)), html.Tbody(body)], className="t1 held pairs"),
                className="scrollx", tabIndex=0,
            ),
        ]  # fmt: skip
    else:
        parts.append(el.empty(t("steward.pairs_none")))
    if decisions:
        heads = [html.Th(t(f"steward.h_{x}")) for x in ("at", "decision", "kept", "other", "who", "reason")]
        rows = [
            html.Tr([html.Td(x) for x in (d.decided_at.astimezone().strftime("%Y-%m-%d %H:%M"),
                                          t(f"steward.d_{d.decision}"), d.kept, d.other, d.decided_by or DASH,
                                          d.reason or DASH)])
            for d in reversed(decisions)
        ]  # fmt: skip
        table = html.Table([html.Thead(html.Tr(heads)), html.Tbody(rows)], className="t1")
        parts += [html.H2(t("steward.pairs_decided")), html.Div(table, className="scrollx", tabIndex=0)]
    return html.Div(parts, className="dpad")
