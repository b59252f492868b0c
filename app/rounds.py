"""The sentences of a reporting round, and the list that is sent out as a workbook."""

from __future__ import annotations

import io
from typing import Any

import xlsxwriter

from app.i18n import t
from etl.parse_amount import parse_unit

MEDIA = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def said(item: dict[str, Any]) -> str:
    """Return what is to be said of one duty: how late, how long to go, how many rows wait."""
    if item["state"] == "overdue":
        return t("rounds.overdue", n=item["days"])
    if item["state"] == "due":
        return t("rounds.to_go", n=-item["days"])
    parts = [t("rounds.late", n=item["days"])] if item["days"] > 0 else []
    parts += [t("rounds.waiting", n=item["waiting"])] if item["waiting"] else []
    return "，".join(parts)


def files(item: dict[str, Any]) -> str:
    """Return the files that came, each with its run."""
    return "；".join(f"{f['file']}（第 {f['run']} 号运行，{f['at'][:10]}）" for f in item["files"])


def _money(value: float | None, unit: str) -> str:
    base = parse_unit(unit)
    if value is not None and base is not None and base.dimension == "money":
        return f"{value / 1e8:,.4g} 亿元" if abs(value) >= 1e8 else f"{value / 1e4:,.6g} 万元"
    return "—" if value is None else f"{value:,.10g} {unit}".strip()


def fault(row: dict[str, Any]) -> str:
    """Return what is wrong with a series of figures."""
    if row["fault"] == "missing":
        return t("rounds.missing", before_end=row["before_end"][:7], n=row["months"])
    return t(
        "rounds.falling", end=row["period_end"][:7], value=_money(row["value"], row["unit"]),
        before_end=row["before_end"][:7], before=_money(row["before"], row["unit"]),
    )  # fmt: skip


def write_round(body: dict[str, Any]) -> bytes:
    """Return a round as a workbook of two sheets: what is owed, and the figures to look at."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    head = book.add_format({"bold": True, "bg_color": "#EAEFEA", "border": 1})
    title = book.add_format({"bold": True, "font_size": 14})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    red = book.add_format({"text_wrap": True, "valign": "top", "font_color": "#A8332B", "bold": True})
    duty = [[i["owner"], i["title"], i["due"], t(f"rounds.s_{i['state']}"), said(i), files(i)] for i in body["items"]]
    figures = [[f["owner"], f["layer_title"], f["name"], f["measure"], fault(f)] for f in body["figures"]]
    heads = ("owner", "title", "due", "state", "note", "files")
    for name, columns, rows in (
        (t("rounds.all"), heads, duty), (t("rounds.figures"), ("owner", "layer", "name", "measure", "fault"), figures),
    ):  # fmt: skip
        sheet = book.add_worksheet(name)
        sheet.write_string(0, 0, t("rounds.of", period=body["period"]), title)
        sheet.write_string(1, 0, t("rounds.note", on=body["on"]))
        for j, column in enumerate(columns):
            sheet.write_string(2, j, t(f"rounds.h_{column}"), head)
            sheet.set_column(j, j, 44 if column in ("files", "fault", "name") else 20)
        for i, row in enumerate(rows, start=3):
            for j, cell in enumerate(row):
                urgent = cell in (t("rounds.s_overdue"), t("rounds.s_returned"))
                sheet.write_string(i, j, str(cell), red if urgent else wrap)
        sheet.freeze_panes(3, 1)
        sheet.autofilter(2, 0, 2 + max(len(rows), 1), len(columns) - 1)
    book.close()
    return buffer.getvalue()
