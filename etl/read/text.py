"""CSV and TSV: the encoding by decoding, the separator by counting; labels are never believed."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice, zip_longest

import numpy as np
import pyarrow as pa

from etl import _bulk
from etl.read.grid import Grid, to_table
from etl.read.header_rows import Row
from etl.table import TEXT, Table
from etl.texts import Array, text_array
from geo.errors import ReadError

_SEPARATORS = (",", "\t", ";", "|")
_SAMPLE_LINES = 50
MAX_COLUMNS = 1_000
_LONGEST = 10_000_000
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_FILLED_LINE = re.compile(r"[^\n]*\S[^\n]*\n?")
csv.field_size_limit(_LONGEST)


def decode(data: bytes) -> tuple[str, str]:
    """Decode a text file; return the text and the encoding that fits every byte.

    Raises
    ------
    ReadError
        The bytes are no text in UTF-8, UTF-16 (with a mark) or GB18030.
    """
    if data.startswith(codecs.BOM_UTF8):
        rest = data[len(codecs.BOM_UTF8) :]
        try:
            return rest.decode("utf-8").replace("\0", "").lstrip("\ufeff"), "utf-8-sig"
        except UnicodeDecodeError:
            return _try(rest, "gb18030")  # the mark was put before a file that is not UTF-8
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _try(data, "utf-16")
    if b"\x00" in data[:65536]:
        raise ReadError("文件里有二进制内容，不是文本表格。", "请用 Excel 另存为 CSV 或 xlsx 后重试。")
    try:
        return data.decode("utf-8").replace("\0", ""), "utf-8"
    except UnicodeDecodeError:
        return _try(data, "gb18030")


def _try(data: bytes, encoding: str) -> tuple[str, str]:
    try:
        return data.decode(encoding).replace("\0", ""), encoding
    except UnicodeDecodeError as error:
        raise ReadError(
            f"文件不是 UTF-8 也不是 GB18030 文字（第 {_bad_line(data, 'utf-8')} 行不合 UTF-8，"
            f"第 {_bad_line(data, encoding)} 行不合 {encoding.upper()}），可能混用了两种编码。",
            "请用 Excel 另存为“CSV UTF-8”或 xlsx 后重试。",
            encoding=encoding,
        ) from error


def _bad_line(data: bytes, encoding: str) -> int:
    try:
        data.decode(encoding)
    except UnicodeDecodeError as error:
        return data.count(b"\n", 0, error.start) + 1
    return 1


def find_separator(text: str) -> str:
    """Return the separator that splits the first lines most evenly into the most columns."""
    lines = [line.group() for line in islice(_FILLED_LINE.finditer(text), _SAMPLE_LINES)]
    best, best_score = ",", 0.0
    for separator in _SEPARATORS:
        try:
            widths = [len(r) for r in csv.reader(lines, delimiter=separator)]
        except csv.Error:
            continue
        usual = max(set(widths), key=lambda w: (widths.count(w), w), default=1)
        share = widths.count(usual) / max(len(widths), 1)
        score = (usual - 1) * share * share  # a,b,c,d in one cell of most lines is no row of four
        if score > best_score:
            best, best_score = separator, score
    return best


class _Lines:
    """The lines of a text, and those that the present row was made of."""

    def __init__(self, text: str) -> None:
        self._lines = _LINE.finditer(text)
        self.of_row: list[str] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._lines).group()
        self.of_row.append(line)
        return line


def _texts(text: str, separator: str, torn: set[int]) -> Generator[Sequence[str]]:
    """Yield the cells of every row.

    A quote that is open at the end of the file was no quote: its lines are rows of their own. A cell of several
    lines, one of which has as many cells as the rows have, swallowed them: ``torn`` takes the row's number.
    """
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=separator)
    number, width = 0, 0
    try:
        for cells in reader:
            number += 1
            taken, lines.of_row = lines.of_row, []
            width = width or len(cells)
            if len(taken) > 1 and sum(line.count('"') for line in taken) % 2:
                for line in taken:
                    yield next(csv.reader([line], delimiter=separator, quoting=csv.QUOTE_NONE), [])
                    number += 1
                number -= 1
                continue
            if len(taken) > 2 and width > 2 and any(line.count(separator) == width - 1 for line in taken[1:-1]):
                torn.add(number)
            yield cells
    except csv.Error as error:
        raise ReadError(
            f"第 {number + 1} 行附近的引号或分隔符不成对。", "请检查该行，或另存为 xlsx 后重试。"
        ) from error


def _check_width(width: int, number: int) -> None:
    if width > MAX_COLUMNS:
        raise ReadError(
            f"第 {number} 行有 {width} 格，超过 {MAX_COLUMNS} 列。", "请检查该行的分隔符，删去多余的列后再试。"
        )


def _rows(texts: Iterator[Sequence[str]]) -> Iterator[Row]:
    for number, cells in enumerate(texts, start=1):
        _check_width(len(cells), number)
        yield number, [(c if c else None, TEXT) for c in cells]


def _columns(texts: Iterator[Sequence[str]]) -> list[Array]:
    """Return the rows that are still to come as columns; cells that a row does not have are empty."""
    return [text_array(cells) for cells in zip_longest(*_narrow(texts), fillvalue="")]


def _narrow(texts: Iterator[Sequence[str]]) -> Iterator[Sequence[str]]:
    for cells in texts:
        if len(cells) > MAX_COLUMNS:
            raise ReadError(
                f"有一行有 {len(cells)} 格，超过 {MAX_COLUMNS} 列。", "请检查各行的分隔符，删去多余的列后再试。"
            )
        yield cells


def _is_plain(data: bytes) -> bool:
    """Whether lines and separators are all there is: no quotes, no line ends of old Macintoshes."""
    return b'"' not in data and (b"\r" not in data or data.count(b"\r") == data.count(b"\r\n"))


def _split(data: bytes, separator: str, lines: int) -> list[Array] | None:
    """Return the rows after the first ``lines`` of a plain file as columns; None where a cell is too long for one."""
    start = 0
    for _ in range(lines):
        start = data.find(b"\n", start) + 1 or len(data)
    held = np.frombuffer(data, np.uint8)
    n, width = _bulk.count_cells(held, start, ord(separator))
    if width > MAX_COLUMNS:
        return None  # the line is found, and refused, when they are read one by one
    begin, end = np.zeros((width, n), np.int32), np.zeros((width, n), np.int32)
    _bulk.find_cells(held, start, ord(separator), begin, end)
    if n and (end - begin).max() > _LONGEST:
        return None

    def column(j: int) -> Array:
        offsets = np.zeros(n + 1, np.int32)
        np.cumsum(end[j] - begin[j], out=offsets[1:])
        cells = np.empty(offsets[-1], np.uint8)
        _bulk.gather(held, begin[j], offsets, cells)
        return pa.StringArray.from_buffers(n, pa.py_buffer(offsets), pa.py_buffer(cells))

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(column, range(width)))


def read_text(data: bytes, known: Callable[[str], bool]) -> Table:
    """Read a CSV or TSV file of any of the usual encodings and separators."""
    text, encoding = decode(data)
    separator = find_separator(text)
    evidence = {"encoding": encoding, "separator": {"\t": "tab"}.get(separator, separator)}
    whole = data if encoding == "utf-8" and b"\0" not in data else text.encode()
    torn: set[int] = set()
    texts = _texts(text, separator, torn)
    del text  # a large file's is large, and what reads it line by line ends with the header where the file is plain

    def rest(number: int) -> list[Array]:
        columns = _split(whole, separator, number) if _is_plain(whole) else None
        if columns is None:
            return _columns(texts)
        texts.close()
        return columns

    return to_table(Grid(_rows(texts), rest=rest, torn=torn), known, evidence)
