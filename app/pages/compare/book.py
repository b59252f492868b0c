"""The comparison as a workbook: every measure in full, the months, what it is. Values and text only."""

from __future__ import annotations

import io
from typing import Any

import xlsxwriter

from app.i18n import t
from app.pages.compare.model import APART_CODES, Column, Scene
from app.pages.compare.words import with_unit
from app.pages.filters import label
from app.pages.format import day
from layers.registry import Catalogue

MOST_SIGNS = 32_000


def _rows(scene: Scene) -> list[tuple[str, str]]:
    areas = [(r.code, r.name) for r in scene.order()]
    rest = [(r.code, r.name) for r in scene.all_areas if r.code not in scene.codes]
    return [*areas, *rest, *((c, scene.main.row(c).name) for c in APART_CODES)]


def facts(cat: Catalogue, scene: Scene) -> list[tuple[str, str]]:
    """Return what the comparison is: axis, days, areas, filters, rows that are 演示数据."""
    state = scene.state
    chosen = t("list.comma").join(
        t("filter.of_layer", layer=cat.layer(c.layer).title, text=label(cat, c)) for c in state.conditions
    )
    names = {r.code: r.name for r in scene.all_areas}
    dates = {c.layer.title: day(c.rollup.data_date) for c in scene.columns}
    return [
        (t("rollup.axis"), t(f"axis.{state.axis}")),
        (t("compare.day"), day(scene.day)),
        (t("compare.vs"), day(scene.versus)),
        (t("compare.x_areas"), t("list.comma").join(names.get(c, c) for c in scene.codes)),
        (t("compare.x_mine"), names.get(state.mine, t("report.no_filter"))),
        (t("compare.x_filter"), chosen or t("report.no_filter")),
        (t("compare.x_data"), t("list.comma").join(f"{k} {v}" for k, v in dates.items())),
        (t("demo.tag"), t("demo.included") if state.demo else t("report.demo_out")),
        (t("compare.x_rules"), t("compare.rules_text", limit=3.5)),
        (t("compare.x_mark"), t("compare.x_internal")),
    ]


def write_book(cat: Catalogue, scene: Scene) -> bytes:
    """Return the workbook."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        bold, number = book.add_format({"bold": True, "text_wrap": True}), book.add_format({"num_format": "#,##0.0###"})
        whole, wrap = book.add_format({"num_format": "#,##0"}), book.add_format({"text_wrap": True, "valign": "top"})
        formats = {"bold": bold, "number": number, "whole": whole}
        _write_values(book.add_worksheet(t("compare.title")), scene, formats)
        _write_months(book.add_worksheet(t("compare.x_months")), scene, formats)
        sheet = book.add_worksheet(t("compare.x_about"))
        for y, (name, text) in enumerate(facts(cat, scene)):
            sheet.write_string(y, 0, name, bold)
            sheet.write_string(y, 1, text[:MOST_SIGNS], wrap)
        sheet.set_column(0, 0, 16)
        sheet.set_column(1, 1, 90)
    return out.getvalue()


def _parts(column: Column) -> list[str]:
    found = ["value", "rank"]
    found += ["share"] if column.additive else []
    found += ["before", "change"] if column.before else []
    return [*found, "area"] if column.per_area else found


def _write_values(sheet: Any, scene: Scene, formats: dict[str, Any]) -> None:
    heads: list[tuple[Column, str]] = [(c, part) for c in scene.columns for part in _parts(c)]
    for x, text in enumerate((t("compare.x_code"), t(f"axis.{scene.state.axis}"))):
        sheet.write_string(0, x, text, formats["bold"])
    for x, (column, part) in enumerate(heads, 2):
        unit = "" if part in ("rank", "share") else column.how.unit
        words = "" if part == "value" else t(f"compare.x_{part}", day=day(scene.versus))
        sheet.write_string(0, x, with_unit(f"{column.title}{words}", unit), formats["bold"])
    ranks = {c.key: c.ranks(scene.codes) for c in scene.columns}
    for y, (code, name) in enumerate(_rows(scene), 1):
        sheet.write_string(y, 0, code)
        sheet.write_string(y, 1, name)
        for x, (column, part) in enumerate(heads, 2):
            value = _value(column, part, code, ranks[column.key])
            if value is not None:
                small = part == "rank" or (column.how.digits == 0 and part in ("value", "before", "change"))
                sheet.write_number(y, x, value, formats["whole" if small else "number"])
    sheet.set_column(0, 1, 14)
    sheet.set_column(2, 1 + len(heads), 16)
    sheet.freeze_panes(1, 2)


def _value(column: Column, part: str, code: str, ranks: dict[str, int]) -> float | None:
    value, total, how = column.row(code).value, column.rollup.total.value, column.how
    found: float | None = value
    if part == "rank":
        return ranks.get(code)
    if part == "share":
        return None if value is None or not total else 100 * value / total
    if part == "before":
        found = column.before.get(code)
    elif part == "change":
        found = column.change(code)
    elif part == "area":
        found = column.per_area.get(code)
    return None if found is None else found / how.factor


def _write_months(sheet: Any, scene: Scene, formats: dict[str, Any]) -> None:
    heads = (t("compare.x_measure"), t("compare.x_unit"), t("compare.day"), *(name for _, name in _rows(scene)))
    for x, text in enumerate(heads):
        sheet.write_string(0, x, text, formats["bold"])
    y = 1
    for column in scene.columns:
        for point in column.series:
            sheet.write_string(y, 0, column.title)
            sheet.write_string(y, 1, column.how.unit)
            sheet.write_string(y, 2, day(point.day))
            for x, (code, _) in enumerate(_rows(scene), 3):
                value = point.values.get(code)
                if value is not None:
                    sheet.write_number(y, x, value / column.how.factor, formats["number"])
            y += 1
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, len(heads) - 1, 12)
    sheet.freeze_panes(1, 3)
