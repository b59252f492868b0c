"""Pairs of records that may be one: a grid to merge or keep apart, one by one or those picked, and what was decided."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.data import pager
from app.pages.data.pager import Asked
from app.pages.format import DASH
from etl.duplicates import Pair
from layers.spec import Layer
from layers.store.duplicates import Decision

if TYPE_CHECKING:
    from app.actions_steward import Pairs

HOW = ("code", "name")


def _act(layer: Layer, kept: str, other: str, decision: str, text: str, look: str = "btn sm", **more: str) -> Component:
    body = json.dumps({"kept": kept, "other": other, "decision": decision}, ensure_ascii=False)
    given = {"data-act": f"/data/pairs/{layer.id}", "data-json": body, "data-reason": "pair", **more}
    return el.button(text, look, **given)


def _row(layer: Layer, p: Pair) -> Component:
    far = DASH if p.distance_m is None else t("steward.far", m=f"{p.distance_m:,.0f}")
    pick = json.dumps([p.key_a, p.key_b], ensure_ascii=False)
    label = t("steward.pick", a=p.name_a, b=p.name_b)
    return html.Tr(
        [
            html.Td(html.Span(className="tick", **{"data-tick": pick, "data-label": label})),
            html.Td([html.B(p.name_a), html.Div(p.key_a, className="cap ell", title=p.key_a)]),
            html.Td([html.B(p.name_b), html.Div(p.key_b, className="cap ell", title=p.key_b)]),
            html.Td(p.evidence),
            html.Td(far, className="num"),
            html.Td(
                el.row(
                    _act(layer, p.key_a, p.key_b, "merge", t("steward.keep_left")),
                    _act(layer, p.key_b, p.key_a, "merge", t("steward.keep_right")),
                    _act(layer, p.key_a, p.key_b, "apart", t("steward.apart")),
                    className="gap2",
                )
            ),
        ]
    )


def _tools(layer: Layer) -> Component:
    """Return what is done with the picked pairs, and why."""
    made = [
        el.button(t(f"steward.picked_{x}"), "btn sm", **{"data-picked": f"/data/pairs/{layer.id}", "data-how": x})
        for x in ("left", "right", "apart")
    ]
    reason = el.text_input("pair-reason", t("steward.reason_hint"), t("steward.reason"))
    count = html.Span(className="cap", role="status", **{"data-picked-count": ""})
    return el.row(
        html.Span(t("steward.reason"), className="cap"), reason, el.spacer(), count, *made, className="gap2 wrap"
    )


def _decisions(layer: Layer, decisions: tuple[Decision, ...], n: int) -> list[Component]:
    heads = [html.Th(t(f"steward.h_{x}"), scope="col") for x in ("at", "decision", "kept", "other", "who", "reason")]
    rows = []
    for d in decisions:
        said = (d.decided_at.astimezone().strftime("%Y-%m-%d %H:%M"), t(f"steward.d_{d.decision}"), d.kept, d.other,
                d.decided_by or DASH, d.reason or DASH)  # fmt: skip
        back: Component | str = ""
        if d.decision == "apart":
            label = {"aria-label": t("steward.again_this", a=d.kept, b=d.other)}
            back = _act(layer, d.kept, d.other, "again", t("steward.again"), "txt", **label)
        elif d.run_id is not None:
            back = el.link(t("import.see_run", run=d.run_id), f"/data?run={d.run_id}", "txt")
        rows.append(html.Tr([*(html.Td(x, className="ell", title=x) for x in said), html.Td(back)]))
    table = html.Table([html.Thead(html.Tr([*heads, html.Th("")])), html.Tbody(rows)], className="t1")
    made: list[Component] = [html.H2(t("steward.pairs_decided"))]
    if n > len(decisions):
        some = t("steward.decided_some", n=f"{n:,}", shown=len(decisions), layer=layer.id)
        made.append(html.P(some, className="cap"))
    return [*made, html.Div(table, className="scrollx", tabIndex=0)]


def page(layer: Layer, found: Pairs, asked: Asked) -> Component:
    """Return a page of the pairs of one layer, and the latest decisions."""
    n = sum(found.by_how.values())
    head = [
        el.link(t("import.back"), "/data", "txt"),
        html.H1(t("steward.pairs_title", layer=layer.title)),
        html.Span(t("steward.pairs_count", n=f"{n:,}"), className="cap"),
    ]
    parts: list[Component] = [html.Div(head, className="row gap2 wrap hhead")]
    if n:
        kinds = [(x, t(f"steward.how_{x}"), found.by_how[x]) for x in HOW if found.by_how.get(x)]
        parts += [
            html.P(t("steward.pairs_note"), className="cap"),
            html.Div(
                [*pager.chips(kinds, asked.why, n), pager.search(asked.find, t("steward.pairs_find"))],
                className="row gap2 wrap chips held",
            ),
        ]
    if found.shown:
        names = ("left", "right", "evidence", "far", "do")
        every = html.Span(className="tick", **{"data-tick": "", "data-label": t("steward.pick_all")})
        heads = [html.Th(every), *(html.Th(t(f"steward.h_{x}"), scope="col") for x in names)]
        body = [_row(layer, p) for p in found.shown]
        table = html.Table([html.Thead(html.Tr(heads)), html.Tbody(body)], className="t1 held pairs")
        parts += [
            _tools(layer),
            pager.line(found.first, found.n, "pairs"),
            html.Div(table, className="scrollx grid", tabIndex=0),
        ]
    elif n:
        ops = el.op(("set", "why", ""), ("set", "find", ""), ("set", "from", ""))
        parts.append(el.empty(t("steward.pairs_no_match"), el.button(t("steward.held_all"), "btn sm", **ops)))
    else:
        parts.append(el.empty(t("steward.pairs_none")))
    if found.decisions:
        parts += _decisions(layer, found.decisions, found.n_decided)
    return html.Div(parts, className="dpad", id=f"pairs-{layer.id}")
