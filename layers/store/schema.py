"""Tables, indexes, comments and published views that follow from the catalogue.

A changed TOML migrates without loss: a new field is a new column, a removed field leaves its column (and
its history) in the table and disappears from the views, a changed type is refused.
"""

from __future__ import annotations

import json
from hashlib import sha256

from psycopg2 import sql
from psycopg2.extensions import connection

from geo.errors import CatalogueError
from layers.registry import Catalogue
from layers.spec import PG_GEOMETRY, PG_TYPES, FieldSpec, Layer
from layers.store.cell_terms import LEVELS
from layers.store.cells import rebuild_cells
from layers.store.db import statement
from layers.store.duplicates import CODES
from layers.store.slices import published_view

SHORT_TYPES = {"timestamp with time zone": "timestamptz", "ARRAY": "text[]"}


def _columns(conn: connection, table: str) -> dict[str, str]:
    with conn.cursor() as cursor:
        cursor.execute(statement("schema/introspect/columns"), {"table": table})
        return {name: SHORT_TYPES.get(kind, kind) for name, kind in cursor.fetchall()}


def _add_field(conn: connection, layer: Layer, spec: FieldSpec, have: dict[str, str]) -> None:
    table = sql.Identifier(layer.table)
    column = sql.Identifier(spec.id)
    wanted = PG_TYPES[spec.type]
    with conn.cursor() as cursor:
        if spec.id not in have:
            cursor.execute(sql.SQL("ALTER TABLE {} ADD COLUMN {} {}").format(table, column, sql.SQL(wanted)))
        elif have[spec.id] != wanted:
            raise CatalogueError(
                f"{layer.id}.toml 的字段“{spec.id}”类型由 {have[spec.id]} 改成了 {wanted}，已有数据无法照搬。",
                "请改用新的字段名，或恢复原来的类型。",
                file=f"{layer.id}.toml",
                key=f"fields.{spec.id}.type",
            )
        unit = f"（{spec.unit}）" if spec.unit else ""
        hidden = "，内部" if spec.internal else ""
        cursor.execute(
            sql.SQL("COMMENT ON COLUMN {}.{} IS %(text)s").format(table, column),
            {"text": f"{spec.title}{unit}{hidden}"},
        )


def _indexes(layer: Layer) -> list[sql.Composed]:
    made = []
    for spec in layer.fields:
        if spec.type == "list":
            kind, compared = sql.SQL("USING gin"), sql.SQL("")
        elif spec.is_categorical or spec.is_number or spec.type == "date" or spec.id in CODES:
            kind, compared = sql.SQL(""), sql.SQL(" text_pattern_ops" if PG_TYPES[spec.type] == "text" else "")
        else:
            continue
        made.append(
            sql.SQL(
                "CREATE INDEX IF NOT EXISTS {name} ON {table} {kind} ({target}{compared})"
                " WHERE recorded_to = 'infinity' AND {target} IS NOT NULL"
            ).format(
                name=sql.Identifier(f"{layer.table}_{spec.id}_now"[:63]),
                table=sql.Identifier(layer.table),
                kind=kind,
                target=sql.Identifier(spec.id),
                compared=compared,
            )
        )
    return made


def _create(conn: connection, layer: Layer) -> None:
    names = {
        "table": sql.Identifier(layer.table),
        "sequence": sql.Identifier(f"{layer.table}_feature"),
        "event": sql.Identifier(layer.event_table),
        "figure": sql.Identifier(layer.figure_table),
        "geometry": sql.SQL(PG_GEOMETRY[layer.geometry]),
        "key_now": sql.Identifier(f"{layer.table}_key_now"),
        "id_now": sql.Identifier(f"{layer.table}_id_now"),
        "event_now": sql.Identifier(f"{layer.event_table}_now"),
        "figure_now": sql.Identifier(f"{layer.figure_table}_now"),
        "figure_id": sql.Identifier(f"{layer.figure_table}_id_ix"),
    }
    suffixes = ("id", "run", "geom", "tile", "county", "unit", "ended", "named", "before")
    names |= {f"table_{s}": sql.Identifier(f"{layer.table}_{s}_ix") for s in suffixes}
    names |= {f"event_{s}": sql.Identifier(f"{layer.event_table}_{s}_ix") for s in ("id", "date")}
    with conn.cursor() as cursor:
        cursor.execute(sql.SQL(statement("schema/layer/create")).format(**names))


def _check_geometry(conn: connection, layer: Layer) -> None:
    with conn.cursor() as cursor:
        cursor.execute(statement("schema/introspect/geometry"), {"table": layer.table})
        found = cursor.fetchone()
    have = next((k for k, v in PG_GEOMETRY.items() if found and v == found[0]), layer.geometry)
    if have != layer.geometry:
        raise CatalogueError(
            f"{layer.id}.toml 的 geometry 由 {have} 改成了 {layer.geometry}，已有的图形无法照搬。",
            "请改用新的图层名，或恢复原来的 geometry。",
            file=f"{layer.id}.toml",
            key="geometry",
        )


def _retire(conn: connection, gone: set[str]) -> None:
    """Publish no more what the catalogue no longer holds; tables and history stay for its return."""
    with conn.cursor() as cursor:
        for name in sorted(gone):
            cursor.execute(sql.SQL("DROP VIEW IF EXISTS {}").format(sql.Identifier("pub", name)))
            cursor.execute(statement("schema/layer/retire"), {"layer": name})


def _publish(conn: connection, cat: Catalogue, layer: Layer) -> None:
    name = sql.Identifier("pub", layer.id)
    with conn.cursor() as cursor:
        cursor.execute(sql.SQL("DROP VIEW IF EXISTS {}").format(name))
        if not layer.public:
            return
        cursor.execute(sql.SQL("CREATE VIEW {} AS {}").format(name, sql.SQL(published_view(layer, cat))))
        cursor.execute(sql.SQL("COMMENT ON VIEW {} IS %(t)s").format(name), {"t": layer.title})
        cursor.execute(sql.SQL("GRANT SELECT ON {} TO yuantu_public, yuantu_reader").format(name))


def sync_catalogue(conn: connection, cat: Catalogue) -> list[str]:
    """Create or extend every layer's tables, views and cells; return the ids of layers that changed.

    Raises
    ------
    CatalogueError
        A field's type or the layer's geometry was changed.
    """
    changed = []
    with conn.cursor() as cursor:
        cursor.execute("SELECT layer, spec_hash FROM layer_state")
        known = dict(cursor.fetchall())
    _retire(conn, {name for name, digest in known.items() if digest and name not in cat.layers})
    for layer in cat.layers.values():
        parts = [cat.hashes.get(f"layer:{layer.id}", ""), statement("schema/layer/create")]
        parts += [cat.hashes.get(f"vocab:{f.vocabulary}", "") for f in layer.fields if f.vocabulary]
        parts += [statement("schema/layer/published")]
        parts += [
            str(LEVELS),
            *(statement(f"cells/{x}") for x in ("collect", "moved", "moved_days", "bounds", "raise")),
        ]
        digest = sha256("\n".join(parts).encode()).hexdigest()
        if known.get(layer.id) == digest:
            continue
        _check_geometry(conn, layer)
        _create(conn, layer)
        have = _columns(conn, layer.table)
        for spec in layer.fields:
            _add_field(conn, layer, spec, have)
        with conn.cursor() as cursor:
            for index in _indexes(layer):
                cursor.execute(index)
            cursor.execute(
                sql.SQL("COMMENT ON TABLE {} IS %(text)s").format(sql.Identifier(layer.table)),
                {"text": f"{layer.title}：{layer.description}"},
            )
            _publish(conn, cat, layer)
            rebuild_cells(cursor, layer, cat)
            cursor.execute(
                statement("schema/layer/record"),
                {"layer": layer.id, "hash": digest, "spec": json.dumps(layer.model_dump(mode="json"))},
            )
        changed.append(layer.id)
    return changed
