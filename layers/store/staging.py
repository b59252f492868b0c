"""Rows on their way in: the batch that etl hands over, and its COPY into temporary tables."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TextIO, TypeVar, cast

import numpy as np
import numpy.typing as npt
import pandas as pd
from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class, named as the driver names it

from layers.spec import PG_GEOMETRY, PG_TYPES, Layer
from layers.store.packing import binary_rows
from layers.store.watch import Watch

Positions = npt.NDArray[np.int64]
T = TypeVar("T")
_END = object()
PIECE = 20_000
ROW_COLUMNS: dict[str, str] = {
    "key": "text",
    "name": "text",
    "county_code": "text",
    "unit_code": "text",
    "township_code": "text",
    "location_accuracy": "text",
    "is_demo": "boolean",
    "data_date": "date",
    "source_name": "text",
    "source_row": "integer",
    "address": "text",
    "area_m2": "double precision",
    "extra": "jsonb",
    "original": "text",
    "entry_number": "integer",
}
EVENT_COLUMNS = {
    "key": "text", "type": "text", "level": "text", "event_date": "date", "end_date": "date", "date_text": "text",
    "first_day": "date",
}  # fmt: skip
FIGURE_COLUMNS = {"key": "text", "measure": "text", "period_end": "date", "value": "double precision"}
SHARE_COLUMNS = {
    "key": "text", "county_code": "text", "unit_code": "text", "area_m2": "double precision",
}  # fmt: skip
SRIDS = {"geom": 4490, "geom_3857": 3857}
NOT_NULL_DEFAULTS: dict[str, str] = {"level": "", "date_text": "", "address": "", "source_name": ""}
_SQL_DEFAULTS = dict.fromkeys(NOT_NULL_DEFAULTS, "''") | {"extra": "'{}'", "original": "'{}'", "is_demo": "false"}


@dataclass(frozen=True)
class Resource:
    """A received file, known by its content."""

    sha256: str
    file_name: str
    n_bytes: int
    publisher: str = ""
    licence: str = ""
    url: str = ""
    data_date: dt.date | None = None
    received_by: str = ""


@dataclass(frozen=True)
class Issue:
    """One fault of one row: where, what kind, how bad, what was found, and what to do in Chinese.

    ``entry`` is the row's place among the rows read, from 1; ``row`` its number in its own sheet.
    """

    row: int | None
    field: str
    type: str
    severity: str
    value: str
    message: str
    entry: int | None = None


@dataclass(frozen=True)
class Reading:
    """How a file was understood: its columns in order, its titles and notes, encoding and sheet."""

    columns: tuple[dict[str, Any], ...] = ()
    notes: tuple[str, ...] = ()
    evidence: dict[str, str] = field(default_factory=dict)


class LazyRows:
    """The rows of a large file, made some thousands at a time when they are wanted, and then let go.

    Parameters
    ----------
    keys : Arrow array of str, (n,)
        Of every row, in order.
    make : callable
        Takes positions, returns those rows; fields that the file does not have may be left out.
    whole : callable, optional
        Makes of such a frame one with every field, as ``Batch.rows`` has them.
    near : callable, optional
        Returns the positions of all rows in an order in which near ones come together.
    """

    def __init__(
        self,
        keys: Any,
        make: Callable[[Positions], pd.DataFrame],
        whole: Callable[[pd.DataFrame], pd.DataFrame] = lambda frame: frame,
        near: Callable[[], Positions] | None = None,
    ) -> None:
        self.keys, self._make, self._whole, self._near = keys, make, whole, near

    def __len__(self) -> int:
        return len(self.keys)

    def pieces(self) -> Iterator[pd.DataFrame]:
        """Yield the rows in order."""
        yield from map(self._make, _cut(np.arange(len(self))))

    def pieces_near(self) -> Iterator[tuple[Positions, pd.DataFrame]]:
        """Yield the rows with their positions, those that are near each other together."""
        order = np.arange(len(self)) if self._near is None else self._near()
        yield from made_ahead((at, self._make(at)) for at in _cut(order))

    def frame(self) -> pd.DataFrame:
        """Return all rows at once."""
        return self._whole(self._make(np.arange(len(self))))


def _cut(order: Positions) -> Iterator[Positions]:
    for start in range(0, len(order), PIECE):
        yield order[start : start + PIECE]


@dataclass
class Batch:
    """What one file becomes: rows to load, their events, figures and area shares, and what was held back.

    ``rows`` has one row per record with the columns of ``ROW_COLUMNS``, ``geom`` and ``geom_3857`` (shapely
    or None) and every field of the layer; keys are unique. ``present`` names the fields the file has: the
    others keep the value on record (None: all are present). n_read = len(rows) + len(quarantine).
    ``tickets`` are the quarantine ids that the file answers; ``ended`` the keys whose records end with it.
    """

    rows: pd.DataFrame | LazyRows
    events: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(EVENT_COLUMNS)))
    figures: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(FIGURE_COLUMNS)))
    shares: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(SHARE_COLUMNS)))
    quarantine: list[dict[str, Any]] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    n_read: int = 0
    n_skipped: int = 0
    present: frozenset[str] | None = None
    tickets: tuple[int, ...] = ()
    ended: frozenset[str] = frozenset()
    reading: Reading | None = None

    def pieces(self) -> Iterator[pd.DataFrame]:
        """Yield the rows in order, a large file's some thousands at a time."""
        if isinstance(self.rows, LazyRows):
            yield from self.rows.pieces()
        else:
            yield self.rows

    def frame(self) -> pd.DataFrame:
        """Return the rows."""
        return self.rows.frame() if isinstance(self.rows, LazyRows) else self.rows


def copy_frame(
    cursor: Cursor,
    table: str,
    frame: pd.DataFrame,
    columns: dict[str, str],
    srids: dict[str, int] | None = None,
    *,
    frozen: bool = False,
) -> None:
    """COPY the named columns of a frame into a table, in binary; columns that are empty are left to their default.

    Parameters
    ----------
    cursor, table, frame : the open cursor, the table's name and the rows
    columns : dict of column -> PostgreSQL type
    srids : dict of geometry column -> SRID of its coordinates
    frozen : bool
        Every later reader may see the rows without asking whether their transaction ended well, so that they are
        written once and not touched again. Only into a table made in the same transaction.
    """
    if frame.empty:
        return
    there = {name for name in frame.columns if not frame[name].isna().all()}
    kinds = {name: kind for name, kind in columns.items() if name in there}
    shapes = {name: srid for name, srid in (srids or {}).items() if name in there}
    filled = {
        name: frame[name].fillna(instead)
        for name, instead in NOT_NULL_DEFAULTS.items()
        if name in kinds and frame[name].isna().any()
    }
    cursor.copy_expert(
        sql.SQL("COPY {} ({}) FROM STDIN WITH (FORMAT binary{})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, (*kinds, *shapes))),
            sql.SQL(", FREEZE" if frozen else ""),
        ),
        cast(TextIO, Stream(made_ahead(binary_rows(frame.assign(**filled) if filled else frame, kinds, shapes)))),
    )


def made_ahead(pieces: Iterator[T]) -> Iterator[T]:
    """Yield pieces, the next one made while the one before is used."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, pieces, _END)
        while (piece := coming.result()) is not _END:
            coming = pool.submit(next, pieces, _END)
            yield cast(T, piece)


class Stream(io.RawIOBase):
    """Pieces of bytes as a file, so that the whole is never in memory."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    def read(self, size: int = -1, /) -> bytes:
        """Return the next piece, whatever its size; nothing at the end."""
        del size
        return next(self._pieces, b"")


def row_columns(layer: Layer) -> dict[str, str]:
    """Return every column of a staged row but its geometries, with its PostgreSQL type."""
    return ROW_COLUMNS | {f.id: PG_TYPES[f.type] for f in layer.fields}


def stage(cursor: Cursor, layer: Layer, batch: Batch, watch: Watch | None = None) -> None:
    """Create and fill ``stage_row``, ``stage_event``, ``stage_figure`` and ``stage_share``."""
    columns = row_columns(layer)
    extra = {
        "geom_3857": "geometry(Geometry, 3857)", "geom": f"geometry({PG_GEOMETRY[layer.geometry]}, 4490)",
    }  # fmt: skip
    _make(cursor, "stage_row", columns | extra)
    cursor.execute(
        sql.SQL(
            "ALTER TABLE stage_row ADD COLUMN _kept_location boolean NOT NULL DEFAULT false,"
            " ADD COLUMN row_hash text NOT NULL DEFAULT '', ADD COLUMN _status text NOT NULL DEFAULT 'new',"
            " ADD COLUMN _touched boolean NOT NULL DEFAULT true, ADD COLUMN id bigint DEFAULT nextval({})"
        ).format(sql.Literal(f"{layer.table}_feature"))
    )
    done = 0
    for piece in batch.pieces():
        copy_frame(cursor, "stage_row", piece, columns, SRIDS)
        done += len(piece)
        if watch is not None:
            watch.step("stage", done, len(batch.rows))
    stage_dated(cursor, batch)
    cursor.execute("ANALYZE stage_row (key, id, _status, _touched, _kept_location)")


def stage_dated(cursor: Cursor, batch: Batch) -> None:
    """Create and fill ``stage_event``, ``stage_figure`` and ``stage_share``."""
    for name, frame, columns in (
        ("stage_event", batch.events, EVENT_COLUMNS),
        ("stage_figure", batch.figures, FIGURE_COLUMNS),
        ("stage_share", batch.shares, SHARE_COLUMNS),
    ):
        _make(cursor, name, columns)
        copy_frame(cursor, name, frame, columns)


def _make(cursor: Cursor, name: str, columns: dict[str, str]) -> None:
    body = sql.SQL(", ").join(
        sql.SQL("{} {} DEFAULT {}").format(sql.Identifier(c), sql.SQL(kind), sql.SQL(_SQL_DEFAULTS.get(c, "NULL")))
        for c, kind in columns.items()
    )
    cursor.execute(sql.SQL("CREATE TEMP TABLE {} ({}) ON COMMIT DROP").format(sql.Identifier(name), body))
