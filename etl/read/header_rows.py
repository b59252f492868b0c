"""The header rows of a sheet: which they are, and what they say together."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from etl.parse_amount import parse_unit
from etl.parse_text import compact
from etl.table import TEXT
from geo.errors import ReadError

Cell = tuple[str | None, int]  # the text, and what the file held
Row = tuple[int, Sequence[Cell]]  # the number as the person sees it, and the cells
Merge = tuple[int, int, int, int]  # first row, first column, last row, last column; from 1, inclusive

_WRITTEN_AS = frozenset({"年月", "年月日", "年/月", "日期", "文本", "数字"})


def filled_cells(cells: Sequence[Cell]) -> list[int]:
    """Return the places of the cells that say something."""
    return [i for i, (text, _) in enumerate(cells) if text and not text.isspace()]


def _score(cells: Sequence[Cell], known: Callable[[str], bool]) -> float:
    filled = filled_cells(cells)
    words = [cells[i][0] or "" for i in filled]
    hits = sum(known(w) for w in set(words))
    texts = sum(
        cells[i][1] == TEXT and not re.match(r"^[-+]?[\d.,]+%?$", w.strip()) for i, w in zip(filled, words, strict=True)
    )
    alone = len(filled) < 2
    return hits * 10 + (0 if alone else texts / max(len(filled), 1))


def find_header(head: list[Row], known: Callable[[str], bool]) -> int:
    """Return the position in ``head`` of the (last) header row; the one with the most headers we know.

    Raises
    ------
    ReadError
        No row looks like a header.
    """
    scores = [_score(cells, known) for _, cells in head]
    best = max(range(len(head)), key=lambda i: (scores[i], -i), default=-1)
    if best < 0 or not filled_cells(head[best][1]):
        raise ReadError("表里没有内容。", "请确认文件或工作表是否选对。")
    if scores[best] < 1:  # no header we know: the first row with at least two texts, else the first filled one
        best = next((i for i, s in enumerate(scores) if s >= 0.99), None) or next(
            i for i, (_, cells) in enumerate(head) if filled_cells(cells)
        )
    return best


def _spread(head: list[Row], merges: list[Merge], width: int) -> dict[tuple[int, int], str]:
    """Return the text of every header cell, merged ranges filled with the text of their first cell."""
    texts = {
        (number, j + 1): text.strip()
        for number, cells in head
        for j, (text, _) in enumerate(cells)
        if text is not None and text.strip()
    }
    for r1, c1, r2, c2 in merges:
        first = texts.get((r1, c1))
        if first:
            for number, _ in head:
                if r1 <= number <= r2:
                    texts.update({(number, c): first for c in range(c1, min(c2, width) + 1)})
    return texts


def header_rows(head: list[Row], at: int, merges: list[Merge], known: Callable[[str], bool]) -> tuple[int, int]:
    """Return the first and last position of the header rows round the best one."""
    number, cells = head[at]
    first = last = at
    reach = max((m[2] for m in merges if m[0] <= number <= m[2]), default=number)
    while last + 1 < len(head) and head[last + 1][0] <= reach:
        last += 1
    grouped = {m[0] for m in merges if m[1] < m[3]}
    bottom = first
    while first > 0 and _is_over(head[first - 1], head[first][0], merges, grouped):
        first -= 1
    if first < bottom:
        pass
    elif not merges and first > 0 and _is_group_row(head[first - 1][1], cells, known):
        first -= 1
    if last + 1 < len(head) and _is_under(head[last + 1][1], cells, known, number in grouped):
        last += 1
    return first, last


def _is_over(above: Row, number: int, merges: list[Merge], grouped: set[int]) -> bool:
    """Whether the row above a header row belongs to it: it has group titles, or a title that reaches down."""
    row, cells = above
    reaches = any(m[0] <= row and number <= m[2] for m in merges)
    return reaches or (row in grouped and len(filled_cells(cells)) >= 2)


def is_unit(word: str) -> bool:
    """Whether a text under a header only says in what its column is measured or written."""
    return parse_unit(word) is not None or compact(word) in _WRITTEN_AS


def _is_group_row(above: Sequence[Cell], below: Sequence[Cell], known: Callable[[str], bool]) -> bool:
    filled = filled_cells(above)
    under = set(filled_cells(below))
    named = [i for i in filled if known(above[i][0] or "")]
    reaches = any(i not in under for i in named)  # 项目名称 above, nothing below it: its cell was merged once
    return (
        len(filled) >= 2
        and (len(filled) < len(under) or (reaches and any(i not in filled for i in under)))
        and all(above[i][1] == TEXT for i in filled)
        and bool(named)
    )


def _is_under(below: Sequence[Cell], header: Sequence[Cell], known: Callable[[str], bool], grouped: bool) -> bool:
    """Whether the row under a header row belongs to it: units in brackets, or sub-headers of a merged title."""
    filled = filled_cells(below)
    words = [(below[i][0] or "").strip() for i in filled]
    if filled and all(re.match(r"^[（(].{1,8}[)）]$", w) for w in words):
        return True
    if filled and len(filled) < len(filled_cells(header)) and all(is_unit(w) for w in words):
        return True  # 万元, 亩, 年月: nothing else, and not under the names
    gaps = [i for i in filled if i >= len(header) or not (header[i][0] or "").strip()]
    return (
        bool(filled)
        and grouped
        and bool(gaps)
        and all(below[i][1] == TEXT for i in filled)
        and (any(known(w) for w in words) or len(filled) < len(filled_cells(header)))
    )


def flatten(head: list[Row], first: int, last: int, merges: list[Merge], width: int) -> list[str]:
    """Join the header rows into one header a column: ``进度/开工时间``; a unit row becomes ``总投资（万元）``."""
    texts = _spread(head[first : last + 1], merges, width)
    out = []
    units = {
        n for n, cells in head[first + 1 : last + 1] if all(is_unit(cells[i][0] or "") for i in filled_cells(cells))
    }
    for column in range(1, width + 1):
        parts: list[str] = []
        for number, _ in head[first : last + 1]:
            text = re.sub(r"\s*\n\s*", "", texts.get((number, column), ""))
            if number in units and text and text not in parts and not text.startswith(("(", "（")):
                text = f"（{text}）"
            if text and text not in parts:
                if parts and re.match(r"^[（(].*[)）]$", text):
                    parts[-1] += text
                else:
                    parts.append(text)
        out.append("/".join(parts))
    return out
