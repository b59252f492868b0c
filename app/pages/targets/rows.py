"""Exactly the rows that a figure counts: as many as it says, each with its place, its file and its line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.format import DASH, day
from app.pages.targets.view import PAGE_ROWS, View
from app.pages.targets.words import amount

CLOSE = (("set", "rows", ""), ("set", "of", ""), ("set", "page", ""))
COLUMNS = ("no", "name", "date", "what", "amount", "area", "source")


def of_area(rows: Sequence[Mapping[str, Any]], axis: str, code: str) -> list[Mapping[str, Any]]:
    """Return the rows of an area on an axis; all of them where no area is named."""
    return [r for r in rows if not code or r[f"{axis}_code"] == code]


def _name(view: View, row: Mapping[str, Any]) -> Component | str:
    if not row["layer"] or row["id"] is None:
        return row["name"]
    dated = f"&as_of={view.as_of.isoformat()}" if view.as_of else ""
    link = f"/?layer={row['layer']}&sel={row['layer']}:{row['id']}{dated}"
    return el.link(row["name"], link, title=t("targets.on_map"))


def _row(view: View, number: int, row: Mapping[str, Any], names: Mapping[str, str]) -> html.Tr:
    place = names.get(row[f"{view.axis}_code"] or "", DASH)
    line = t("card.row", file=row["source_name"], row=row["source_row"]) if row["source_row"] else row["source_name"]
    doubt = el.tag(t("targets.lacks", what=row["caveat"]), "amber") if row["caveat"] else None
    return html.Tr(
        [
            html.Td(str(number), className="num dim"),
            html.Td([_name(view, row), el.demo_tag() if row["is_demo"] else None, doubt], className="ni"),
            html.Td(day(row["event_date"])),
            html.Td(row["what"] or DASH),
            html.Td(amount(row["amount"]), className="num"),
            html.Td(place),
            html.Td(line or DASH, className="cap ell", title=line),
        ]
    )


def _pager(view: View, n: int) -> Component | None:
    last = max(1, -(-n // PAGE_ROWS))
    if last == 1:
        return None
    here = min(view.page, last)

    def step(to: int, key: str) -> Component:
        ok = 1 <= to <= last
        return el.button(t(key), "btn sm", disabled=not ok, **el.op(("set", "page", "" if to == 1 else str(to))))

    span = t("targets.page", first=(here - 1) * PAGE_ROWS + 1, last=min(here * PAGE_ROWS, n), n=amount(n))
    return el.row(step(here - 1, "targets.before"), html.Span(span, className="cap"), step(here + 1, "targets.after"),
                  className="gap2")  # fmt: skip


def rows_panel(view: View, body: Mapping[str, Any], names: Mapping[str, str]) -> list[Component | None]:
    """Return the panel."""
    rows = of_area(body["rows"], view.axis, view.of)
    n, first = len(rows), 0
    pages = max(1, -(-n // PAGE_ROWS))
    first = (min(view.page, pages) - 1) * PAGE_ROWS
    where = names.get(view.of, view.of) if view.of else t("targets.whole_city")
    title = t("targets.rows_title", name=body["indicator"], where=where, n=amount(n))
    sums = t("targets.rows_sum", value=amount(round(sum(float(r["amount"]) for r in rows), 2)), unit=body["unit"])
    whole = (
        el.button(t("targets.rows_all"), "txt", **el.op(("set", "of", ""), ("set", "page", ""))) if view.of else None
    )
    head = el.row(
        el.button([el.icon("left", small=True), t("targets.back")], "btn sm", **el.op(*CLOSE)),
        html.H2(title, className="ell"),
        html.Span(sums, className="cap") if body["unit"] != "%" else None,
        whole,
        el.spacer(),
        html.Span(t("targets.rows_until", day=body["counted_until"]), className="cap desk"),
        _pager(view, n),
        className="gap3 rh",
    )
    if not rows:
        return [head, el.empty(t("targets.rows_none"))]
    top = [html.Th(t(f"targets.r_{c}"), className="num" if c in ("no", "amount") else "") for c in COLUMNS]
    shown = rows[first : first + PAGE_ROWS]
    table = [_row(view, first + i, r, names) for i, r in enumerate(shown, 1)]
    return [
        head,
        html.Div(html.Table([html.Thead(html.Tr(top)), html.Tbody(table)], className="tgx-rows"), className="scrollx"),
    ]
