"""What of a layer stands beside some rows of a file: the records they may be, found by their keys, codes and names."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class, named as the driver names it

from layers.spec import Layer
from layers.store.db import connect, statement
from layers.store.duplicates import CODES, Neighbour, code_columns, read_moved, read_neighbours


@dataclass(frozen=True)
class Asked:
    """What some rows ask a layer by.

    Attributes
    ----------
    keys : sequence of str
        Under which a record of theirs can stand.
    names : sequence of str
        Forms that the names of the same thing can have: half-width, upper case, without spaces and brackets.
    codes : dict of field -> sequence of str
        Their ``credit_code`` and ``project_code``.
    """

    keys: Sequence[str] = ()
    names: Sequence[str] = ()
    codes: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Beside:
    """The records that stand beside some rows, in the order of their ids, and the counties of those that moved."""

    records: tuple[Neighbour, ...] = ()
    moved: Mapping[str, frozenset[str]] = field(default_factory=dict)


def is_small(cursor: Cursor, layer: Layer, n: int) -> bool:
    """Whether a layer has no more current records than a file has rows: then reading it whole costs less."""
    cursor.execute(
        "SELECT coalesce(sum(n), 0) <= %(n)s FROM rollup WHERE layer = %(layer)s AND axis = 'county' AND measure = 'n'",
        {"layer": layer.id, "n": n},
    )
    return bool(cursor.fetchone()[0])  # type: ignore[index]


def read_beside(dsn: str, layer: Layer, n: int, asked: Callable[[], Asked], most: int) -> Beside:
    """Return what stands beside ``n`` rows: a layer that is smaller whole, of a larger one what they ask by.

    Parameters
    ----------
    asked : callable
        Returns what the rows ask by; not called where the layer is read whole.
    most : int
        Of more records than so many with one name, only the first are returned.
    """
    with connect(dsn) as conn, conn.cursor() as cursor:
        if not is_small(cursor, layer, n):
            return look_up(cursor, layer, asked(), most)
    return Beside(tuple(read_neighbours(dsn, layer)), read_moved(dsn, layer))


def look_up(cursor: Cursor, layer: Layer, asked: Asked, most: int) -> Beside:
    """Return the records that some rows ask for, with those that only sound like them; each row by an index."""
    table, codes = sql.Identifier(layer.table), code_columns(layer)
    wanted = ("id", "key", "name", "county_code", "is_demo", "geom", *codes)
    columns = sql.SQL(", ").join(sql.Identifier("t", c) for c in wanted)
    parts = {"table": table, "columns": columns, "picked": columns}
    params = {"keys": _listed(asked.keys), "names": _listed(asked.names), "most": most}
    by_code: list[sql.Composable] = []
    for code in codes:
        params[code] = _listed(asked.codes.get(code, ()))
        names = {"codes": sql.SQL(code), "code": sql.Identifier(code)}
        by_code.append(sql.SQL(statement("import/beside_code")).format(**parts, **names))
    picked = {c: sql.Identifier("t", c) if c in codes else sql.SQL("NULL") for c in CODES}
    text = sql.SQL(statement("import/beside")).format(
        **parts, by_code=sql.SQL("").join(by_code), credit=picked["credit_code"], project=picked["project_code"]
    )
    cursor.execute("SET LOCAL jit = off")  # what is looked up one by one is planned as if it were everything
    cursor.execute(text, params)
    records = tuple(Neighbour(*row) for row in cursor.fetchall())
    cursor.execute(sql.SQL(statement("import/beside_moved")).format(table=table), params)
    return Beside(records, {key: frozenset(counties) for key, counties in cursor.fetchall()})


def _listed(values: Sequence[str]) -> str:
    return json.dumps(list(dict.fromkeys(values)))
