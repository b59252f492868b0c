"""Who contributes to a target: a small map and a table by county or unit; with allocations a verdict for each."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.format import Quantity
from app.pages.map.choropleth import Choropleth, colour_areas
from app.pages.targets.county_map import county_map, shapes
from app.pages.targets.forms import allocation_form
from app.pages.targets.svg import gauge
from app.pages.targets.view import View
from app.pages.targets.words import amount, shown, status_tag
from app.pages.view import Rollup, RollupRow

Row = Mapping[str, Any]
Part = Mapping[str, Any]
SPECIAL = ("outside", "unlocated")


@dataclass(frozen=True)
class Contributions:
    """A target's parts on an axis, with the counties as GeoJSON and their classes."""

    unit: str
    total: float | int | None
    parts: tuple[Part, ...]
    areas: bytes
    colours: Choropleth


async def contributions_of(row: Row, axis: str, areas: bytes) -> Contributions | None:
    """Return a card's contributions on an axis, the counties classed off the event loop; None where it has none."""
    found = row["contributions"]
    if not found["axes"]:
        return None
    counties = [p for p in found["axes"]["county"] if p["code"] not in SPECIAL]
    rows = tuple(RollupRow(p["code"], p["name"], p["value"], p["n_rows"]) for p in counties)
    none = RollupRow("", "", None, 0)
    colours = await asyncio.to_thread(
        colour_areas, Rollup(rows, none, none, none), Quantity(found["unit"], 1.0, 0), "natural_breaks", 5
    )
    await asyncio.to_thread(shapes, areas)
    return Contributions(found["unit"], found["total"], tuple(found["axes"][axis]), areas, colours)


def rows_href(view: View, row: Row, code: str) -> str:
    """Return the address of the rows that one area contributes."""
    return view.but(target=row["alias_of"] or row["id"], rows=True, of=code, page=1).url()


def section(view: View, row: Row, found: Contributions) -> html.Div:
    """Return the section of the card."""
    axis = el.segments(
        [("county", t("axis.county_short")), ("unit", t("axis.unit_short"))], view.axis, t("rollup.axis"), "axis"
    )
    allocated = any(p["allocated"] is not None for p in found.parts)
    own = [p for p in found.parts if p["code"] not in SPECIAL]
    head = el.row(html.H3(t(f"targets.parts_{view.axis}")), el.spacer(), axis, className="gap2")
    note = t("targets.allocated" if allocated else "targets.not_allocated")
    if row["measure"] == "rate":
        note = t("targets.parts_rate")
    drawn: list[Component] = [parts_table(view, row, found, allocated)]
    if view.axis == "county":
        drawn.insert(0, _map(view, row, found))
    tools = []
    if row["is_extensive"] and not row["alias_of"]:
        label = t("targets.reallocate" if allocated else "targets.allocate")
        tools = [el.button([el.icon("edit", small=True), label], "btn sm", **allocation_form(row, view.axis, own))]
    foot = el.row(html.Span(note, className="cap grow"), *tools, className="gap2")
    wide = " wide" if allocated or view.axis != "county" else ""
    return html.Div([head, html.Div(drawn, className=f"tgx-parts{wide}"), foot], className="sec")


def _map(view: View, row: Row, found: Contributions) -> Component:
    parts = {p["code"]: p for p in found.parts}
    texts = {c: shown(p["value"], found.unit) for c, p in parts.items()}
    hrefs = {c: rows_href(view, row, c) for c, p in parts.items() if p["n_rows"]}
    title = t("targets.map_title", name=row["indicator"], day=row["found"]["day"])
    return county_map(found.areas, found.colours, parts, texts, hrefs, title)


def parts_table(view: View, row: Row, found: Contributions, allocated: bool) -> html.Table:
    """Return each area's part as a bar and a number that leads to its rows; outside and unlocated above the sum."""
    own = [p for p in found.parts if p["code"] not in SPECIAL]
    apart = [p for p in found.parts if p["code"] in SPECIAL]
    top = max((abs(p["value"]) for p in found.parts if p["value"]), default=0)
    body = [_part_row(view, row, p, top, allocated) for p in _ordered(own)]
    body += [_part_row(view, row, p, top, allocated, hatch=True) for p in apart]
    total = [html.Td(t("targets.total")), html.Td(""), html.Td(amount(found.total), className="num")]
    heads = [
        html.Th(t(f"axis.{view.axis}")),
        html.Th(""),
        html.Th(t("targets.h_part", unit=found.unit), className="num"),
    ]
    if allocated:
        total += [html.Td(amount(sum(p["allocated"] or 0 for p in own)), className="num"), html.Td("")]
        heads += [html.Th(t("targets.h_allocated"), className="num"), html.Th(t("targets.h_status"))]
    body.append(html.Tr(total, className="sum"))
    return html.Table([html.Thead(html.Tr(heads)), html.Tbody(body)], className="pt")


def _ordered(parts: Sequence[Part]) -> list[Part]:
    return sorted(parts, key=lambda p: (p["value"] is None, -(p["value"] or 0), p["code"]))


def _part_row(view: View, row: Row, part: Part, top: float, allocated: bool, hatch: bool = False) -> html.Tr:
    wide = f"{100 * abs(part['value']) / top:.1f}%" if part["value"] and top else "0"
    bar: Component = html.Div(className="bar hatch" if hatch else "bar", style={"width": wide})
    if part["allocated"] is not None and part["allocated"]:
        judged = {"target": part["allocated"], "value": part["value"], "due": part["due"], "status": part["status"],
                  "unit": row["unit"]}  # fmt: skip
        bar = gauge(judged, "gauge sm")
    text = amount(part["value"])
    steps = [("set", "t", row["alias_of"] or row["id"]), ("set", "rows", "1"), ("set", "of", part["code"]),
             ("set", "page", "")]  # fmt: skip
    link = el.link(text, rows_href(view, row, part["code"]), **el.op(*steps)) if part["n_rows"] else text
    cells = [html.Td(part["name"]), html.Td(bar, className="bc"), html.Td(link, className="num")]
    if allocated:
        status = status_tag(part["status"]) if part["status"] else ""
        cells += [html.Td(amount(part["allocated"]), className="num dim"), html.Td(status)]
    return html.Tr(cells, className="out" if hatch else "", title=part["reason"] or "")
