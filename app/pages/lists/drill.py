"""The records behind one number of a conversion rate or of the matrix: as many as it counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.compare.words import pressed
from app.pages.format import DASH, day
from app.pages.state import State

MOST_ROWS = 300
CLOSE = ("set", "pick", "")
Body = dict[str, Any]


def pick_button(text: Any, key: str, state: State, title: str) -> Component:
    """Return a number that shows its records, and hides them again."""
    on = state.extra("pick") == key
    return html.Button(
        text, type="button", className="lk on" if on else "lk", title=title, **pressed(on),
        **el.op(CLOSE if on else ("set", "pick", key)),
    )  # fmt: skip


def picked_rows(
    title: str, layer: str, rows: Sequence[Body], state: State, more: Sequence[tuple[str, str]]
) -> Component:
    """Return the records of a number with their file and line; ``more`` are further columns as (head, key)."""
    heads = [html.Th(t("compare.d_no"), className="num"), html.Th(t("compare.d_name")),
             *(html.Th(head) for head, _ in more), html.Th(t("compare.d_date")),
             html.Th(t("compare.d_source"))]  # fmt: skip
    lines = [_row(number, layer, r, state, [key for _, key in more]) for number, r in enumerate(rows[:MOST_ROWS], 1)]
    cut = html.P(t("compare.d_more", n=MOST_ROWS), className="cap") if len(rows) > MOST_ROWS else None
    head = el.row(
        html.H2(title), el.spacer(), el.button(t("compare.close"), "btn sm", **el.op(CLOSE)), className="gap2"
    )
    table = html.Table([html.Thead(html.Tr(heads)), html.Tbody(lines)], className="ct dt")
    body = html.Div(table, className="scrollx") if rows else el.empty(t("compare.d_none"))
    return html.Section([head, body, cut], className="cdr", id="compare-rows")


def _row(number: int, layer: str, r: Body, state: State, keys: Sequence[str]) -> Component:
    there = State(page="/", layer=layer, as_of=state.as_of, demo=state.demo, selected=(layer, str(r["id"])))
    line = t("card.row", file=r["source_name"], row=r["source_row"]) if r["source_row"] else r["source_name"]
    return html.Tr(
        [
            html.Td(str(number), className="num dim"),
            html.Td([el.link(r["name"], there.url()), el.demo_tag() if r["is_demo"] else None]),
            *(html.Td(DASH if r.get(key) in (None, "") else str(r[key])) for key in keys),
            html.Td(day(r["data_date"])),
            html.Td(line or DASH, className="cap ell", title=line),
        ]
    )
