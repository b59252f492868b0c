"""Tables that are web pages or XML in a file named .xls, as many government systems export them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from etl.read.grid import Grid, to_table
from etl.read.header_rows import Cell, Merge, Row
from etl.read.sheet import MAX_ROWS, join_sheets
from etl.read.text import MAX_COLUMNS, decode
from etl.table import NUMBER, TEXT, Table
from geo.errors import ReadError

HTML = re.compile(
    rb"(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype html|html|head|meta|table|style|body|div)[\s>]",
    re.IGNORECASE | re.DOTALL,
)
XML = re.compile(rb"<\?xml[^>]*>.{0,600}urn:schemas-microsoft-com:office:spreadsheet", re.DOTALL)
# a whole tag, a declaration, or a lone bracket; no attempt goes beyond the next bracket: the time follows the length
_MARKUP = re.compile(r"""(</?[A-Za-z][^<>"']*+(?:(?:"[^"<]*+"|'[^'<]*+')[^<>"']*+)*+>)|<[!?][^<>]*+>|<""")
_HIDDEN = re.compile(r"display\s*:\s*none|mso-hide", re.IGNORECASE)
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")
_TABLES, _ROWS, _CELLS = frozenset({"table"}), frozenset({"tr", "row"}), frozenset({"td", "th", "cell"})


@dataclass
class _Sheet:
    """One table of the page: its cells by row and column, from 1."""

    name: str = ""
    cells: dict[int, dict[int, Cell]] = field(default_factory=dict)
    merges: list[Merge] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)
    taken: set[tuple[int, int]] = field(default_factory=set)
    row: int = 0
    column: int = 0

    def rows(self) -> Iterator[Row]:
        for number in sorted(self.cells):
            cells = self.cells[number]
            yield number, [cells.get(j, (None, TEXT)) for j in range(1, max(cells, default=0) + 1)]


class _Page(HTMLParser):
    """Collects the tables of a page; a table inside a cell is part of that cell."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.sheets: list[_Sheet] = []
        self.open: list[_Sheet] = []
        self.texts: list[str] | None = None
        self.kind, self.silent, self.span, self.title = TEXT, 0, (1, 1), ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name.removeprefix("ss:"): value or "" for name, value in attrs}
        if tag in ("style", "script", "title"):
            self.silent += 1
        elif tag == "worksheet":
            self.title = given.get("name", "")
        elif tag in _TABLES:
            if self.texts is None:
                self.open.append(_Sheet(self.title))
                self.sheets.append(self.open[-1])
        elif tag in _ROWS and self.open:
            self._close_cell()
            self._start_row(given)
        elif tag in _CELLS and self.open:
            self._close_cell()
            self._start_cell(given)
        elif tag == "br" and self.texts is not None:
            self.texts.append("\n")
        elif tag == "data" and given.get("type") == "Number":
            self.kind = NUMBER

    def handle_endtag(self, tag: str) -> None:
        if tag in ("style", "script", "title"):
            self.silent = max(0, self.silent - 1)
        elif tag in _CELLS or tag in _ROWS:
            self._close_cell()
        elif tag in _TABLES and self.open:
            self._close_cell()
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.texts is not None and not self.silent:
            self.texts.append(data)

    def _start_row(self, given: dict[str, str]) -> None:
        sheet = self.open[-1]
        sheet.row = _whole(given.get("index"), sheet.row + 1)
        sheet.column = 0
        if sheet.row > MAX_ROWS:
            raise ReadError(f"表格超过 {MAX_ROWS} 行。", "请拆分后分批导入。")
        sheet.cells.setdefault(sheet.row, {})
        if _HIDDEN.search(given.get("style", "")) or given.get("hidden") == "1":
            sheet.hidden.add(sheet.row)

    def _start_cell(self, given: dict[str, str]) -> None:
        sheet = self.open[-1]
        if not sheet.row:
            self._start_row({})
        sheet.column = _whole(given.get("index"), sheet.column + 1)
        while (sheet.row, sheet.column) in sheet.taken:
            sheet.column += 1
        if sheet.column > MAX_COLUMNS:
            raise ReadError(f"表格第 {sheet.row} 行超过 {MAX_COLUMNS} 列。", "请删去多余的列后再试。")
        across = _whole(given.get("colspan"), _whole(given.get("mergeacross"), 0) + 1)
        down = _whole(given.get("rowspan"), _whole(given.get("mergedown"), 0) + 1)
        self.span = (min(max(down, 1), 1000), min(max(across, 1), MAX_COLUMNS - sheet.column + 1))
        self.texts, self.kind = [], TEXT

    def _close_cell(self) -> None:
        if self.texts is None or not self.open:
            return
        sheet, (down, across) = self.open[-1], self.span
        text = "".join(self.texts).replace("\xa0", " ").strip()
        text = re.sub(r"[ \t\r\f]*\n\s*", "\n", text)
        kind = NUMBER if self.kind == NUMBER and _NUMBER.fullmatch(text) else TEXT
        sheet.cells[sheet.row][sheet.column] = (text or None, kind)
        if down > 1 or across > 1:
            sheet.merges.append((sheet.row, sheet.column, sheet.row + down - 1, sheet.column + across - 1))
            if down > 1:
                sheet.taken |= {
                    (sheet.row + i, sheet.column + j) for i in range(1, down) for j in range(across)
                }  # fmt: skip
        sheet.column += across - 1
        self.texts = None


def _whole(text: str | None, otherwise: int) -> int:
    return int(text) if text is not None and text.isdecimal() and len(text) < 8 else otherwise


def _well_formed(text: str) -> str:
    """Return a page without comments and declarations, every bracket that begins no whole tag being text."""
    parts, at = [], 0
    while (begin := text.find("<!--", at)) >= 0:
        end = text.find("-->", begin + 4)
        if end < 0:
            raise ReadError(
                "网页里有一段注释没有结束，其后的行读不出来。", "请用 Excel 打开它，另存为 .xlsx 后再导入。"
            )
        parts.append(text[at:begin])
        at = end + 3
    parts.append(text[at:])
    return _MARKUP.sub(lambda m: m[1] or ("&lt;" if m[0] == "<" else ""), "".join(parts))


def read_web(data: bytes, known: Callable[[str], bool], sheet: str | None) -> Table:
    """Read the tables of a web page or of an XML workbook of 2003; the encoding is found by decoding.

    Raises
    ------
    ReadError
        There is no table in it, or no sheet of that name.
    """
    text, encoding = decode(data)
    page = _Page()
    page.feed(_well_formed(text))
    page.close()
    sheets = [s for s in page.sheets if any(c[0] for row in s.cells.values() for c in row.values())]
    for number, one in enumerate(sheets, start=1):
        one.name = one.name or f"表{number}"
    names = [s.name for s in sheets]
    if sheet is not None and sheet not in names:
        raise ReadError(f"文件里没有工作表“{sheet}”。", f"现有：{'、'.join(names)}。", sheets=names)
    evidence = {"format": "html", "encoding": encoding}
    tables = []
    for one in sheets:
        if sheet in (None, one.name):
            name = one.name if len(sheets) > 1 else ""
            tables.append(
                (one.name, to_table(Grid(one.rows(), one.merges, frozenset(one.hidden), name), known, evidence))
            )
    if not tables:
        raise ReadError("网页里没有表格。", "请用 Excel 打开它，另存为 Excel 工作簿（.xlsx）后再导入。")
    return join_sheets(tables, known, [])
