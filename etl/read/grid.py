"""From a sheet's raw rows to a table: find the header rows, join merged headers, set totals and notes apart."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from etl._bulk import CONTROL, OTHER, SPACE
from etl.parse_text import compact, header_key
from etl.read.header_rows import Cell, Merge, Row, filled_cells, find_header, flatten, header_rows
from etl.read.several import HeaderSense, beside_each_other, unfold
from etl.table import NUMBER, TEXT, Column, Skipped, Table, distinct, objects
from etl.texts import Array, each, look_at, one_of, spaces, text_array

_HEADER_ZONE = 25
_FEW = 3  # a row with more filled cells is no note and no heading
_TOTAL_LENGTH = 24
_TOTAL_ENDS = frozenset("计总:：lmLMｌｍＬＭ") | {""}
_ENDS = "".join(sorted(_TOTAL_ENDS))
_TOTAL = re.compile(r"^.{0,10}(合计|小计|总计|共计|累计|汇总)[:：]?$|^(total|subtotal|sum)$", re.IGNORECASE)
_NOTE = re.compile(
    r"^(注|备注|说明|填表说明|填报说明|备注说明|填表人|填报人|制表人?|制表单位|填报单位|填表单位|单位负责人|审核人?|"
    r"联系人|联系电话|填报日期|填表日期|制表日期|数据来源|资料来源|来源|统计时间|截至日期|单位)\s*\d*[:：]"
    r"|^注\s*\d*[:：.、]|^(备注|说明)$|^[*※]|^单位[:：]"
)
EXAMPLE = "示例："  # how the example row of an import template begins
_BEFORE_COMMA = re.compile(r"^\s*[-+¥￥]?\d{1,3}$")
_AFTER_COMMA = re.compile(r"^\d{3}(?:\.\d+)?\D*$")
_SIGNED = frozenset(
    {
        "填报单位",
        "填表单位",
        "制表单位",
        "报送单位",
        "填报人",
        "填表人",
        "制表人",
        "单位负责人",
        "审核人",
        "审核",
        "填报日期",
        "填表日期",
    }
)
_TITLE = re.compile(r"(表|清单|一览|汇总|单位[:：]\S+)[)）]?$|[(（]续[)）]$")
_PAGE = re.compile(r"^(第\d+页(,?[共/]\d+页)?|\d+/\d+页?|[-—]\d+[-—])$")
_NUMBERS = frozenset({"序号", "编号", "序", "no", "项次"})
_ORDINAL = re.compile(r"^[（(]?[一二三四五六七八九十]{1,3}[)）、.．]?$")
_ORDINAL_STARTS = "（(一二三四五六七八九十"
_GROUP = re.compile(r"^[（(]?[一二三四五六七八九十]+[)）、.]")


@dataclass
class Grid:
    """A sheet as rows come: what is merged, what is hidden, and its name.

    ``rest`` returns the rows after a number, which ``rows`` has then no more, as columns of texts all at once.
    ``torn`` takes the numbers of rows with a quote that is never closed, as they come.
    """

    rows: Iterator[Row]
    merges: list[Merge] = field(default_factory=list)
    hidden: frozenset[int] = frozenset()
    name: str = ""
    rest: Callable[[int], list[Array]] | None = None
    torn: set[int] = field(default_factory=set)


def is_total(texts: Sequence[str | None]) -> bool:
    """Whether the texts of a row, or of a part of one, are a total."""
    cells: list[Cell] = [(text, TEXT) for text in texts]
    filled = filled_cells(cells)
    return bool(filled) and _is_total(cells, filled)


def _is_total(cells: Sequence[Cell], filled: list[int]) -> bool:
    if cells[filled[0]][1] == NUMBER:
        return False
    for i in filled[:3]:
        text = cells[i][0] or ""
        if len(text) <= _TOTAL_LENGTH and _TOTAL.match(compact(text)):
            return True
    return False


def _reason(cells: Sequence[Cell], filled: list[int], width: int, number: int, merges: list[Merge]) -> str:
    """Say why a row is no record: '' when it is one."""
    if _is_total(cells, filled):
        return "total"
    if any((cells[i][0] or "").startswith(EXAMPLE) for i in filled[:3]):
        return "example"
    if compact(cells[filled[0]][0] or "") in _SIGNED and all(cells[i][1] != NUMBER for i in filled):
        return "note"
    if len(filled) > _FEW:
        return ""
    word = compact(cells[filled[0]][0] or "")
    if _NOTE.match(word) or (len(filled) == 1 and _PAGE.match(word)):
        return "note"
    merged = any(m[0] <= number <= m[2] and m[3] - m[1] + 1 >= max(2, width * 0.6) for m in merges)
    if len(filled) == 1 and width > 2 and (merged or (_GROUP.match(word) and len(word) <= 20)):
        return "heading" if len(word) <= 20 else "note"
    return ""


def _splits_a_number(cells: Sequence[str | None]) -> bool:
    """Whether a number was cut at its comma: a cell of up to three digits, then one that begins with three."""
    pairs = pairwise(cells)
    return any(a and b and _BEFORE_COMMA.match(a) and _AFTER_COMMA.match(b) for a, b in pairs)


def to_table(
    grid: Grid, known: Callable[[str], bool], evidence: dict[str, str], above: tuple[str, ...] = ()
) -> Table:  # fmt: skip
    """Turn a sheet's rows into a table; a table under it, with another header, is among its ``others``.

    Parameters
    ----------
    grid : Grid
        Rows in order; every row once.
    known : callable
        Whether a text is a header of the layer the file is for.
    evidence : dict
        How the file was read, kept with the table.
    above : tuple of str
        Titles that stand between it and a table above it.

    Raises
    ------
    ReadError
        The sheet is empty.
    """
    head: list[Row] = []
    for row in grid.rows:
        if filled_cells(row[1]):
            head.append(row)
        if len(head) >= _HEADER_ZONE:
            break
    is_header = HeaderSense(known)
    at = find_header(head, known)
    first, last = header_rows(head, at, grid.merges, known)
    earlier = next((i for i, (_, cells) in enumerate(head[:first]) if is_header(cells, filled_cells(cells))), None)
    if earlier is not None:  # of a table above it, whose header has fewer words that we know
        first, last = header_rows(head, earlier, grid.merges, known)
    width = max(len(cells) for _, cells in head)
    header = flatten(head, first, last, grid.merges, width)
    titles = [" ".join(c[0] for c in cells if c[0]) for _, cells in head[:first]]
    skipped = [Skipped(number, "title", " ".join(c[0] for c in cells if c[0])) for number, cells in head[:first]]
    body = _Body(width, header, grid)
    given = max(len(cells) for _, cells in head[first : last + 1])
    under = None
    waiting = iter(head[last + 1 :])
    for row in waiting:
        if body.starts_another(row, is_header):
            under = chain([row], waiting, grid.rows)
            break
        body.add(row)
    if under is None and grid.rest is not None and len(head) == _HEADER_ZONE:
        body.add_columns(grid.rest(head[-1][0]), head[-1][0] + 1)
    for row in grid.rows if under is None else ():
        if body.starts_another(row, is_header):
            under = chain([row], grid.rows)
            break
        body.add(row)
    between = body.after_records() if under is not None else []
    notes = tuple([*above, *titles] + [s.text for s in body.skipped if s.reason == "note" and s not in between])
    made = body.table(notes, skipped, evidence | ({"sheet": grid.name} if grid.name else {}), given)
    made = replace(
        unfold(made, body.header, known, is_total), torn=frozenset(grid.torn & set(made.row_numbers.tolist()))
    )
    if under is None:
        return made
    next_one = to_table(replace(grid, rows=under), known, evidence, tuple(s.text for s in between))
    return replace(made, others=(replace(next_one, others=()), *next_one.others))


class _Body:
    """Collects the rows under the header, column by column, repeated texts kept once."""

    def __init__(self, width: int, header: list[str], grid: Grid) -> None:
        self.header, self.merges, self.hidden = header, grid.merges, grid.hidden
        self.down = [m for m in grid.merges if m[2] > m[0] and m[1] == m[3]]
        self.cells: list[list[str | None]] = [[] for _ in range(width)]
        self.kinds: list[bytearray] = [bytearray() for _ in range(width)]
        self.numbers: list[int] = []
        self.first_words = {h for h in header if h}
        self.skipped: list[Skipped] = []
        self.shared: set[tuple[int, int]] = set()
        self.blocks = beside_each_other(header)
        self.bulk: list[Array] = []
        self.bulk_numbers: npt.NDArray[np.int64] = np.zeros(0, np.int64)
        self._known_text: dict[str, str] = {}

    def add(self, row: Row) -> None:
        number, cells = row
        if not self._is_record(number, cells):
            return
        while len(cells) > len(self.cells):
            self._widen()
        n = len(self.numbers)
        for j, column in enumerate(self.cells):
            text, kind = cells[j] if j < len(cells) else (None, TEXT)
            if text is not None:
                text = self._known_text.setdefault(text, text) if len(text) < 40 else text
                text = None if text.isspace() else text
            column.append(text)
            self.kinds[j].append(kind)
        self.numbers.append(number)
        if self.down:
            self._fill_down(number, n)

    def add_columns(self, columns: list[Array], first: int) -> None:
        """Add all further rows as columns of texts; the few that may be no record are judged one by one."""
        if not columns:
            return
        while len(columns) > len(self.cells):
            self._widen()
        n = len(columns[0])
        odd, filled = np.zeros(n, bool), np.zeros(n, np.int64)
        made: list[Array] = []
        ends, starts = one_of(_ENDS), one_of(EXAMPLE[0] + "".join(h[0] for h in self.first_words)) | spaces()
        for texts in columns:
            look = look_at(texts)
            blank = (look.first < 0) | look.only(SPACE | CONTROL | OTHER)
            for i in np.flatnonzero(blank & look.has(CONTROL | OTHER)).tolist():
                blank[i] = texts[i].as_py().isspace()
            filled += ~blank
            strange = ~blank & (ends[look.last] | spaces()[look.last] | starts[look.first])
            if strange.any():
                odd[strange] |= np.array(each(texts.filter(pa.array(strange)), self._may_be_no_record), bool)
            made.append(pc.if_else(pa.array(blank), pa.scalar(None, pa.string()), texts) if blank.any() else texts)
        odd |= filled <= _FEW
        keep = ~odd
        for i in np.flatnonzero(odd).tolist():
            keep[i] = self._is_record(first + i, [(c.as_py() or None, TEXT) for c in (t[i] for t in columns)])
        self.bulk = made if keep.all() else [texts.filter(pa.array(keep)) for texts in made]
        self.bulk_numbers = np.flatnonzero(keep) + first

    def _may_be_no_record(self, text: str) -> bool:
        """Whether a cell may make its row a total, an example or the header again: wrong on the safe side only."""
        return (
            (len(text) <= _TOTAL_LENGTH and _TOTAL.match(compact(text)) is not None)
            or text.startswith(EXAMPLE)
            or text.strip() in self.first_words
        )

    def starts_another(self, row: Row, is_header: HeaderSense) -> bool:
        """Whether a row is the header of another table under this one."""
        cells = row[1]
        filled = filled_cells(cells)
        another = is_header(cells, filled) and not self._again(cells, filled) and not _is_total(cells, filled)
        if another:
            self._take_titles(row[0])
        return another

    def _take_titles(self, number: int) -> None:
        """Take titles that stand right above a header for what they are, and for no records."""
        while self.numbers and number - self.numbers[-1] <= 2:
            said = [text for column in self.cells if (text := column[-1]) is not None]
            if len(said) != 1 or not _TITLE.search(said[0].strip()):
                return
            number = self.numbers.pop()
            self.skipped.append(Skipped(number, "heading", said[0].strip()[:200]))
            for column, kinds in zip(self.cells, self.kinds, strict=True):
                column.pop()
                kinds.pop()

    def after_records(self) -> list[Skipped]:
        """Return the titles and notes that stand below the last record."""
        last = self.numbers[-1] if self.numbers else 0
        return [s for s in self.skipped if s.row > last and s.reason in ("note", "heading")]

    def _is_record(self, number: int, cells: Sequence[Cell]) -> bool:
        """Whether a row is a record; one that is not, and not empty either, is noted."""
        filled = filled_cells(cells)
        if not filled:
            return False
        reason = _reason(cells, filled, len(self.cells), number, self.merges) or self._again(cells, filled)
        if reason == "total" and self.blocks and not self._all_totals(cells):
            reason = ""  # of one table; a record of another stands beside it
        if reason == "header_again":
            self._take_titles(number)
        if reason:
            self.skipped.append(Skipped(number, reason, " ".join((cells[i][0] or "").strip() for i in filled)[:200]))
        return not reason

    def _all_totals(self, cells: Sequence[Cell]) -> bool:
        """Whether a row of tables side by side is a total in each that has anything in it."""
        parts = [[cells[i] for i in places if i < len(cells)] for places in self.blocks]
        return all(_is_total(part, filled) for part in parts if (filled := filled_cells(part)))

    def _again(self, cells: Sequence[Cell], filled: list[int]) -> str:
        """Say so when the header stands once more, as on every printed page."""
        if (cells[filled[0]][0] or "").strip() not in self.first_words or len(filled) < 2:
            return ""
        words = [header_key(cells[i][0] or "") for i in filled]
        return "header_again" if words == [header_key(h) for h in self.header if h][: len(words)] else ""

    def _widen(self) -> None:
        self.cells.append([None] * len(self.numbers))
        self.kinds.append(bytearray(len(self.numbers)))
        self.header.append("")

    def _fill_down(self, number: int, n: int) -> None:
        """Give each row of a cell merged downwards the text of its first row (a county that spans its rows)."""
        for r1, c1, r2, _ in self.down:
            if (
                r1 < number <= r2
                and c1 <= len(self.cells)
                and self.cells[c1 - 1][n] is None
                and n > 0
                and self.numbers[n - 1] >= r1
            ):
                self.shared.add((c1 - 1, r1))
                self.cells[c1 - 1][n] = self.cells[c1 - 1][n - 1]
                self.kinds[c1 - 1][n] = self.kinds[c1 - 1][n - 1]

    def _without_headings(self, table: Table) -> Table:
        """Take out rows numbered 一, （二） where records are numbered 1, 2, 3: they head groups of these."""
        at = next((j for j, c in enumerate(table.columns) if header_key(c.header) in _NUMBERS), None)
        if at is None or not len(table):
            return table
        marks = table.columns[at]
        maybe = np.flatnonzero(one_of(_ORDINAL_STARTS)[marks.look.first] | spaces()[marks.look.first]).tolist()
        heads = {i: mark for i in maybe if _ORDINAL.match(mark := compact(marks.at(i) or ""))}
        if not heads or not any(c is not None and compact(c).isdecimal() for c in marks.cells):
            return table
        skipped = []
        for i, mark in heads.items():
            text = " ".join(c.strip() for j, column in enumerate(table.columns) if j != at and (c := column.at(i)))
            skipped.append(Skipped(int(table.row_numbers[i]), "heading", f"{mark} {text}"[:200]))
        keep = np.ones(len(table), bool)
        keep[list(heads)] = False
        return replace(table.take(np.flatnonzero(keep)), skipped=(*table.skipped, *skipped))

    def table(
        self, notes: tuple[str, ...], skipped: list[Skipped], evidence: dict[str, str], given: int
    ) -> Table:  # fmt: skip
        """Return what was collected; ``given`` is how many cells the header rows have."""
        names = enumerate(zip(distinct(self.header), self.cells, self.kinds, strict=True))
        columns = [self._column(name, cells, kinds, j) for j, (name, cells, kinds) in names]
        beyond = {i for column in columns[given:] for i in np.flatnonzero(~column.missing).tolist()}
        numbers = np.concatenate([np.asarray(self.numbers, dtype=np.int64), self.bulk_numbers])
        table = Table(
            columns=tuple(c for c, header in zip(columns, self.header, strict=True) if header or not c.missing.all()),
            row_numbers=numbers,
            notes=notes,
            skipped=tuple(skipped + self.skipped),
            wide=frozenset(int(numbers[i]) for i in beyond if _splits_a_number([c.at(i) for c in columns])),
            evidence=evidence,
            merged=tuple(
                (columns[c - 1].header, r1, r2, "") for r1, c, r2, _ in self.down if (c - 1, r1) in self.shared
            ),
        )
        table = self._without_headings(table)
        return replace(table, hidden_rows=self.hidden & frozenset(table.row_numbers.tolist()))

    def _column(self, name: str, cells: list[str | None], kinds: bytearray, j: int) -> Column:
        if not len(self.bulk_numbers):
            held = np.frombuffer(bytes(kinds), dtype=np.uint8)
            return Column(name, objects(cells), held if held.any() else None)
        more = self.bulk[j] if j < len(self.bulk) else pa.nulls(len(self.bulk_numbers), pa.string())
        return Column(name, pa.concat_arrays([text_array(cells), more]))
