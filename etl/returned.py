"""Rows held back, as a sheet to send back: the sender's own columns, the reason beside each, wrong cells coloured.

The first column is the row's ticket. The corrected sheet imports like any file; by its tickets it is read as
the file it came from was (units, datum, headers), and its rows leave the quarantine.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import xlsxwriter

from etl.headers import Dictionary, Match, match_headers
from layers.spec import Layer
from layers.store.quarantine import HeldFile, HeldRow

TICKET, ROW, SHEET, REASON, SHAPE = "隔离编号", "原表行号", "原工作表", "退回原因", "几何WKT"
_CELL_LIMIT = 32_000  # Excel's own is 32,767
_ROLES = {"county_code": "county", "unit_code": "unit", "township_code": "township"}
_PLACES = frozenset({"lon", "lat", "x", "y", "easting", "northing", "pair", "wkt"})


def write_returned(files: Sequence[HeldFile], layer: Layer) -> bytes:
    """Return the waiting rows as an xlsx workbook, one sheet a run and, of a file of several tables, a header.

    Parameters
    ----------
    files : sequence of HeldFile
        From :func:`layers.store.quarantine.read_held`.
    layer : Layer
        The layer they were meant for.
    """
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    looks = {
        "title": book.add_format({"bold": True, "font_size": 13}),
        "note": book.add_format({"font_color": "#555555"}),
        "head": book.add_format({"bold": True, "bg_color": "#EAEFEA", "border": 1, "text_wrap": True}),
        "cell": book.add_format({"num_format": "@", "valign": "top"}),
        "ours": book.add_format({"font_color": "#555555", "valign": "top", "text_wrap": True}),
        "error": book.add_format({"num_format": "@", "bg_color": "#F8C9C4", "valign": "top", "border": 1}),
        "warning": book.add_format({"num_format": "@", "bg_color": "#FBEBC0", "valign": "top", "border": 1}),
    }
    for held in files:
        for number, part in enumerate(by_header(held), start=1):
            title = f"第{held.run_id}号运行" + (f"（{number}）" if number > 1 else "")
            _sheet(book.add_worksheet(title), part, layer, looks)
    if not files:
        book.add_worksheet("无").write_string(0, 0, f"“{layer.title}”没有隔离中的行。")
    book.close()
    return buffer.getvalue()


def by_header(held: HeldFile) -> list[HeldFile]:
    """Return the rows of a file table by table: each has its own columns, and one may mean what another's does."""
    groups: dict[frozenset[str], list[HeldRow]] = {}
    for row in held.rows:
        groups.setdefault(frozenset(row.cells), []).append(row)
    if len(groups) < 2:
        return [held]
    return [
        replace(held, rows=rows, columns=tuple(c for c in held.columns if str(c["header"]) in headers))
        for headers, rows in groups.items()
    ]


def write_returned_csv(held: HeldFile) -> bytes:
    """Return the waiting rows of one run as CSV, UTF-8 with BOM: without colours, the reason names the columns."""
    out = io.StringIO()
    writer = csv.writer(out)
    headers = _headers(held)
    writer.writerow(headers)
    for row in held.rows:
        cells = _cells(row)
        writer.writerow([cells.get(h, "") for h in headers])
    return out.getvalue().encode("utf-8-sig")


def _headers(held: HeldFile) -> list[str]:
    own = [SHEET] if any(r.sheet for r in held.rows) else []
    shape = [SHAPE] if any(r.geometry for r in held.rows) else []
    return [TICKET, ROW, *own, REASON, *(h for h in _senders(held) if h != SHAPE), *shape]


def _senders(held: HeldFile) -> list[str]:
    """Return the sender's headers in the file's order, without the columns of an earlier returned sheet."""
    known = [str(c["header"]) for c in held.columns]
    more = dict.fromkeys(h for r in held.rows for h in r.cells if h not in set(known))
    return [h for h in [*known, *more] if h not in (TICKET, ROW, SHEET, REASON)]


def _cells(row: HeldRow) -> dict[str, Any]:
    shape = row.geometry
    return {
        **row.cells,
        TICKET: row.ticket, ROW: row.row or row.cells.get(ROW, ""), SHEET: row.sheet,
        REASON: reason(row) + ("（图形过大，请在原文件中修改）" if len(shape) > _CELL_LIMIT else ""),
        **({SHAPE: shape} if shape and len(shape) <= _CELL_LIMIT else {}),
    }  # fmt: skip


def reason(row: HeldRow) -> str:
    """Return why a row was held back, in Chinese: its errors, then what else should be looked at."""
    errors = list(dict.fromkeys(f.message for f in row.faults if f.severity == "error"))
    others = list(dict.fromkeys(f.message for f in row.faults if f.severity == "warning"))
    return "\n".join([*(errors or ["这一行没有入库。"]), *(f"另：{text}" for text in others)])


def wrong_headers(fault: str, columns: Iterable[Match], layer: Layer) -> set[str]:
    """Return the headers of the cells that a fault's field means."""
    columns = list(columns)
    wanted = {fault, _ROLES.get(fault, fault), *fault.split(",")}
    if fault == "key":
        wanted |= {*layer.key, "key"} if layer.key else {"name", "key"}
    if fault == "geom":
        wanted |= _PLACES
    group = layer.event_field(fault)
    if group is not None:
        wanted |= set(group.types)
    found = {c.header for c in columns if c.header in wanted or (c.target and c.target in wanted)}
    if fault == "key" and not found:
        found = {c.header for c in columns if c.target == "name"}
    return found


def colours_of(row: HeldRow, matches: list[Match], layer: Layer) -> dict[str, str]:
    """Return header -> ``error`` or ``warning`` for the cells of a held row that its faults mean."""
    out: dict[str, str] = {}
    for severity in ("warning", "error"):
        for fault in row.faults:
            if fault.severity == severity:
                out |= dict.fromkeys(wrong_headers(fault.field, matches, layer), severity)
                if fault.field == "geom" and row.geometry:
                    out[SHAPE] = severity
    return out


def matches_of(held: HeldFile, layer: Layer) -> list[Match]:
    """Return what the columns of a held file were taken for."""
    if all("kind" in c for c in held.columns):
        return [Match(str(c["header"]), str(c["kind"]), str(c.get("target", ""))) for c in held.columns]
    return match_headers([str(c["header"]) for c in held.columns], Dictionary(layer))


def _sheet(sheet: Any, held: HeldFile, layer: Layer, looks: dict[str, Any]) -> None:
    headers, matches = _headers(held), matches_of(held, layer)
    said = [
        (f"退回修改：{layer.title}，{held.file_name}（{len(held.rows)} 行）", "title"),
        (f"说明：请改正标红的单元格（标黄的请核对），保留“{TICKET}”一列，改好后整份发回；其余列可不动。", "note"),
        *((f"注：{note}" if not note.startswith(("单位", "注")) else note, "note") for note in held.notes[:8]),
    ]
    for at, (text, look) in enumerate(said):
        sheet.write_string(at, 0, text[:500], looks[look])
    top = len(said)
    for j, header in enumerate(headers):
        sheet.write_string(top, j, header, looks["head"])
        sheet.set_column(j, j, 48 if header == REASON else 10 if header in (TICKET, ROW) else 18)
    for i, row in enumerate(held.rows, start=top + 1):
        cells, colours = _cells(row), colours_of(row, matches, layer)
        for j, header in enumerate(headers):
            value = cells.get(header, "")
            ours = header in (TICKET, ROW, SHEET, REASON)
            look = looks["ours" if ours else colours.get(header, "cell")]
            if isinstance(value, int):
                sheet.write_number(i, j, value, look)
            elif value in ("", None):
                sheet.write_blank(i, j, None, look)
            else:
                sheet.write_string(i, j, str(value)[:_CELL_LIMIT], look)
    sheet.freeze_panes(top + 1, 4 if SHEET in headers else 3)
    sheet.autofilter(top, 0, top + max(len(held.rows), 1), len(headers) - 1)
