"""A work list as a workbook: its rows, its counts by area, what it is. Values and text only."""

from __future__ import annotations

import io
from typing import Any

import xlsxwriter

from app.i18n import t
from app.pages.format import day, quantity
from app.pages.lists.model import CONVERSION, Lists
from app.pages.lists.view import pinned
from layers.registry import Catalogue
from layers.store.worklist_spec import WORKLISTS

MOST_SIGNS = 32_000


def title_of(lists: Lists) -> str:
    """Return the list's name."""
    chosen = lists.choice.list_id
    return t("lists.conversion") if chosen == CONVERSION else WORKLISTS[chosen].title


def _text(value: Any) -> Any:
    if isinstance(value, list):
        value = t("list.comma").join(map(str, value))
    if isinstance(value, bool):
        value = t("filter.yes" if value else "filter.no")
    return value


def _sheet(book: Any, name: str, heads: list[str], rows: list[list[Any]], bold: Any) -> None:
    sheet = book.add_worksheet(name)
    for x, text in enumerate(heads):
        sheet.write_string(0, x, text, bold)
    for y, row in enumerate(rows, 1):
        for x, value in enumerate(row):
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                sheet.write_number(y, x, value)
            elif value not in (None, ""):
                sheet.write_string(y, x, str(_text(value))[:MOST_SIGNS])
    sheet.set_column(0, max(len(heads) - 1, 0), 16)
    sheet.freeze_panes(1, 0)


def write_list(cat: Catalogue, lists: Lists, base: str = "") -> bytes:
    """Return the workbook of the chosen list; ``base`` stands before the address that draws it again."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        bold = book.add_format({"bold": True, "text_wrap": True})
        if lists.rates is not None:
            _rates(book, lists, bold)
        else:
            _list(book, cat, lists, bold)
        body = lists.body or lists.rates or {}
        facts = [
            [t("lists.x_list"), title_of(lists)],
            [t("compare.day"), day(lists.when.as_of)],
            [t("lists.x_known"), str(body.get("known_at") or "")],
            [t("lists.kind"), lists.choice.kind or t("lists.all_kinds")],
            [t("lists.x_limit"), body.get("limit_days")],
            [t("compare.x_filter"), str(body.get("filter") or t("report.no_filter"))],
            [t("demo.tag"), t("demo.included") if lists.state.demo else t("report.demo_out")],
            [t("lists.x_link"), base + pinned(lists)],
            [t("compare.x_mark"), t("compare.x_internal")],
        ]
        _sheet(book, t("compare.x_about"), ["", ""], facts, bold)
    return out.getvalue()


def _list(book: Any, cat: Catalogue, lists: Lists, bold: Any) -> None:
    layer, body = cat.layer(lists.choice.layer), lists.body
    fields = [f for f in layer.fields if f.table and not f.internal]
    staged, counted = body["kind"] in ("stage", "gap"), body["kind"] in ("stage", "gap", "stale")
    heads = [t("compare.d_no"), t("compare.d_name"), t("axis.county"), t("axis.unit")]
    heads += [t("lists.h_since", stage=body["stage"])] if staged else []
    heads += [t("lists.h_days"), t("lists.x_over")] if counted else []
    heads += [t("lists.h_faults")] if body["kind"] == "violations" else []
    heads += [t("lists.h_accuracy")] if body["kind"] == "location" else []
    for f in fields:
        unit = quantity(f).unit if f.is_number else ""
        heads.append(t("compare.with_unit", name=f.title, unit=unit) if unit else f.title)
    heads += [t("compare.d_date"), t("compare.d_source"), t("lists.x_line"), t("demo.tag")]
    rows = []
    for i, r in enumerate(body["rows"], 1):
        row = [i, r["name"], r["county"], r["unit"]]
        row += [r["stage_date"]] if staged else []
        row += [r["days"], t("lists.x_yes") if r["is_over"] else ""] if counted else []
        if body["kind"] == "violations":
            row.append(t("list.comma").join(
                t("lists.fault", stage=v["stage"], date=v["date"], before=v["before"], other=v["before_date"])
                for v in r["violations"]
            ))  # fmt: skip
        row += [t(f"lists.acc_{r['location_accuracy']}")] if body["kind"] == "location" else []
        for f in fields:
            value = r.get(f.id)
            row.append(value / quantity(f).factor if f.is_number and value is not None else value)
        row += [r["data_date"], r["source_name"], r["source_row"], t("lists.x_yes") if r["is_demo"] else ""]
        rows.append(row)
    _sheet(book, t("lists.x_rows"), heads, rows, bold)
    areas = [
        [t(f"axis.{axis}"), r["name"], r["n"], r["n_over"], r["median_days"]]
        for axis, key in (("county", "counts"), ("unit", "unit_counts"))
        for r in body[key]
    ]
    names = [t("rollup.axis"), t("compare.d_name"), t("lists.h_n"), t("lists.h_over"), t("lists.h_median")]
    _sheet(book, t("lists.x_areas"), names, areas, bold)


def _rates(book: Any, lists: Lists, bold: Any) -> None:
    rows = [
        [t(f"axis.{axis}"), r.get("name") or t("area.total"), p["label"], t("lists.step", a=s["from"], b=s["to"]),
         r["n_from"], r["n_to"], r["rate_pct"], r["median_days"]]
        for p in (lists.rates or {})["periods"] for s in p["steps"]
        for axis, key in (("county", "counties"), ("unit", "units"))
        for r in (*s[key], s["total"])
    ]  # fmt: skip
    heads = [t("rollup.axis"), t("compare.d_name"), t("lists.year"), t("lists.g_rates"), t("lists.x_from"),
             t("lists.x_to"), t("lists.x_rate"), t("lists.h_median")]  # fmt: skip
    _sheet(book, t("lists.conversion"), heads, rows, bold)
