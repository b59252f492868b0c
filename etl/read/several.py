"""Several tables in one sheet: one above the other, each with its own header, or side by side under one header."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from etl.read.header_rows import Cell
from etl.table import TEXT, Column, Skipped, Table, distinct, objects

_LONGEST_HEADER = 20
_MOST = 0.6  # 填报单位, 某区, 联系人, 某人 is half headers and no header


class HeaderSense:
    """Tells a row that is another header from a record: most of its cells are headers of the layer."""

    def __init__(self, known: Callable[[str], bool]) -> None:
        self._known = known
        self._told: dict[str, bool] = {}

    def __call__(self, cells: Sequence[Cell], filled: Sequence[int]) -> bool:
        """Whether a row's cells, of which some are ``filled``, are headers: the first one and most of them."""
        if not any(self._is_known(cells[i][0] or "") for i in filled[1:3]):  # asked first: few words stand there
            return False
        if not self._is_known(cells[filled[0]][0] or "") or any(cells[i][1] != TEXT for i in filled):
            return False
        hits = {text for i in filled if self._is_known(text := cells[i][0] or "")}
        return len(hits) >= 2 and len(hits) > _MOST * len(filled)

    def _is_known(self, text: str) -> bool:
        if not 2 <= len(text) <= _LONGEST_HEADER or text[-1].isdigit():
            return False
        found = self._told.get(text)
        if found is None:
            found = self._told[text] = self._known(text)
        return found


def beside_each_other(header: Sequence[str]) -> list[list[int]]:
    """Return the places of the columns of each table where one header stands several times in a row; else none."""
    first = next((i for i, h in enumerate(header) if h), None)
    if first is None:
        return []
    starts = [i for i, h in enumerate(header) if h == header[first]]
    if len(starts) < 2:
        return []
    block = list(header[first : starts[1]])
    while not block[-1]:
        block.pop()
    found = [list(range(at, at + len(block))) for at in starts]
    alike = all([header[i] for i in places if i < len(header)] == block for places in found)
    covered = {i for places in found for i in places}
    rest = any(h for i, h in enumerate(header) if i not in covered)
    return found if alike and not rest and len(block) >= 2 and all(block) else []


def unfold(
    table: Table, header: Sequence[str], known: Callable[[str], bool], is_total: Callable[[Sequence[str | None]], bool]
) -> Table:  # fmt: skip
    """Put tables that stand side by side under one header one below the other; any other table is returned as it is."""
    blocks = beside_each_other(header)
    if not blocks or sum(known(header[i]) for i in blocks[0]) < 2:
        return table
    names = distinct(list(header))
    by_name = {c.header: c for c in table.columns}
    n = len(table)
    parts: list[list[Column]] = []
    skipped: list[Skipped] = []
    rows: list[np.ndarray[tuple[int], np.dtype[np.int64]]] = []
    for places in blocks:
        columns = [by_name.get(names[i]) or Column(names[i], objects([None] * n)) for i in places]
        filled = np.flatnonzero(~np.logical_and.reduce([c.missing for c in columns]))
        totals = [i for i in filled.tolist() if is_total([c.at(i) for c in columns])]
        skipped += [
            Skipped(int(table.row_numbers[i]), "total", " ".join(t for c in columns if (t := c.at(i)))) for i in totals
        ]
        filled = np.setdiff1d(filled, totals)
        rows.append(filled)
        parts.append([c.take(filled) for c in columns])
    made = []
    for j, i in enumerate(blocks[0]):
        cells = np.concatenate([part[j].cells for part in parts])
        kinds = np.concatenate(
            [np.zeros(len(p[j]), np.uint8) if (k := p[j].kinds) is None else k for p in parts]
        )  # fmt: skip
        made.append(Column(names[i], cells, kinds if kinds.any() else None))
    order = np.concatenate(rows)
    return replace(
        table, columns=tuple(made), row_numbers=table.row_numbers[order], skipped=(*table.skipped, *skipped)
    )  # fmt: skip
