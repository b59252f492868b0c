"""What an import knows of its layer: merges and pairs that people decided, and the records beside a file's rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from etl.duplicates import CROWD
from etl.gazetteer import Known
from etl.texts import Array, text_array
from layers.spec import Layer
from layers.store.beside import Asked, Beside, read_beside
from layers.store.duplicates import read_decisions
from layers.store.known import known_places

Find = Callable[[int, Callable[[], Asked]], Beside]
Recognise = Callable[[Array, Array], Known]


def _nothing(n: int, asked: Callable[[], Asked]) -> Beside:
    del n, asked
    return Beside()


def _unknown(keys: Array, names: Array) -> Known:
    del keys, names
    return Known()


@dataclass(frozen=True)
class Standing:
    """What an import knows of a layer.

    Attributes
    ----------
    merged : dict of key -> key
        Of a record that was judged to be another one, the key it goes by.
    apart : frozenset of pairs of keys
        The pairs that were judged to be two.
    find : callable
        Takes the number of some rows and what they ask by, returns the records beside them, and maybe more.
    recognise : callable
        Takes the keys and the names of some rows, returns the surveyed places that they name, and maybe more.
    """

    merged: Mapping[str, str] = field(default_factory=dict)
    apart: frozenset[frozenset[str]] = frozenset()
    find: Find = _nothing
    recognise: Recognise = _unknown

    def key(self, key: str) -> str:
        """Return the key a record goes by after merges."""
        seen = {key}
        while (found := self.merged.get(key)) is not None and found not in seen:
            key = found
            seen.add(key)
        return key

    def keys(self, keys: Array) -> Array:
        """Return the keys that some rows' records go by after merges."""
        return text_array([self.key(k) for k in keys.to_pylist()]) if self.merged else keys


def read_standing(dsn: str, layer: Layer, *, before: dt.datetime | None = None, records: bool = True) -> Standing:
    """Read what an import must know, as it was decided before an instant (None: now)."""
    decided = [d for d in read_decisions(dsn, layer.id) if before is None or d.decided_at < before]
    merged = {d.other: d.kept for d in decided if d.decision == "merge"}
    apart = frozenset(frozenset((d.kept, d.other)) for d in decided if d.decision == "apart")
    if not records:
        return Standing(merged, apart)
    return Standing(
        merged, apart,
        find=lambda n, asked: read_beside(dsn, layer, n, asked, CROWD),
        recognise=lambda keys, names: Known(
            *known_places(dsn, layer, len(keys), lambda: (keys.to_pylist(), names.to_pylist()))
        ),
    )  # fmt: skip
