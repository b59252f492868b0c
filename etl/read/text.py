"""CSV and TSV: the encoding by decoding, the separator by counting; labels are never believed."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterator, Sequence

from etl.read.grid import Grid, Row, to_table
from etl.table import TEXT, Table
from geo.errors import ReadError

_SEPARATORS = (",", "\t", ";", "|")
_SAMPLE_LINES = 50
csv.field_size_limit(10_000_000)


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
    lines = []
    for line in io.StringIO(text):
        if line.strip():
            lines.append(line)
        if len(lines) >= _SAMPLE_LINES:
            break
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


def _texts(text: str, separator: str) -> Iterator[Sequence[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
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


def read_text(data: bytes, known: Callable[[str], bool]) -> Table:
    """Read a CSV or TSV file of any of the usual encodings and separators."""
    text, encoding = decode(data)
    separator = find_separator(text)
    evidence = {"encoding": encoding, "separator": {"\t": "tab"}.get(separator, separator)}
    texts = _texts(text, separator)
    return to_table(Grid(_rows(texts), texts=texts), known, evidence)
