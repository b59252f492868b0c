"""What a file has beyond the layer's fields: columns that match nothing, and cells that could not be used."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa

from etl.parse_text import is_nothing
from etl.table import Column
from etl.texts import Array, each, plain_texts, replaced


class Extra:
    """By row and header: whole columns as they are, single cells one by one."""

    __iter__ = None  # any whole number is a row

    def __init__(self) -> None:
        self._columns: dict[str, Array] = {}
        self._cells: defaultdict[int, dict[str, str]] = defaultdict(dict)

    def __getitem__(self, row: int) -> dict[str, str]:
        """Return the single cells of a row, to put one more among them."""
        return self._cells[row]

    def __bool__(self) -> bool:
        return bool(self._columns) or any(self._cells.values())

    def keep(self, column: Column) -> None:
        """Keep a column's cells under its header, those that say something."""
        odd = ~(plain_texts(column.look) | column.missing)
        made = each(column.texts.filter(pa.array(odd)), _said) if odd.any() else []
        self._columns[column.header] = replaced(column.texts, odd, made)

    def of(self, rows: npt.NDArray[np.int64]) -> list[dict[str, str]]:
        """Return what some rows have."""
        taken = {header: texts.take(pa.array(rows)).to_pylist() for header, texts in self._columns.items()}
        out: list[dict[str, str]] = [{} for _ in range(len(rows))]
        for header, texts in taken.items():
            for found, text in zip(out, texts, strict=True):
                if text is not None:
                    found[header] = text
        if self._cells:
            for found, row in zip(out, rows.tolist(), strict=True):
                found |= self._cells.get(row, {})
        return out

    def as_json(self, rows: npt.NDArray[np.int64]) -> Array:
        """Return what some rows have as JSON texts."""
        if not self:
            return pa.repeat("{}", len(rows))
        return pa.array([_json(found) if found else "{}" for found in self.of(rows)], pa.string())


def _said(cell: str) -> str | None:
    return None if is_nothing(cell) else cell.strip()


def _json(found: dict[str, Any]) -> str:
    try:
        return orjson.dumps(found).decode()
    except TypeError:  # half a surrogate pair, which orjson does not take
        return json.dumps(found, ensure_ascii=False).encode("utf-8", "replace").decode()
