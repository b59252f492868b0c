"""Vector tiles from the slice."""

from __future__ import annotations

from psycopg import sql

from geo.errors import InputError
from layers.registry import Catalogue
from layers.spec import Layer
from layers.store.filters import compile_filter
from layers.store.pool import Pool
from layers.store.queries_features import drawn_columns, drawn_fields, properties
from layers.store.queries_layers import template, visible_fields
from layers.store.slices import When, slice_sql

MAX_ZOOM = 22
CELLS_BELOW_ZOOM = 8
CELLS_ABOVE = 5000


def check_tile(z: int, x: int, y: int) -> None:
    """Refuse a tile that does not exist.

    Raises
    ------
    InputError
        Zoom outside 0–22, or column or row outside the zoom's range.
    """
    if not (0 <= z <= MAX_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z):
        raise InputError(f"没有瓦片 {z}/{x}/{y}。", f"z 为 0–{MAX_ZOOM}，x、y 为 0 到 2^z − 1。")


def _scalar(layer: Layer, name: str, expression: sql.Composable) -> sql.Composable:
    """Return an expression as MVT can hold it: lists and dates as text."""
    spec = layer.field(name)
    if spec is not None and spec.type == "list":
        return sql.SQL("array_to_string({}, '、')").format(expression)
    if spec is not None and spec.type == "date":
        return sql.SQL("{}::text").format(expression)
    return expression


async def read_tile(
    pool: Pool, cat: Catalogue, layer: Layer, z: int, x: int, y: int, *, filter_text: str, when: When, demo: bool,
    internal: bool,
) -> bytes:  # fmt: skip
    """Return one MVT tile, empty bytes where nothing lies.

    Below zoom 8, a tile with more than 5,000 records holds the layer ``<layer>_cell`` with n and sums.
    """
    check_tile(z, x, y)
    chosen = compile_filter(layer, cat, filter_text, internal=internal)
    params = when.params | chosen.params | {"z": z, "x": x, "y": y}
    if z < CELLS_BELOW_ZOOM:
        slice_ = slice_sql(layer, cat, when, chosen.fields, geometry=True, demo=demo)
        many = template("tiles/tile_count", slice=slice_, where=chosen.where)
        if (await pool.fetch_one(many, params | {"most": CELLS_ABOVE}))["n"] > CELLS_ABOVE:
            return await _read_cells(pool, cat, layer, params, chosen.fields, chosen.where, when, demo, internal)
    fields = drawn_fields(layer, internal=internal)
    query = template(
        "tiles/tile",
        name=sql.Literal(layer.id),
        properties=sql.SQL(", ").join(
            sql.SQL("{} AS {}").format(_scalar(layer, n, e), sql.Identifier(n)) for n, e in properties(layer, fields)
        ),
        slice=slice_sql(layer, cat, when, (*drawn_columns(layer, fields), *chosen.fields), geometry=True, demo=demo),
        where=chosen.where,
    )
    row = await pool.fetch_one(query, params)
    return bytes(row["tile"]) if row["n"] else b""


async def _read_cells(
    pool: Pool, cat: Catalogue, layer: Layer, params: dict[str, object], used: tuple[str, ...], where: sql.Composable,
    when: When, demo: bool, internal: bool,
) -> bytes:  # fmt: skip
    summed = [f for f in visible_fields(layer, internal=internal) if f.role == "extensive"]
    sums: list[sql.Composable] = [sql.SQL("count(*)::bigint AS n")]
    for spec in summed:
        cast = sql.SQL("bigint") if spec.type in ("cny", "integer") else sql.SQL("double precision")
        sums.append(
            sql.SQL("sum(c.{}::numeric)::{} AS {}").format(
                sql.Identifier(spec.id), cast, sql.Identifier(f"sum_{spec.id}")
            )
        )
    columns = (*(f.id for f in summed), *used)
    query = template(
        "tiles/cells",
        name=sql.Literal(f"{layer.id}_cell"),
        sums=sql.SQL(", ").join(sums),
        slice=slice_sql(layer, cat, when, columns, geometry=True, demo=demo),
        where=where,
    )
    row = await pool.fetch_one(query, params)
    return bytes(row["tile"]) if row["n"] else b""
