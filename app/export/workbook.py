"""The workbook of a table: 数据, 汇总, 来源. Values and text only: no cell is a formula."""

from __future__ import annotations

import datetime as dt
import io
import json
import unicodedata
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from app.export.tables import AXES, Column, Table, cell, notes, sources
from app.export.theme import Theme, load_theme

MOST_SIGNS = 32_000  # Excel's limit of a cell is 32,767
NUMBERS = {"number": "#,##0.00", "integer": "0", "degrees": "0.000000", "date": "yyyy-mm-dd"}


def write_workbook(table: Table) -> bytes:
    """Return the table as an xlsx file."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        held = json.dumps({"recipe": table.order, "figures": table.figures}, ensure_ascii=False, default=str)
        book.set_properties(
            {
                "title": table.layer.title, "comments": "内部使用", "keywords": held,
                "created": table.made.replace(tzinfo=None),
            }
        )  # fmt: skip
        styles = _styles(book, load_theme())
        _data(book.add_worksheet("数据"), table, styles)
        _rollups(book.add_worksheet("汇总"), table, styles)
        _sources(book.add_worksheet("来源"), table, styles)
    return out.getvalue()


def _styles(book: Workbook, theme: Theme) -> dict[str, Format]:
    head = {"bold": True, "bg_color": theme["surface-3"], "bottom": 1, "valign": "vcenter", "text_wrap": True}
    made = {"head": book.add_format(head), "bold": book.add_format({"bold": True})}
    made["title"] = book.add_format({"bold": True, "font_size": 13})
    made["note"] = book.add_format({"font_color": theme["ink-3"]})
    made["demo"] = book.add_format({"font_color": theme["amber-t"], "bg_color": theme["amber-s"]})
    made["apart"] = book.add_format({"font_color": theme["ink-2"], "pattern": 0})
    for kind, pattern in NUMBERS.items():
        made[kind] = book.add_format({"num_format": pattern})
        made[f"{kind}-bold"] = book.add_format({"num_format": pattern, "bold": True, "top": 1})
    made["text-bold"] = book.add_format({"bold": True, "top": 1})
    return made


def _data(sheet: Worksheet, table: Table, styles: dict[str, Format]) -> None:
    """One row a record under a frozen head; the first line says what it is."""
    sheet.write_string(0, 0, " · ".join(_headline(table)), styles["title"])
    if table.n_demo:
        sheet.write_string(1, 0, f"含演示数据 {table.n_demo} 条", styles["demo"])
    top = 2
    widths = [_width(c.title) for c in table.columns]
    for x, column in enumerate(table.columns):
        sheet.write_string(top, x, column.title, styles["head"])
    for y, row in enumerate(table.rows, start=top + 1):
        for x, column in enumerate(table.columns):
            value = cell(column, row.get(column.id))
            if value is None:
                continue
            _write(sheet, y, x, column, value, styles)
            if y < 500:
                widths[x] = max(widths[x], 11 if column.kind == "date" else _width(str(value)))
    for x, width in enumerate(widths):
        sheet.set_column(x, x, min(max(width + 2, 8), 42))
    sheet.freeze_panes(top + 1, 2)
    sheet.autofilter(top, 0, max(top + 1, top + len(table.rows)), len(table.columns) - 1)
    _print(sheet, table, top)


def _headline(table: Table) -> list[str]:
    return [
        table.layer.title,
        f"截至 {table.as_of}",
        f"筛选：{table.filter or '无'}",
        f"{len(table.rows)} {table.layer.noun}",
        "内部使用",
    ]


def _write(sheet: Worksheet, y: int, x: int, column: Column, value: Any, styles: dict[str, Format]) -> None:
    if column.kind in ("number", "integer", "degrees"):
        sheet.write_number(y, x, value, styles[column.kind])
    elif column.kind == "date":
        sheet.write_datetime(y, x, dt.datetime.fromisoformat(str(value)[:10]), styles["date"])
    else:
        style = styles["demo"] if column.id == "is_demo" and value == "是" else None
        sheet.write_string(y, x, str(value)[:MOST_SIGNS], style)


def _rollups(sheet: Worksheet, table: Table, styles: dict[str, Format]) -> None:
    """Counties, then units, each with outside, unlocated and total, one column a measure."""
    y = 0
    widest = 14
    for axis, title in AXES.items():
        measures = table.rollups[axis]
        sheet.write_string(y, 0, f"按{title}（{'属地口径' if axis == 'county' else '考核口径'}）", styles["title"])
        head = ["代码", title, *(f"{name}（{unit}）" if unit else name for name, unit, _, _ in measures)]
        for x, text in enumerate(head):
            sheet.write_string(y + 1, x, text, styles["head"])
            widest = max(widest, _width(text) + 2)
        for i, area in enumerate(measures[0][3]):
            row = y + 2 + i
            bold = "-bold" if area.code == "total" else ""
            sheet.write_string(
                row,
                0,
                "" if area.code in ("total", "outside", "unlocated") else area.code,
                styles[f"text{bold}"] if bold else None,
            )
            sheet.write_string(row, 1, area.name, styles[f"text{bold}"] if bold else None)
            for x, (_, _, factor, areas) in enumerate(measures, start=2):
                value = areas[i].value
                kind = "integer" if x == 2 else "number"
                if value is not None:
                    sheet.write_number(row, x, value / factor, styles[f"{kind}{bold}"])
                elif bold:
                    sheet.write_blank(row, x, None, styles[f"{kind}{bold}"])
        y += len(measures[0][3]) + 4
    sheet.write_string(y, 0, "空格为无数据，0 为零；平均、比值由明细算出，不可相加。", styles["note"])
    sheet.set_column(0, 0, 10)
    sheet.set_column(1, 1, 22)
    sheet.set_column(2, 1 + len(table.rollups["county"]), min(widest, 26))
    sheet.freeze_panes(0, 2)
    _print(sheet, table, 0)


def _sources(sheet: Worksheet, table: Table, styles: dict[str, Format]) -> None:
    """What the workbook is, then the files its rows come from."""
    for y, (name, text) in enumerate(notes(table)):
        sheet.write_string(y, 0, name, styles["bold"])
        sheet.write_string(y, 1, text[:MOST_SIGNS])
    top = len(notes(table)) + 1
    for x, text in enumerate(("来源文件", "记录数", "其中演示数据", "最新数据日期")):
        sheet.write_string(top, x, text, styles["head"])
    for y, (name, n, demo, date) in enumerate(sources(table), start=top + 1):
        sheet.write_string(y, 0, name)
        sheet.write_number(y, 1, n, styles["integer"])
        sheet.write_number(y, 2, demo, styles["integer"])
        sheet.write_string(y, 3, date)
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, 3, 26)
    _print(sheet, table, 0)


def _print(sheet: Worksheet, table: Table, top: int) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    if top:
        sheet.repeat_rows(top)
    sheet.set_footer(f"&L{_plain(table.layer.title)}  {table.as_of}&C内部使用&R&P / &N")


def _plain(text: str) -> str:
    return text.replace("&", "&&")


def _width(text: str) -> int:
    """Width in Latin signs of the longest line."""
    lines = text.splitlines() or [""]
    return max(sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line) for line in lines)
