"""Surveyed points of a layer, by which the datum of a new file is recognised."""

from __future__ import annotations

from collections import Counter

from psycopg2 import sql

from layers.spec import Layer
from layers.store.db import connect, statement

Places = dict[str, tuple[float, float]]


def known_places(dsn: str, layer: Layer) -> tuple[Places, Places]:
    """Return lon, lat (EPSG:4490) by key, and by the names that only one record has."""
    with connect(dsn) as conn, conn.cursor() as cursor:
        cursor.execute(sql.SQL(statement("load/known")).format(table=sql.Identifier(layer.table)))
        rows = cursor.fetchall()
    by_key = {key: (lon, lat) for key, _, lon, lat in rows}
    names = [name for _, name, _, _ in rows]
    once = {name for name, count in Counter(names).items() if count == 1}
    return by_key, {name: (lon, lat) for _, name, lon, lat in rows if name in once}
