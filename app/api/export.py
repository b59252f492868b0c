"""A rollup as CSV or XLSX, with what it is, its dates and its demo share written on it."""

from __future__ import annotations

import csv
import io
from typing import Any

from layers.registry import Catalogue

MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def rollup_table(body: dict[str, Any], cat: Catalogue) -> tuple[list[str], list[list[Any]], list[str]]:
    """Return (header, rows, notes) of a rollup body; outside, unlocated and total are rows of the table."""
    del cat
    two = len(body["by"]) == 2
    value = f"{body['measure_title']}（{body['unit']}）" if body["unit"] else body["measure_title"]
    header = ["代码", "名称", *(["代码2", "名称2"] if two else []), value, "记录数", "缺值记录数"]
    other = body.get("compare_to")
    header += [f"{other} 的值", "差"] if other else []
    pad = ["", ""] if two else []

    def apart(place: str) -> list[Any]:
        return [body[f"{place}_before"], body[f"{place}_change"]] if other else []

    rows = [
        [r["code"], r["name"], *([r["code2"], r["name2"]] if two else []), r["value"], r["n_features"], r["n_missing"]]
        + ([r["before"], r["change"]] if other else [])
        for r in body["rows"]
    ]
    rows += [
        ["outside", "界外", *pad, body["outside"], "", "", *apart("outside")],
        ["unlocated", "未定位", *pad, body["unlocated"], "", "", *apart("unlocated")],
    ]
    rows += [["total", "合计", *pad, body["total"], body["n_features"], body["n_missing"], *apart("total")]]
    notes = [
        f"图层：{body['title']}",
        f"截至：{body['as_of']}",
        f"数据日期：{body['data_date'] or '—'}",
        f"筛选：{body['filter'] or '无'}",
    ]
    if body.get("since"):
        notes.append(f"自：{body['since']}")
    if body.get("note"):
        notes.append(body["note"])
    if body["known_at"]:
        notes.append(f"按当时所知：{body['known_at']}")
    if not body["partition"]:
        notes.append("各行互有重叠，不可相加")
    if body["n_demo"]:
        notes.append(f"含演示数据 {body['n_demo']} 条")
    notes.append("内部使用")
    return header, rows, notes


def rollup_csv(body: dict[str, Any], cat: Catalogue) -> bytes:
    """Return a rollup as CSV (UTF-8 with BOM, as Excel wants it); notes follow the table."""
    header, rows, notes = rollup_table(body, cat)
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(header)
    writer.writerows([["" if v is None else v for v in row] for row in rows])
    writer.writerows([[f"# {note}"] for note in notes])
    return buffer.getvalue().encode("utf-8-sig")


def rollup_xlsx(body: dict[str, Any], cat: Catalogue) -> bytes:
    """Return a rollup as an XLSX workbook; codes stay text."""
    import xlsxwriter

    header, rows, notes = rollup_table(body, cat)
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("汇总")
        bold = book.add_format({"bold": True})
        number = book.add_format({"num_format": "#,##0.######"})
        sheet.write_row(0, 0, header, bold)
        for y, row in enumerate(rows, start=1):
            for x, cell in enumerate(row):
                if isinstance(cell, (int, float)):
                    sheet.write_number(y, x, cell, number)
                elif cell is not None:
                    sheet.write_string(y, x, cell)
        for y, note in enumerate(notes, start=len(rows) + 2):
            sheet.write_string(y, 0, note)
        sheet.set_column(0, len(header) - 1, 16)
        sheet.freeze_panes(1, 0)
    return buffer.getvalue()
