"""One record as it stands, in the shape in which a batch takes it back: for sketches and corrections."""

from __future__ import annotations

from typing import Any

import shapely
from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class, named as the driver names it

from geo.errors import NotFoundError
from layers.spec import Layer
from layers.store.db import connect
from layers.store.staging import row_columns


def read_record(dsn: str, layer: Layer, feature_id: int) -> dict[str, Any]:
    """Return the current version of a record: every column of a staged row, geometries as shapely.

    Raises
    ------
    NotFoundError
        No current record of this layer has the id.
    """
    with connect(dsn) as conn, conn.cursor() as cursor:
        return record_of(cursor, layer, feature_id)


def record_of(cursor: Cursor, layer: Layer, feature_id: int) -> dict[str, Any]:
    """Return :func:`read_record` in a transaction that is open."""
    names = list(row_columns(layer))
    cursor.execute(
        sql.SQL(
            "SELECT {}, ST_AsBinary(geom), ST_AsBinary(geom_3857) FROM {}"
            " WHERE id = %(id)s AND recorded_to = 'infinity'"
        ).format(sql.SQL(", ").join(sql.Identifier(n) for n in names), sql.Identifier(layer.table)),
        {"id": feature_id},
    )
    found = cursor.fetchone()
    if found is None:
        raise NotFoundError(f"图层“{layer.title}”里没有这条记录，它可能已被更新或移除。", "请刷新后重新选择。")
    record = dict(zip(names, found, strict=False))
    geom, drawn = found[-2:]
    record["geom"] = shapely.from_wkb(bytes(geom)) if geom is not None else None
    record["geom_3857"] = shapely.from_wkb(bytes(drawn)) if drawn is not None else None
    return record
