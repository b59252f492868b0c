"""xls workbooks of Excel 97-2003: cached values, merged cells, hidden rows, several sheets."""

from __future__ import annotations

import datetime as dt
import io
import struct
from collections.abc import Callable, Iterator
from typing import Any

import xlrd
from xlrd.compdoc import CompDocError

from etl.read.grid import Grid, to_table
from etl.read.header_rows import Cell, Row
from etl.read.sheet import GUIDE_SHEETS, join_sheets, to_cell
from etl.table import NUMBER, TEXT, Skipped, Table
from geo.errors import ReadError

_BROKEN = (xlrd.XLRDError, CompDocError, struct.error, LookupError, ValueError, TypeError, AttributeError,
           AssertionError, ArithmeticError, EOFError, OSError)  # fmt: skip


def read_old_sheets(data: bytes, known: Callable[[str], bool], sheet: str | None) -> Table:
    """Read an xls workbook; the arguments are those of :func:`etl.read.sheet.read_sheets`.

    Raises
    ------
    ReadError
        Protected, broken, no workbook at all, or no such sheet.
    """
    try:
        book = xlrd.open_workbook(file_contents=data, logfile=io.StringIO(), formatting_info=True)
        return _read_book(book, known, sheet)
    except _BROKEN as error:
        if "encrypted" in str(error).lower():
            raise ReadError("工作簿设了打开密码，读不出来。", "请在 Excel 中去掉密码后另存为 xlsx。") from error
        raise ReadError(
            "旧版 Excel（.xls）文件损坏，或者不是工作簿，读不出来。",
            "请用 Excel 打开后另存为 xlsx 再导入。",
        ) from error


def _read_book(book: Any, known: Callable[[str], bool], wanted: str | None) -> Table:
    names = book.sheet_names()
    if wanted is not None and wanted not in names:
        raise ReadError(f"工作簿里没有工作表“{wanted}”。", f"现有工作表：{'、'.join(names)}。", sheets=names)
    evidence = {"format": "xls"} | ({"date_system": "1904"} if book.datemode else {})
    tables: list[tuple[str, Table]] = []
    left: list[Skipped] = []
    for sheet in book.sheets():
        if wanted is not None and sheet.name != wanted:
            continue
        if wanted is None and sheet.name in GUIDE_SHEETS and len(names) > 1:
            continue
        if wanted is None and sheet.visibility:
            left.append(Skipped(0, "sheet_hidden", sheet.name))
            continue
        merges = [(r1 + 1, c1 + 1, r2, c2) for r1, r2, c1, c2 in sheet.merged_cells]
        hidden = frozenset(r + 1 for r, info in sheet.rowinfo_map.items() if info.hidden)
        try:
            table = to_table(Grid(_rows(book, sheet), merges, hidden, sheet.name), known, evidence)
        except ReadError:
            if wanted is not None:
                raise
            continue
        tables.append((sheet.name, table))
    if not tables:
        raise ReadError("工作簿里没有可读的内容。", "请确认数据在可见的工作表里。", sheets=names)
    return join_sheets(tables, known, left)


def _rows(book: Any, sheet: Any) -> Iterator[Row]:
    for r in range(sheet.nrows):
        yield r + 1, [_cell(book, c) for c in sheet.row(r)]


def _cell(book: Any, cell: Any) -> Cell:
    if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
        return None, TEXT
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return xlrd.error_text_from_code.get(cell.value, "#VALUE!"), TEXT
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return to_cell(bool(cell.value))
    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            when: dt.datetime = xlrd.xldate_as_datetime(cell.value, book.datemode)
        except (ValueError, OverflowError):
            return str(cell.value), NUMBER
        return to_cell(when)
    return to_cell(cell.value if cell.value != "" else None)


def old_sheet_names(data: bytes) -> list[str]:
    """Return the names of a workbook's sheets; none when it does not open."""
    try:
        return [
            str(n) for n in xlrd.open_workbook(file_contents=data, logfile=io.StringIO(), on_demand=True).sheet_names()
        ]
    except _BROKEN:
        return []
