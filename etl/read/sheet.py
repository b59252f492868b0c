"""xlsx workbooks: cached values, merged cells, hidden rows, several sheets; row by row, in bounded memory."""

from __future__ import annotations

import dataclasses
import datetime as dt
import html
import io
import re
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import openpyxl
from openpyxl.utils.cell import range_boundaries
from openpyxl.utils.exceptions import InvalidFileException

from etl.datum_words import named_datums
from etl.headers import column_words
from etl.parse_text import header_key
from etl.read.archive import SafeZip
from etl.read.grid import Grid, to_table
from etl.read.header_rows import Cell, Merge, Row
from etl.read.text import MAX_COLUMNS
from etl.table import BOOLEAN, DATE, NUMBER, TEXT, Column, Skipped, Table, objects
from geo.errors import ReadError

MAX_ROWS = 1_048_576
GUIDE_SHEETS = ("填写说明", "词表")  # of our own templates: they hold no records
_ENTITY = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*\bref="([A-Z]+\d+:[A-Z]+\d+)"')
_UNIT_NOTE = re.compile(r"单位\s*[:：]\s*([^\s,，;；、)）]*[元])")
_BRACKETED = re.compile(r"[（(\[【][^）)\]】]*[）)\]】]")
_DATUM = re.compile(r"高德|腾讯|百度|火星|天地图|gcj-?02|bd-?09|wgs-?84|cgcs2000", re.IGNORECASE)
_SHEET = re.compile(rb'<(?:\w+:)?sheet\b[^>]*\bname="([^"]*)"')
_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*>")
_CELL = re.compile(rb'<(?:\w+:)?c\b[^>]*\br="[A-Z]+(\d+)"[^>/]*>(.*?)</(?:\w+:)?c>', re.DOTALL)
_ROW_NUMBER = re.compile(rb'\br="(\d+)"')
_UNREADABLE = (InvalidFileException, SyntaxError, LookupError, ValueError, TypeError, AttributeError, ArithmeticError,
               AssertionError, OSError, EOFError)  # fmt: skip


def to_cell(value: Any) -> Cell:
    """Return a spreadsheet's value as text, and what it was."""
    if value is None:
        return None, TEXT
    if isinstance(value, bool):
        return ("是" if value else "否"), BOOLEAN
    if isinstance(value, int):
        return str(value), NUMBER
    if isinstance(value, float):
        return (str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)), NUMBER
    if isinstance(value, dt.datetime):
        return (value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ", "seconds")), DATE
    if isinstance(value, dt.date):
        return value.isoformat(), DATE
    return str(value), TEXT


def _check_xml(archive: SafeZip) -> dict[str, bytes]:
    parts: dict[str, bytes] = {}
    for member in archive.members:
        if member.suffix in (".xml", ".rels"):
            data = archive.read(member)
            if _ENTITY.search(data[:4096]):
                raise ReadError(
                    "工作簿里有 XML 实体定义，可能是恶意文件，已拒绝。", "请用 Excel 打开后另存为新的 xlsx。"
                )
            if member.name.startswith("xl/worksheets/"):
                parts[member.name] = data
    return parts


def _structure(xml: bytes) -> tuple[list[Merge], frozenset[int]]:
    """Return the merged ranges and the hidden rows, which openpyxl does not tell while streaming."""
    merges: list[Merge] = []
    for found in _MERGE.finditer(xml):
        c1, r1, c2, r2 = range_boundaries(found.group(1).decode())
        merges.append((r1, c1, r2, c2))
    hidden = set()
    if b"hidden=" in xml:
        for found in _ROW.finditer(xml):
            number = _ROW_NUMBER.search(found.group())
            if number and re.search(rb'\bhidden="(?:1|true)"', found.group()):
                hidden.add(int(number.group(1)))
    return merges, frozenset(hidden)


def _uncomputed(xml: bytes, table: Table) -> frozenset[int]:
    """Return the numbers of the rows with a formula whose value was never computed (written by a program)."""
    if b"<f" not in xml:
        return frozenset()
    rows = set()
    for found in _CELL.finditer(xml):
        if b"<f" in found.group(2) and not re.search(rb"<(?:\w+:)?v>[^<]|<(?:\w+:)?is\b", found.group(2)):
            rows.add(int(found.group(1)))
    return frozenset(rows & {int(n) for n in table.row_numbers})


def _with_uncomputed(xml: bytes, table: Table) -> Table:
    others = tuple(dataclasses.replace(t, uncomputed=_uncomputed(xml, t)) for t in table.others)
    return dataclasses.replace(table, uncomputed=_uncomputed(xml, table), others=others)


def _rows(sheet: Any) -> Iterator[Row]:
    sheet.reset_dimensions()
    for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
        if number > MAX_ROWS:
            raise ReadError(f"工作表“{sheet.title}”超过 {MAX_ROWS} 行。", "请拆分后分批导入。")
        if len(cells) > MAX_COLUMNS:
            if any(v is not None for v in cells[MAX_COLUMNS:]):
                raise ReadError(f"工作表“{sheet.title}”第 {number} 行超过 {MAX_COLUMNS} 列。", "请删去多余的列后再试。")
            cells = cells[:MAX_COLUMNS]
        yield number, [to_cell(v) for v in cells]


def read_sheets(data: bytes, known: Callable[[str], bool], sheet: str | None) -> Table:
    """Read an xlsx workbook.

    Parameters
    ----------
    data : bytes
        The file.
    known : callable
        Whether a text is a header of the layer.
    sheet : str or None
        The sheet to read; None reads every visible sheet whose headers are those of the best one.

    Raises
    ------
    ReadError
        Broken, encrypted, no such sheet, or nothing in it.
    """
    archive = SafeZip(data)
    if not any(m.name == "xl/workbook.xml" for m in archive.members):
        raise ReadError("这个文件不是 xlsx 工作簿。", "请用 Excel 打开后另存为 xlsx。")
    if any(m.name.lower().endswith("vbaproject.bin") for m in archive.members):
        raise ReadError("工作簿里有宏（VBA），不作为数据文件接收。", "请在 Excel 中另存为不带宏的 xlsx 后再导入。")
    xml = _check_xml(archive)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl's remarks on styles and data validation
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
            return _read_book(book, xml, known, sheet)
    except _UNREADABLE as error:
        raise ReadError(
            "工作簿内容损坏，读不出来。",
            "请用 Excel 打开并另存为新的 xlsx 后重试。",
        ) from error


def _read_book(book: Any, xml: dict[str, bytes], known: Callable[[str], bool], wanted: str | None) -> Table:
    names = [s.title for s in book.worksheets]
    if wanted is not None and wanted not in names:
        raise ReadError(f"工作簿里没有工作表“{wanted}”。", f"现有工作表：{'、'.join(names)}。", sheets=names)
    tables: list[tuple[str, Table]] = []
    left: list[Skipped] = []
    evidence = {"format": "xlsx"} | ({"date_system": "1904"} if book.epoch.year == 1904 else {})
    for sheet in book.worksheets:
        if wanted is not None and sheet.title != wanted:
            continue
        if wanted is None and sheet.title in GUIDE_SHEETS and len(names) > 1:
            continue
        if wanted is None and sheet.sheet_state != "visible":
            left.append(Skipped(0, "sheet_hidden", sheet.title))
            continue
        part = xml.get(str(sheet._worksheet_path).lstrip("/"), b"")
        merges, hidden = _structure(part)
        try:
            table = to_table(Grid(_rows(sheet), merges, hidden, sheet.title), known, evidence)
            table = _with_uncomputed(part, table)
        except ReadError:
            if wanted is not None:
                raise
            continue
        tables.append((sheet.title, table))
    if not tables:
        raise ReadError("工作簿里没有可读的内容。", "请确认数据在可见的工作表里。", sheets=names)
    return join_sheets(tables, known, left)


def _hits(table: Table, known: Callable[[str], bool]) -> int:
    return sum(known(c.header) for c in table.columns)


def _bare(header: str) -> str:
    """Return a header without what stands in brackets and without words of datums: what it names."""
    return header_key(_DATUM.sub("", _BRACKETED.sub("", header))) or header_key(header)


def _states(table: Table) -> tuple[frozenset[str], frozenset[str]]:
    """Return the units that a sheet's titles and notes state, and the datums that these and its headers name."""
    units = frozenset(u for note in table.notes for u in _UNIT_NOTE.findall(note))
    return units, frozenset(named_datums([*table.notes, *(c.header for c in table.columns)]))


def _one_kind(a: Table, b: Table) -> bool:
    """Whether two sheets may be read as one: no unit and no datum is stated otherwise, no header differently."""
    (units_a, datums_a), (units_b, datums_b) = _states(a), _states(b)
    if datums_a != datums_b or (units_a and units_b and units_a != units_b):
        return False
    named = {_bare(c.header): c.header for c in a.columns}
    return all(named.get(_bare(c.header), c.header) == c.header for c in b.columns)


def join_sheets(tables: list[tuple[str, Table]], known: Callable[[str], bool], left: list[Skipped]) -> Table:
    """Join the sheets that have the best one's headers; the others are named as left out.

    Sheets that state another unit or datum come back as ``others``, for one may not be read by another's words; so
    do those of a workbook of rows sent back, one for each run that held them back, whatever their headers.
    """
    best = max(tables, key=lambda t: (_hits(t[1], known), len(t[1])))[1]
    headers = {_bare(c.header) for c in best.columns}
    same = [
        (n, t) for n, t in tables if len(headers & {_bare(c.header) for c in t.columns}) >= max(1, 0.7 * len(headers))
    ]
    back = _is_sent_back(best)
    if back:
        same = [(n, t) for n, t in tables if _is_sent_back(t)]
    chosen = {n for n, _ in same}
    left = left + [Skipped(0, "sheet_other", n) for n, t in tables if n not in chosen and len(t)]
    groups: list[list[tuple[str, Table]]] = []
    for name, table in same:
        group = None if back else next((g for g in groups if all(_one_kind(t, table) for _, t in g)), None)
        if group is None:
            groups.append([(name, table)])
        else:
            group.append((name, table))
    joined = [_join(group, several=len(same) > 1) for group in groups]
    main = joined.pop(0)
    below = tuple(other for t in (main, *joined) for other in t.others)
    alone = tuple(dataclasses.replace(t, others=()) for t in joined)
    return dataclasses.replace(main, skipped=(*main.skipped, *left), others=alone + below)


def _is_sent_back(table: Table) -> bool:
    return any(header_key(c.header) in column_words()["ticket"] for c in table.columns)


def _join(same: list[tuple[str, Table]], *, several: bool) -> Table:
    if not several:
        return same[0][1]
    order = list(dict.fromkeys(c.header for _, t in same for c in t.columns))
    columns = []
    for header in order:
        cells: list[str | None] = []
        kinds = []
        for _, t in same:
            column = next((c for c in t.columns if c.header == header), None)
            cells += [None] * len(t) if column is None else list(column.cells)
            blank = np.zeros(len(t), np.uint8)
            kinds.append(blank if column is None or column.kinds is None else column.kinds)
        columns.append(Column(header, objects(cells), np.concatenate(kinds)))
    return Table(
        columns=tuple(columns),
        row_numbers=np.concatenate([t.row_numbers for _, t in same]),
        notes=tuple(dict.fromkeys(note for _, t in same for note in t.notes)),
        skipped=tuple(s for _, t in same for s in t.skipped),
        hidden_rows=frozenset().union(*(t.hidden_rows for _, t in same)),
        uncomputed=frozenset().union(*(t.uncomputed for _, t in same)),
        merged=tuple((header, first, last, n) for n, t in same for header, first, last, _ in t.merged),
        evidence=same[0][1].evidence | {"sheet": "、".join(n for n, _ in same)},
        sheets=objects([n for n, t in same for _ in range(len(t))]),
        others=tuple(
            dataclasses.replace(other, sheets=objects([n] * len(other))) for n, t in same for other in t.others
        ),
    )


def sheet_names_of(data: bytes) -> list[str]:
    """Return the names of a workbook's sheets that may hold records."""
    xml = next((SafeZip(data).read(m) for m in SafeZip(data).members if m.name == "xl/workbook.xml"), b"")
    names = [html.unescape(n.decode("utf-8", errors="replace")) for n in _SHEET.findall(xml)]
    return [n for n in names if n not in GUIDE_SHEETS or len(names) == 1]
