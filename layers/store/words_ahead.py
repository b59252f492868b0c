"""Search words of a large load, made, written and indexed beside the records, and joined to them in their run."""

from __future__ import annotations

import re
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, suppress
from typing import IO, Any, TextIO, cast

import psycopg2
import pyarrow as pa
from psycopg2 import sql
from psycopg2.extensions import connection
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class, named as the driver names it

from geo.errors import CancelledError, DatabaseUnavailableError
from layers.spec import Layer
from layers.store.columns import columnar
from layers.store.db import connect, statement
from layers.store.packing import HEADER, TRAILER, binary_rows
from layers.store.staging import Stream, made_ahead
from layers.store.watch import Watch

LINES = 5_000
WORD_COLUMNS = {"layer": "text", "id": "bigint", "word": "text", "matched": "text", "weight": "smallint"}
Words = Callable[[str, list[tuple[str, str]]], list[tuple[str, str, int]]]
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SIGNS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v"}


class Ahead:
    """The words of what a run opens, made, written and indexed meanwhile by a thread and a connection of its own.

    Nobody reads them until ``join``; leaving before the run is published drops them again.
    """

    def __init__(self, dsn: str, layer: Layer, words_of: Words) -> None:
        self._dsn, self._layer, self._words_of = dsn, layer, words_of
        self._files = ExitStack()
        self._pool: ThreadPoolExecutor | None = None
        self._coming: Future[str | None] | None = None
        self._lock = threading.Lock()
        self._conn: connection | None = None
        self._stopped = False
        self._n = self._done = 0
        self._table: str | None = None

    @property
    def begun(self) -> bool:
        """Whether words are on their way."""
        return self._coming is not None

    def begin(self, cursor: Cursor, n: int, picked: Sequence[tuple[str, str]]) -> None:
        """Begin with the ``n`` staged records that the run opens; ``picked`` are titles and columns of other words."""
        columns = sql.SQL("").join(sql.SQL(", {}").format(sql.Identifier(c)) for _, c in picked)
        records = self._files.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - closed on leaving
        wanted = sql.SQL(statement("load/words_staged")).format(columns=columns)
        cursor.copy_expert(sql.SQL("COPY ({}) TO STDOUT").format(wanted), records)
        records.seek(0)
        self._n, self._pool = n, ThreadPoolExecutor(1)
        self._coming = self._pool.submit(self._work, records, [t for t, _ in picked])

    def join(self, cursor: Cursor, watch: Watch) -> None:
        """Wait for the words, and let them be found with the others once the run is published."""
        assert self._coming is not None
        while not wait([self._coming], timeout=0.2).done:
            watch.step("words", self._done, self._n)
        watch.step("words", self._n, self._n)
        cursor.execute("SELECT words_joined(%(made)s)", {"made": self._coming.result()})

    def __enter__(self) -> Ahead:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        with self._lock:
            self._stopped = True
            if self._conn is not None and not self._conn.closed and kind is not None:
                self._conn.cancel()
        if self._pool is not None:
            self._pool.shutdown()
        self._files.close()
        if kind is not None and self._table is not None:
            with (
                suppress(DatabaseUnavailableError, psycopg2.Error),
                connect(self._dsn) as conn,
                conn.cursor() as cursor,
            ):
                cursor.execute("SELECT words_dropped(%(made)s)", {"made": self._table})

    def _work(self, records: IO[bytes], titles: Sequence[str]) -> str | None:
        """Write and index all words, in one transaction; return the table they are in."""
        with connect(self._dsn) as conn, conn.cursor() as cursor:
            with self._lock:
                self._conn = conn
            try:
                cursor.execute("SELECT words_apart(%(layer)s)", {"layer": self._layer.id})
                made: str = (cursor.fetchone() or ("",))[0]
                cursor.copy_expert(
                    sql.SQL("COPY {} ({}) FROM STDIN WITH (FORMAT binary)").format(
                        sql.Identifier(made), sql.SQL(", ").join(map(sql.Identifier, WORD_COLUMNS))
                    ),
                    cast(TextIO, Stream(made_ahead(self._pieces(records, titles)))),
                )
                cursor.execute(
                    "SET LOCAL maintenance_work_mem = '256MB'; SELECT words_indexed(%(made)s)", {"made": made}
                )
                conn.commit()
                self._table = made
            finally:
                with self._lock:
                    self._conn = None
        return made

    def _check(self) -> None:
        if self._stopped:
            raise CancelledError("导入已取消，没有改动任何数据。", "需要时可重新导入同一个文件。")

    def _pieces(self, records: IO[bytes], titles: Sequence[str]) -> Iterator[bytes]:
        yield HEADER
        for lines in _some(line.decode() for line in records):
            self._check()
            pieces = binary_rows(_words(lines, self._layer, titles, self._words_of), WORD_COLUMNS, {})
            yield from (piece for piece in pieces if piece is not HEADER and piece is not TRAILER)
            self._done += len(lines)
        yield TRAILER


def _some(lines: Iterator[str]) -> Iterator[list[str]]:
    held: list[str] = []
    for line in lines:
        held.append(line)
        if len(held) == LINES:
            yield held
            held = []
    if held:
        yield held


def _words(lines: list[str], layer: Layer, titles: Sequence[str], words_of: Words) -> Any:
    ids, words, matched, weights = [], [], [], []
    for line in lines:
        number, name, *others = line[:-1].split("\t")
        if "\\" in line:
            name, others = _plain(name), [_plain(v) for v in others]
        for word, what, weight in words_of(name, [(t, v) for t, v in zip(titles, others, strict=True) if v]):
            ids.append(int(number))
            words.append(word)
            matched.append(what)
            weights.append(weight)
    return columnar({
        "layer": pa.repeat(layer.id, len(ids)), "id": pa.array(ids, pa.int64()), "word": pa.array(words, pa.string()),
        "matched": pa.array(matched, pa.string()), "weight": pa.array(weights, pa.int16()),
    })  # fmt: skip


def _plain(value: str) -> str:
    """Undo the escapes of a text COPY; null is the empty text."""
    return "" if value == r"\N" else _ESCAPED.sub(lambda m: _SIGNS.get(m[1], m[1]), value)
