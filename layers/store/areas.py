"""Areas: the boundary layer's records as generations, one of them active; and who lies in which."""

from __future__ import annotations

import datetime as dt

import numpy as np
import shapely
from psycopg2 import sql
from psycopg2.extensions import connection

from geo.assign import AreaIndex
from layers.registry import Catalogue
from layers.spec import Layer
from layers.store.db import connect, statement


def active_areas(dsn: str, kind: str = "county") -> tuple[list[str], list[shapely.Geometry], list[tuple[float, float]]]:
    """Return codes, geometries (EPSG:4490, lon/lat) and label points of the active areas of a kind."""
    with connect(dsn) as conn:
        return _active(conn, kind)


def _active(conn: connection, kind: str) -> tuple[list[str], list[shapely.Geometry], list[tuple[float, float]]]:
    with conn.cursor() as cursor:
        cursor.execute(
            "SELECT code, ST_AsBinary(geom), label_lon, label_lat FROM area"
            " WHERE is_active AND kind = %(kind)s ORDER BY code",
            {"kind": kind},
        )
        rows = cursor.fetchall()
    shapes = list(shapely.from_wkb([bytes(r[1]) for r in rows])) if rows else []
    return [r[0] for r in rows], shapes, [(r[2], r[3]) for r in rows]


def refresh_areas(conn: connection, cat: Catalogue, at: dt.datetime, run_id: int) -> None:
    """Rebuild the areas from the boundary layer; when the active ones changed, assign every record anew.

    Runs inside the transaction of the boundary's own run, so that codes and areas change in one step.
    """
    with conn.cursor() as cursor:
        cursor.execute(statement("load/active_generation"))
        before = cursor.fetchone()
        cursor.execute(statement("load/areas"))
        cursor.execute(statement("load/active_generation"))
        changed = cursor.fetchone() != before
    if changed:
        codes, shapes, _ = _active(conn, "county")
        if codes:
            index = AreaIndex.build(codes, np.asarray(shapes, dtype=object))
            for layer in cat.layers.values():
                # a moment later, so that the boundary's own new records are replaced and not opened twice
                _reassign(conn, layer, cat, index, at + dt.timedelta(microseconds=1), run_id)


def reassign_layer(conn: connection, layer: Layer, cat: Catalogue, at: dt.datetime, run_id: int) -> None:
    """Assign what a run brought back, with old codes, to the active counties, a moment after it."""
    codes, shapes, _ = _active(conn, "county")
    rows = _placed(conn, layer, run_id)
    if codes and rows:
        index = AreaIndex.build(codes, np.asarray(shapes, dtype=object))
        _reassign(conn, layer, cat, index, at + dt.timedelta(microseconds=1), run_id, polygons=False, rows=rows)


def _placed(conn: connection, layer: Layer, run_id: int | None = None) -> list[tuple[int, bytes, str, str]]:
    """Return the layer's placed records, or those that one run wrote."""
    with conn.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "SELECT version_id, ST_AsBinary(geom), county_code, unit_code FROM {}"
                " WHERE recorded_to = 'infinity' AND geom IS NOT NULL{} ORDER BY version_id"
            ).format(sql.Identifier(layer.table), sql.SQL("" if run_id is None else " AND run_id = %(run_id)s")),
            {"run_id": run_id},
        )
        return [(v, bytes(g), c, u) for v, g, c, u in cursor.fetchall()]


def _reassign(
    conn: connection, layer: Layer, cat: Catalogue, index: AreaIndex, at: dt.datetime, run_id: int, *,
    polygons: bool = True, rows: list[tuple[int, bytes, str, str]] | None = None,
) -> None:  # fmt: skip
    """Give every placed record its county under the new areas: new versions where the answer differs.

    A polygon gets a new version whenever the areas change, for its shares belong to its version: what was
    known on an earlier date stays as it was.
    """
    from layers.store.load import reassign_versions

    rows = _placed(conn, layer) if rows is None else rows
    if not rows:
        return
    shapes = shapely.from_wkb([r[1] for r in rows])
    dimension = shapely.get_dimensions(shapes)
    where = np.full(len(rows), -1, dtype=np.int64)
    for wanted in (0, 1, 2):
        mask = dimension == wanted
        if not mask.any():
            continue
        if wanted == 0:
            spots = shapely.point_on_surface(shapes[mask])  # a record of several points lies where one of them does
            where[mask] = index.points(shapely.get_x(spots), shapely.get_y(spots))
        else:
            split = index.polygons(shapes[mask]) if wanted == 2 else index.lines(shapes[mask])
            where[mask] = split.code_index
    codes = [*index.codes, "outside"]
    moves = [
        (version, codes[w], codes[w] if unit == county else unit)
        for (version, _, county, unit), w, d in zip(rows, where, dimension, strict=True)
        if codes[w] != county or (d == 2 and polygons)
    ]
    units = {version: unit for version, _, unit in moves}
    counties = {version: county for version, county, _ in moves}
    shares = []
    if polygons and (dimension == 2).any():
        split = index.polygons(shapes[dimension == 2])
        ids = [r[0] for r, d in zip(rows, dimension, strict=True) if d == 2]
        pieces = [
            (ids[f], codes[a], float(m)) for f, a, m in zip(split.feature_i, split.area_i, split.area_m2, strict=True)
        ]
        pieces += [(v, "outside", float(m)) for v, m in zip(ids, split.outside_m2, strict=True) if m > 0]
        # a record of a functional zone answers to it whole; any other answers where each share lies
        shares = [(v, c, c if units[v] == counties[v] else units[v], m) for v, c, m in pieces]
    if moves:
        reassign_versions(conn, layer, cat, moves, shares, at, run_id)
