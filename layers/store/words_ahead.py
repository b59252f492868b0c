"""Search words of a large load, made in a thread of their own while the database writes the records."""

from __future__ import annotations

import io
import re
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import IO, Any, TextIO, cast

import pyarrow as pa
from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class, named as the driver names it

from layers.spec import Layer
from layers.store.columns import columnar
from layers.store.db import statement
from layers.store.packing import HEADER, TRAILER, binary_rows
from layers.store.watch import Watch

LINES = 5_000
WORD_COLUMNS = {"layer": "text", "id": "bigint", "word": "text", "matched": "text", "weight": "smallint"}
Words = Callable[[str, list[tuple[str, str]]], list[tuple[str, str, int]]]
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SIGNS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v"}


class Ahead:
    """Words on their way: ``n`` records' rows of ``search_word`` come into a file as binary COPY takes them."""

    def __init__(self, n: int, made: IO[bytes]) -> None:
        self.n, self._made = n, made
        self._stopped = threading.Event()
        self.done: Future[int] = Future()

    def stop(self) -> None:
        """Make no more."""
        self._stopped.set()

    def make(self, records: IO[bytes], layer: Layer, titles: Sequence[str], words_of: Words) -> int:
        """Write the words of all records, one per line of a text COPY; return how many bytes they are."""
        self._made.write(HEADER)
        for lines in _some(line.decode() for line in records):
            if self._stopped.is_set():
                return 0
            for piece in binary_rows(_words(lines, layer, titles, words_of), WORD_COLUMNS, {}):
                if piece is not HEADER and piece is not TRAILER:
                    self._made.write(piece)
        return self._made.write(TRAILER) and self._made.tell()

    def copy(self, cursor: Cursor, table: str, watch: Watch | None) -> None:
        """Wait for the words, and COPY them into a table."""
        if watch is not None:
            watch.step("words", 0, self.n)
        size = self.done.result()
        self._made.seek(0)
        cursor.copy_expert(
            sql.SQL("COPY {} ({}) FROM STDIN WITH (FORMAT binary)").format(
                sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, WORD_COLUMNS))
            ),
            cast(TextIO, _Told(self._made, size, self.n, watch)),
            1 << 18,
        )


class _Told(io.RawIOBase):
    """A file that says how far it has been read."""

    def __init__(self, file: IO[bytes], size: int, n: int, watch: Watch | None) -> None:
        self._file, self._size, self._n, self._watch = file, size, n, watch

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes."""
        if self._watch is not None:
            self._watch.step("words", self._n * self._file.tell() // self._size, self._n)
        return self._file.read(size)


@contextmanager
def words_ahead(
    cursor: Cursor, layer: Layer, n: int, picked: Sequence[tuple[str, str]], words_of: Words
) -> Iterator[Ahead]:
    """Begin with the words of the ``n`` staged records that a run opens; ``picked`` are titles and columns."""
    columns = sql.SQL("").join(sql.SQL(", {}").format(sql.Identifier(c)) for _, c in picked)
    with tempfile.TemporaryFile() as records, tempfile.TemporaryFile() as made, ThreadPoolExecutor(1) as pool:
        cursor.copy_expert(
            sql.SQL("COPY ({}) TO STDOUT").format(sql.SQL(statement("load/words_staged")).format(columns=columns)),
            records,
        )
        records.seek(0)
        ahead = Ahead(n, made)
        ahead.done = pool.submit(ahead.make, records, layer, [t for t, _ in picked], words_of)
        try:
            yield ahead
        finally:
            ahead.stop()


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
