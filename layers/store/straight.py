"""A large file of new records alone: written straight into the table apart that takes the layer's place."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress

import psycopg2
import pyarrow as pa
import pyarrow.compute as pc
from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class, named as the driver names it

from geo.errors import DatabaseUnavailableError
from layers.spec import Layer
from layers.store import apart
from layers.store.db import connect
from layers.store.side_by_side import side_by_side
from layers.store.staging import SRIDS, Batch, LazyRows, copy_frame, row_columns, stage_dated
from layers.store.watch import Watch

TIMES = 20  # a file has at least so many rows for each version the layer has

_HELD = sql.SQL(
    "SELECT (SELECT count(*) FROM (SELECT 1 FROM {table} LIMIT %(most)s + 1) AS t),"
    " (SELECT array_agg(key) FROM (SELECT key FROM {table} WHERE recorded_to = 'infinity' LIMIT %(most)s + 1) AS t)"
)
# What follows reads the rows as if they had been staged: all are new, none has kept another's location.
_AS_STAGED = sql.SQL(
    "CREATE TEMP VIEW stage_row AS SELECT t.*, 'new'::text AS _status, true AS _touched, false AS _kept_location"
    " FROM apart.{table} AS t WHERE t.run_id = {run}"
)


class Straight:
    """The rows of one run on their straight way: filled and indexed by connections of their own.

    Nobody reads them until the run joins them; leaving before that drops them again.
    """

    def __init__(self, dsn: str, layer: Layer) -> None:
        self._dsn, self._layer = dsn, layer
        self._table = sql.Identifier(layer.table)
        self._begun = False

    def fits(self, cursor: Cursor, batch: Batch, mode: str) -> bool:
        """Say whether every row of a batch is new to the layer, which has little, and no record ends with it."""
        n = len(batch.rows)
        if not isinstance(batch.rows, LazyRows) or n < apart.MANY or batch.ended:
            return False
        most = n // TIMES
        cursor.execute(_HELD.format(table=self._table), {"most": most})
        count, keys = cursor.fetchone() or (0, None)
        if count > most or (keys and mode != "upsert"):
            return False
        return not keys or not pc.any(pc.is_in(pa.array(keys, pa.string()), batch.rows.keys)).as_py()

    def write(self, cursor: Cursor, batch: Batch, run_id: int, at: dt.datetime, watch: Watch) -> None:
        """Write the rows, and let ``cursor``, which holds the layer's lock, find them as staged ones."""
        assert isinstance(batch.rows, LazyRows)
        columns, done, n = row_columns(self._layer) | {"id": "bigint"}, 0, len(batch.rows)
        with connect(self._dsn) as conn, watch.over(conn), conn.cursor() as writer:
            writer.execute("SELECT apart_dropped(%(layer)s)", {"layer": self._layer.id})
            self._begun = True
            writer.execute(
                "SELECT apart_begun(%(layer)s, %(n)s, %(run)s, %(at)s)",
                {"layer": self._layer.id, "n": n, "run": run_id, "at": at},
            )
            (first,) = writer.fetchone() or (0,)
            writer.execute("SET LOCAL search_path = apart, public; SET LOCAL synchronous_commit = on")
            for at_rows, piece in batch.rows.pieces_near():
                piece["id"] = pa.array(first + at_rows)
                copy_frame(writer, self._layer.table, piece, columns, SRIDS, frozen=True)
                done += len(piece)
                watch.step("stage", done, n)
        cursor.execute(_AS_STAGED.format(table=self._table, run=sql.Literal(run_id)))
        cursor.execute("CREATE TEMP TABLE stage_closed (id bigint, key text) ON COMMIT DROP")
        stage_dated(cursor, batch)

    def index(self, cursor: Cursor, watch: Watch) -> None:
        """Make the indexes, constraints and statistics that the layer's own table has."""
        side_by_side(self._dsn, apart.index_calls(cursor, self._layer), watch)
        apart.complete_apart(cursor, self._layer)

    def __enter__(self) -> Straight:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is None or not self._begun:
            return
        with suppress(DatabaseUnavailableError, psycopg2.Error), connect(self._dsn) as conn, conn.cursor() as cursor:
            # whoever has the layer's lock by now drops what was left itself
            cursor.execute("SELECT pg_try_advisory_xact_lock(320901, hashtext(%(layer)s))", {"layer": self._layer.id})
            if cursor.fetchone() == (True,):
                cursor.execute("SELECT apart_dropped(%(layer)s)", {"layer": self._layer.id})
