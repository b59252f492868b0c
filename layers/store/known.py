"""Surveyed points of a layer, by which the datum of a new file is recognised."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Sequence

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class, named as the driver names it

from layers.spec import Layer
from layers.store.beside import is_small
from layers.store.db import connect, statement

Places = dict[str, tuple[float, float]]


def known_places(
    dsn: str, layer: Layer, n: int, asked: Callable[[], tuple[Sequence[str], Sequence[str]]]
) -> tuple[Places, Places]:
    """Return lon, lat (EPSG:4490) by key, and by the names that only one record has, for ``n`` rows of a file.

    Parameters
    ----------
    asked : callable
        Returns the rows' keys and their names; not called where the layer is small and read whole. Places that
        the rows do not name may be among those returned.
    """
    with connect(dsn) as conn, conn.cursor() as cursor:
        rows = _read(cursor, layer, None if is_small(cursor, layer, n) else asked())
    by_key = {key: (lon, lat) for key, _, lon, lat in rows}
    owners: dict[str, set[str]] = defaultdict(set)
    for key, name, _, _ in rows:
        owners[name].add(key)
    return by_key, {name: (lon, lat) for _, name, lon, lat in rows if len(owners[name]) == 1}


def _read(
    cursor: Cursor, layer: Layer, asked: tuple[Sequence[str], Sequence[str]] | None
) -> list[tuple[str, str, float, float]]:
    names = {"table": sql.Identifier(layer.table)}
    if asked is None:
        cursor.execute(sql.SQL(statement("load/known")).format(**names))
    else:
        cursor.execute("SET LOCAL jit = off")
        params = {"keys": json.dumps(list(asked[0])), "names": json.dumps(list(asked[1]))}
        cursor.execute(sql.SQL(statement("load/known_beside")).format(**names), params)
    return cursor.fetchall()
