"""Records that may be one: what tells it of each, and what a person decided of a pair."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class, named as the driver names it

from geo.errors import NotFoundError
from layers.spec import Layer
from layers.store.db import connect, statement
from layers.store.record import record_of

CODES = ("credit_code", "project_code")


@dataclass(frozen=True)
class Neighbour:
    """One record as it is compared: names, codes, county, and lon, lat (EPSG:4490) or None."""

    key: str
    name: str
    credit_code: str | None = None
    project_code: str | None = None
    county_code: str = "unlocated"
    is_demo: bool = False
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True)
class Decision:
    """What was decided of a pair: ``merge`` (``other`` ended, its rows go to ``kept``) or ``apart``."""

    kept: str
    other: str
    decision: str
    reason: str
    decided_by: str
    decided_at: dt.datetime
    run_id: int | None


@dataclass(frozen=True)
class Whole:
    """One current record with everything that hangs on it."""

    record: dict[str, Any]
    events: list[dict[str, Any]]
    figures: list[dict[str, Any]]
    shares: list[dict[str, Any]]


def code_columns(layer: Layer) -> tuple[str, ...]:
    """Return which of the codes that tell one thing from another a layer has."""
    return tuple(c for c in CODES if layer.field(c) is not None)


def read_neighbours(dsn: str, layer: Layer) -> list[Neighbour]:
    """Return all of a layer's current records for comparison, in the order of their ids."""
    have = code_columns(layer)
    credit, project = (sql.Identifier("t", c) if c in have else sql.SQL("NULL") for c in CODES)
    with connect(dsn) as conn, conn.cursor() as cursor:
        text = sql.SQL(statement("import/neighbours")).format(
            table=sql.Identifier(layer.table), credit=credit, project=project
        )
        cursor.execute(text)
        return [Neighbour(*row) for row in cursor.fetchall()]


@dataclass(frozen=True)
class CountyWords:
    """How a layer's names are told from each other but for the county in them.

    ``pattern`` has the region before a county's word as its first group and the word as its second; ``codes`` give
    each word's county. Both are '' and empty where there are no counties.
    """

    pattern: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)


def read_alike(dsn: str, layer: Layer, counties: CountyWords) -> list[Neighbour]:
    """Return those of a layer's current records that share a code or a name's sound with another one."""
    have = code_columns(layer)
    credit, project = (sql.Identifier("t", c) if c in have else sql.SQL("NULL") for c in CODES)
    parts = {
        "table": sql.Identifier(layer.table), "credit": credit, "project": project,
        "codes": sql.SQL("").join(sql.SQL("{}, ").format(sql.Identifier("t", c)) for c in have),
        "by_code": sql.SQL("").join(
            sql.SQL(statement("import/neighbours_code")).format(code=sql.Identifier(c)) for c in have
        ),
    }  # fmt: skip
    words = {
        "county": counties.pattern or "(?!)", "counties": json.dumps(counties.codes),
        "any": "|".join({w[:2] for w in counties.codes}) or "(?!)",
    }  # fmt: skip
    with connect(dsn) as conn, conn.cursor() as cursor:
        cursor.execute("SET LOCAL jit = off; SET LOCAL work_mem = '64MB'")
        cursor.execute(sql.SQL(statement("import/neighbours_alike")).format(**parts), words)
        return [Neighbour(*row) for row in cursor.fetchall()]


def read_moved(dsn: str, layer: Layer) -> dict[str, frozenset[str]]:
    """Return the counties of those records of a layer that were in several over time."""
    with connect(dsn) as conn, conn.cursor() as cursor:
        cursor.execute(sql.SQL(statement("import/moved")).format(table=sql.Identifier(layer.table)))
        return {key: frozenset(counties) for key, counties in cursor.fetchall()}


def read_decisions(dsn: str, layer: str) -> list[Decision]:
    """Return what was decided of a layer's pairs, in order of time."""
    with connect(dsn) as conn, conn.cursor() as cursor:
        cursor.execute(statement("import/decisions"), {"layer": layer})
        return [Decision(*row) for row in cursor.fetchall()]


def record_decision(
    cursor: Cursor, layer: str, kept: str, other: str, decision: str, *, reason: str, by: str, run_id: int | None
) -> None:
    """Remember a decision, in the transaction of its run when there is one."""
    params = {"layer": layer, "kept": kept, "other": other, "decision": decision, "reason": reason, "by": by}
    cursor.execute(statement("import/decide"), params | {"run_id": run_id})


def keep_apart(dsn: str, layer: str, pairs: Iterable[tuple[str, str]], *, reason: str, by: str) -> None:
    """Remember that the records of each pair are two."""
    with connect(dsn) as conn, conn.cursor() as cursor:
        for one, two in pairs:
            record_decision(cursor, layer, one, two, "apart", reason=reason, by=by, run_id=None)


def propose_again(dsn: str, layer: str, kept: str, other: str) -> bool:
    """Forget that two records are two; return whether it was remembered."""
    with connect(dsn) as conn, conn.cursor() as cursor:
        cursor.execute(statement("import/withdraw"), {"layer": layer, "kept": kept, "other": other})
        return cursor.rowcount > 0


def current_keys(dsn: str, layer: Layer, keys: Iterable[str]) -> set[str]:
    """Return those of some keys that name a current record of a layer."""
    with connect(dsn) as conn, conn.cursor() as cursor:
        text = sql.SQL("SELECT key FROM {table} WHERE key = ANY (%(keys)s) AND recorded_to = 'infinity'")
        cursor.execute(text.format(table=sql.Identifier(layer.table)), {"keys": list(set(keys))})
        return {key for (key,) in cursor.fetchall()}


def read_wholes(dsn: str, layer: Layer, keys: Iterable[str]) -> dict[str, Whole]:
    """Return current records by key, with their events, figures and area shares.

    Raises
    ------
    NotFoundError
        No current record of the layer has one of the keys.
    """
    with connect(dsn) as conn, conn.cursor() as cursor:
        return {key: _whole(cursor, layer, key) for key in keys}


def _whole(cursor: Cursor, layer: Layer, key: str) -> Whole:
    names = {
        "table": sql.Identifier(layer.table),
        "event": sql.Identifier(layer.event_table),
        "figure": sql.Identifier(layer.figure_table),
    }
    cursor.execute(
        sql.SQL("SELECT id FROM {table} WHERE key = %(key)s AND recorded_to = 'infinity'").format(**names),
        {"key": key},
    )
    found = cursor.fetchone()
    if found is None:
        raise NotFoundError(f"图层“{layer.title}”里没有“{key}”，它可能已被更新或合并。", "请刷新后重新选择。")
    cursor.execute(sql.SQL(statement("import/belongings")).format(**names), {"id": found[0], "layer": layer.id})
    things: dict[str, list[dict[str, Any]]] = {"event": [], "figure": [], "share": []}
    for kind, thing in cursor.fetchall():
        things[kind].append(thing)
    return Whole(record_of(cursor, layer, int(found[0])), things["event"], things["figure"], things["share"])
