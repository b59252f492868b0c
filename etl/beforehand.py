"""What is settled of a table before its cells are read: its unit, columns that stand twice, days since 1904."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from etl.headers import Match, sheet_unit, sheet_units
from etl.issues import IssueLog
from etl.parse_amount import Unit
from etl.table import NUMBER, Column, Table
from layers.spec import Layer

REPEATED = re.compile(r" \(\d+\)$")  # as headers that repeat are told apart
DAYS_TO_1904 = 1462
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")


def stated_unit(table: Table, log: IssueLog) -> Unit | None:
    """Return the unit stated for the sheet; none where two of money are, which is said."""
    money = {word: u for word, u in sheet_units(table.notes).items() if u.dimension in ("money", "")}
    if len({u.factor for u in money.values()}) > 1:
        log.add("units_contradicted", None, "", "、".join(money))
        return None
    return sheet_unit(table.notes)


def note_twice(table: Table, matches: list[Match], log: IssueLog) -> None:
    """Say where a column that is used stands once more, under the same header, with other contents."""
    used = {c.header: c for c, m in zip(table.columns, matches, strict=True) if m.kind != "extra"}
    for column, match in zip(table.columns, matches, strict=True):
        first = used.get(REPEATED.sub("", column.header)) if match.kind == "extra" else None
        if first is None or first is column:
            continue
        both = ~first.missing & ~column.missing
        if (first.cells[both] != column.cells[both]).any():
            log.add("column_twice", None, "", first.header)


def since_1904(table: Table, matches: list[Match], layer: Layer) -> Table:
    """Return a table of a workbook that counts days from 1904 with its bare serial numbers counted from 1900."""
    if table.evidence.get("date_system") != "1904":
        return table
    columns = []
    for column, match in zip(table.columns, matches, strict=True):
        spec = layer.field(match.target) if match.kind == "field" else None
        dated = match.kind in ("event", "event_end") or (spec is not None and spec.type == "date")
        if dated and column.kinds is not None:
            serial = [
                i for i in np.flatnonzero(column.kinds == NUMBER).tolist() if _SERIAL.fullmatch(column.cells[i] or "")
            ]
            cells = column.cells.copy()
            for i in serial:
                cells[i] = str(int(float(cells[i])) + DAYS_TO_1904)
            column = Column(column.header, cells, column.kinds)
        columns.append(column)
    return replace(table, columns=tuple(columns))
