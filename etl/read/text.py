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
from etl.read.grid import Grid, Row, to_table
from etl.table import TEXT, Table
from etl.texts import Array, text_array
from geo.errors import ReadError

_SEPARATORS = (",", "\t", ";", "|")
_SAMPLE_LINES = 50
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
        return _try(data, "utf-8-sig")
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
            f"第 {error.start + 1} 个字节起既不是 UTF-8 也不是 GB18030 文字。",
            "请用 Excel 另存为“CSV UTF-8”或 xlsx 后重试。",
            encoding=encoding,
        ) from error


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
        score = (usual - 1) * widths.count(usual) / max(len(widths), 1)
        if score > best_score:
            best, best_score = separator, score
    return best


def _texts(text: str, separator: str) -> Generator[Sequence[str]]:
    reader = csv.reader((line.group() for line in _LINE.finditer(text)), delimiter=separator)
    number = 0
    try:
        for cells in reader:
            number += 1
            yield cells
    except csv.Error as error:
        raise ReadError(
            f"第 {number + 1} 行附近的引号或分隔符不成对。", "请检查该行，或另存为 xlsx 后重试。"
        ) from error


def _rows(texts: Iterator[Sequence[str]]) -> Iterator[Row]:
    for number, cells in enumerate(texts, start=1):
        yield number, [(c if c else None, TEXT) for c in cells]


def _columns(texts: Iterator[Sequence[str]]) -> list[Array]:
    """Return the rows that are still to come as columns; cells that a row does not have are empty."""
    return [text_array(cells) for cells in zip_longest(*texts, fillvalue="")]


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
    texts = _texts(text, separator)
    del text  # a large file's is large, and what reads it line by line ends with the header where the file is plain

    def rest(number: int) -> list[Array]:
        columns = _split(whole, separator, number) if _is_plain(whole) else None
        if columns is None:
            return _columns(texts)
        texts.close()
        return columns

    return to_table(Grid(_rows(texts), rest=rest), known, evidence)
