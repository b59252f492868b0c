"""What a file becomes once it is read: a table of text cells, shapes, and what the file says of itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from etl.texts import Array, Look, look_at, missing, text_array

Objects = npt.NDArray[np.object_]
Ints = npt.NDArray[np.int64]

TEXT, NUMBER, DATE, BOOLEAN = 0, 1, 2, 3


class Column:
    """One column. ``cells`` are text or None; ``kinds`` tells what the file held, None means text throughout.

    Parameters
    ----------
    header : str
        Its name.
    cells : ndarray of objects, or Arrow array of strings
        Each form is made of the other when it is wanted.
    kinds : ndarray of uint8, optional
        TEXT, NUMBER, DATE or BOOLEAN.
    """

    def __init__(self, header: str, cells: Objects | Array, kinds: npt.NDArray[np.uint8] | None = None) -> None:
        self.header, self.kinds = header, kinds
        self._given = cells

    def __len__(self) -> int:
        return len(self._given)

    @cached_property
    def cells(self) -> Objects:
        """The cells as Python objects."""
        given = self._given
        return given if isinstance(given, np.ndarray) else given.to_numpy(zero_copy_only=False)

    @cached_property
    def texts(self) -> Array:
        """The cells as an Arrow array."""
        return text_array(self._given) if isinstance(self._given, np.ndarray) else self._given

    @cached_property
    def look(self) -> Look:
        """What characters the cells have."""
        return look_at(self.texts)

    @cached_property
    def missing(self) -> npt.NDArray[np.bool_]:
        """Which cells are None."""
        return missing(self.texts)

    def is_number(self, row: int) -> bool:
        """Whether the file held a number, not text, in this row."""
        return self.kinds is not None and self.kinds[row] == NUMBER

    def take(self, rows: Ints) -> Column:
        """Return some of the rows."""
        given = self._given
        cells = given[rows] if isinstance(given, np.ndarray) else given.take(pa.array(rows))
        return Column(self.header, cells, None if self.kinds is None else self.kinds[rows])

    def at(self, row: int) -> str | None:
        """Return one cell."""
        given = self._given
        cell: str | None = given[row] if isinstance(given, np.ndarray) else given[row].as_py()
        return cell


@dataclass(frozen=True)
class Skipped:
    """A row that is no record: a title, a total, a note. ``row`` is as in the spreadsheet."""

    row: int
    reason: str
    text: str


@dataclass(frozen=True)
class Table:
    """A file's records.

    Attributes
    ----------
    columns : tuple of Column
        Headers are distinct; merged header rows are joined with ``/``.
    row_numbers : ndarray of int64, (n,)
        The row as the person sees it in Excel (header row = 1 where it is the first row); for files without
        rows, the feature's number + 1.
    geometry : ndarray of shapely geometries or None, (n,), or None
        As in the file, in ``crs``.
    crs : str
        What the file says of its coordinates: ``EPSG:n``, WKT, or '' when it says nothing.
    notes : tuple of str
        Titles and notes above and below the table: units and datums are found there.
    evidence : dict
        Encoding, separator, sheet, driver: how the file was read.
    sheets : ndarray of str, (n,), or None
        The sheet of each row, when several were read.
    uncomputed : frozenset of int
        Rows (by number) with a formula whose value the file does not hold.
    wide : frozenset of int
        Rows (by number) of a text file with more cells than its header and a number cut at its comma.
    torn : frozenset of int
        Rows (by number) of a text file with a quote that is never closed: a cell holds the lines after it.
    merged : tuple of (header, first row, last row, sheet)
        Cells merged over several rows, each of which has their text.
    others : tuple of Table
        More records of the same file, with another header, or that state another unit or datum than these: each
        is read by its own words.
    """

    columns: tuple[Column, ...]
    row_numbers: Ints
    geometry: Objects | None = None
    crs: str = ""
    notes: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    evidence: dict[str, str] = field(default_factory=dict)
    sheets: Objects | None = None
    uncomputed: frozenset[int] = frozenset()
    others: tuple[Table, ...] = ()
    wide: frozenset[int] = frozenset()
    torn: frozenset[int] = frozenset()
    merged: tuple[tuple[str, int, int, str], ...] = ()

    def __len__(self) -> int:
        return len(self.row_numbers)

    def take(self, rows: Ints) -> Table:
        """Return some of the rows, with everything that is said of the table."""
        return replace(
            self, columns=tuple(c.take(rows) for c in self.columns), row_numbers=self.row_numbers[rows],
            geometry=None if self.geometry is None else self.geometry[rows],
            sheets=None if self.sheets is None else self.sheets[rows],
        )  # fmt: skip

    def cells_of(self, row: int) -> dict[str, str]:
        """Return one row's cells by header, as the sender wrote them."""
        return {c.header: "" if (cell := c.at(row)) is None else str(cell) for c in self.columns}


def distinct(headers: list[str]) -> list[str]:
    """Return headers with `` (2)``, `` (3)`` … on the ones that repeat, and a name for the empty ones."""
    seen: dict[str, int] = {}
    out = []
    for i, header in enumerate(headers):
        name = header.strip() or f"第{i + 1}列"
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return out


def objects(values: Sequence[object]) -> Objects:
    """Return a one-dimensional object array, whatever the values are."""
    return np.fromiter(values, dtype=object, count=len(values))
