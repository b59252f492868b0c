"""Amounts in a cell that is merged over several records: they are of all of them together, and of none alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from etl.parse_text import is_nothing
from etl.table import Column

if TYPE_CHECKING:
    from etl.clean import Cleaned


def shared_rows(cleaned: Cleaned, column: Column) -> list[int]:
    """Return the positions of the rows that share one cell of a column although they are records of their own."""
    table = cleaned.table
    ranges = [(first, last, sheet) for header, first, last, sheet in table.merged if header == column.header]
    name = next((c for c, m in zip(table.columns, cleaned.matches, strict=True) if m.target == "name"), None)
    if not ranges or name is None:
        return []
    out: list[int] = []
    for first, last, sheet in ranges:
        within = (table.row_numbers >= first) & (table.row_numbers <= last)
        if sheet and table.sheets is not None:
            within &= table.sheets == sheet
        rows = np.flatnonzero(within).tolist()
        if len({name.at(i) for i in rows}) > 1:
            out += rows
    return out


def without_shared(cleaned: Cleaned, column: Column, field_id: str, title: str) -> Column:
    """Take away amounts that several records have together: nobody says how much of it is whose."""
    rows = [i for i in shared_rows(cleaned, column) if not is_nothing(column.at(i))]
    if not rows:
        return column
    cells = column.cells.copy()
    for i in rows:
        cleaned.log.add("amount_shared", i, field_id, cells[i], title=title)
        cleaned.extra[i][column.header] = str(cells[i])
        cells[i] = None
    return Column(column.header, cells, column.kinds)
