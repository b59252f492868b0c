"""Vector tiles: features where they are few or the zoom is high, cells of the pyramid where they are many."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from psycopg import sql

from geo.errors import InputError
from layers.registry import Catalogue
from layers.spec import FieldSpec, Layer
from layers.store.cell_terms import FINEST, LEVELS, cell_tests, simple_terms, summed, term_field
from layers.store.coverage import THINNED, thinned_params
from layers.store.db import statement
from layers.store.filters import Filter, compile_filter
from layers.store.pool import Pool
from layers.store.queries_features import drawn_columns, drawn_fields, properties
from layers.store.queries_layers import template
from layers.store.slices import When, slice_sql

MAX_ZOOM = 22
CELLS_TO_ZOOM = 12
CELLS_ABOVE = 1000
FINER = 4  # levels by which a tile's cells are at least finer than the tile: 16 cells a side
MOST_TERMS = 12
MOST_STATEMENTS = 200


def check_tile(z: int, x: int, y: int) -> None:
    """Refuse a tile that does not exist.

    Raises
    ------
    InputError
        Zoom outside 0–22, or column or row outside the zoom's range.
    """
    if not (0 <= z <= MAX_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z):
        raise InputError(f"没有瓦片 {z}/{x}/{y}。", f"z 为 0–{MAX_ZOOM}，x、y 为 0 到 2^z − 1。")


def cell_level(z: int) -> int:
    """Return the level of the cells that a tile of zoom ``z`` shows: 16 or 32 a side, more where none is coarser."""
    return next((level for level in LEVELS if level >= z + FINER), FINEST)


def morton(x: int, y: int) -> int:
    """Return the Morton number of a square: x in the even bits, y in the odd ones."""
    return sum(((x >> i & 1) << 2 * i) | ((y >> i & 1) << (2 * i + 1)) for i in range(32))


def _scalar(layer: Layer, name: str, expression: sql.Composable) -> sql.Composable:
    """Return an expression as MVT can hold it: lists and dates as text."""
    spec = layer.field(name)
    if spec is not None and spec.type == "list":
        return sql.SQL("array_to_string({}, '、')").format(expression)
    if spec is not None and spec.type == "date":
        return sql.SQL("{}::text").format(expression)
    return expression


@dataclass(frozen=True)
class Statement:
    """A tile's question as text, made once; what differs from tile to tile and from day to day is bound."""

    text: bytes
    names: tuple[str, ...]
    params: Mapping[str, object]
    stored: bool

    @classmethod
    def of(cls, query: sql.Composed, params: Mapping[str, object], *, stored: bool = False) -> Statement:
        """Number a query's named parameters, so that nothing is left to read in it when it is asked."""
        names: dict[str, int] = {}

        def number(found: re.Match[bytes]) -> bytes:
            if found[0] == b"%%":
                return b"%"
            return b"$%d" % names.setdefault(found[1].decode(), len(names) + 1)

        text = re.sub(rb"%%|%\((\w+)\)s", number, query.as_bytes(None))
        return cls(text, tuple(names), params, stored)


class TileReader:
    """Reads vector tiles, each in one statement that the server has planned before.

    Up to zoom 12 a tile with more than 1,000 records holds the layer ``<layer>_cell`` with n, sums and the count
    of each term; any other tile holds the records. A record counts in the one tile and cell that its point lies
    in (its western and northern borders belong to a cell), so that neighbouring tiles add up.
    """

    def __init__(self, pool: Pool, cat: Catalogue) -> None:
        self.pool, self.cat = pool, cat
        self._made: OrderedDict[tuple[object, ...], Statement] = OrderedDict()

    async def read(
        self, layer: Layer, z: int, x: int, y: int, *, filter_text: str, when: When, demo: bool, internal: bool,
        thin: Sequence[tuple[int, bytes]] = (),
    ) -> tuple[str, bytes]:  # fmt: skip
        """Return what names the layer's content and one MVT tile of it, empty bytes where nothing lies.

        ``thin`` are shapes thinned for the zoom, by version, that are drawn in the place of the stored ones.
        """
        check_tile(z, x, y)
        few = z > CELLS_TO_ZOOM
        key = (layer.id, filter_text, demo, internal, few, bool(thin), when.known_at is None)
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._make(layer, filter_text, when, demo, internal, few, bool(thin))
            while len(self._made) > MOST_STATEMENTS:
                self._made.popitem(last=False)
        else:
            self._made.move_to_end(key)
        params: dict[str, object] = {**made.params, **when.params, "z": z, "x": x, "y": y, "layer": layer.id}
        if not few:
            level = cell_level(z)
            params |= {"level": level, "most": CELLS_ABOVE}
            if made.stored:
                spread = 2 * (level - z)
                first = morton(x, y) << spread
                params |= {"first": first, "last": first + (1 << spread) - 1}
        if thin:
            params |= thinned_params(thin)
        row = await self.pool.fetch_planned(made.text, [params[name] for name in made.names])
        return str(row["stamp"] or ""), bytes(row["tile"] or b"")

    def _make(
        self, layer: Layer, text: str, when: When, demo: bool, internal: bool, few: bool, thinned: bool
    ) -> Statement:
        chosen = compile_filter(layer, self.cat, text, internal=internal)
        parts: dict[str, sql.Composable] = {
            "stamp": sql.SQL(statement("query/layer_stamp")),
            "records": self._records(layer, chosen, when, demo, internal, thinned),
        }
        if few:
            return Statement.of(template("tiles/records", **parts), chosen.params)
        wanted = simple_terms(layer, text) if when.known_at is None else None
        if wanted is not None:
            where, params = cell_tests(wanted, demo)
            cells = self._stored_cells(layer, where, internal)
            made = template("tiles/stored", **parts, cells=cells)
            return Statement.of(made, {**chosen.params, **params}, stored=True)
        cells, many = self._computed_cells(layer, chosen, when, demo, internal)
        made = template("tiles/computed", **parts, cells=cells, many=many)
        return Statement.of(made, chosen.params)

    def _records(
        self, layer: Layer, chosen: Filter, when: When, demo: bool, internal: bool, thinned: bool
    ) -> sql.Composed:
        fields = drawn_fields(layer, internal=internal)
        return template(
            "tiles/tile",
            thinned=sql.SQL(THINNED if thinned else ""),
            drawn=sql.SQL("coalesce(thin.geom, s.geom_3857)" if thinned else "s.geom_3857"),
            name=sql.Literal(layer.id),
            properties=sql.SQL(", ").join(
                sql.SQL("{} AS {}").format(_scalar(layer, n, e), sql.Identifier(n))
                for n, e in properties(layer, fields)
            ),
            slice=slice_sql(
                layer, self.cat, when, (*drawn_columns(layer, fields), *chosen.fields), geometry=True, demo=demo
            ),
            where=chosen.where,
        )

    def _computed_cells(
        self, layer: Layer, chosen: Filter, when: When, demo: bool, internal: bool
    ) -> tuple[sql.Composed, sql.Composed]:
        """Return cells from the records, for a filter or time that asks for more than the pyramid, and their count."""
        fields = _sums(layer, internal)
        term = term_field(layer)
        columns = (*(f.id for _, f in fields), *((term,) if term else ()), *chosen.fields)
        slice_ = slice_sql(layer, self.cat, when, columns, geometry=True, demo=demo)
        names = [(f, sql.SQL("sum(c.{}::numeric)").format(sql.Identifier(f.id))) for _, f in fields]
        terms = [
            (value, sql.SQL("count(*) FILTER (WHERE c.{} = {})").format(sql.Identifier(term), sql.Literal(value)))
            for value in _terms(self.cat, layer)
        ]
        cells = template(
            "tiles/cells", name=sql.Literal(f"{layer.id}_cell"), slice=slice_, where=chosen.where,
            **_cell_columns(names, terms),
        )  # fmt: skip
        return cells, template("tiles/tile_count", slice=slice_, where=chosen.where)

    def _stored_cells(self, layer: Layer, where: sql.Composable, internal: bool) -> sql.Composed:
        names = []
        for place, spec in _sums(layer, internal):
            total = "CASE WHEN sum(c.known[{0}]) > 0 THEN sum(c.sums[{0}]) END"
            names.append((spec, sql.SQL(total).format(sql.Literal(place))))
        terms = [
            (value, sql.SQL("sum(c.n) FILTER (WHERE c.term = {})").format(sql.Literal(value)))
            for value in _terms(self.cat, layer)
        ]
        return template(
            "tiles/cells_stored", name=sql.Literal(f"{layer.id}_cell"), where=where, **_cell_columns(names, terms)
        )


def _sums(layer: Layer, internal: bool) -> list[tuple[int, FieldSpec]]:
    """Return the sums a caller may see, with their places in the cells' arrays."""
    return [(i, f) for i, f in enumerate(summed(layer), 1) if internal or not f.internal]


def _terms(cat: Catalogue, layer: Layer) -> tuple[str, ...]:
    """Return the terms that a cell counts apart, none where there are too many to draw."""
    spec = layer.field(term_field(layer)) if term_field(layer) else None
    terms = tuple(cat.terms(spec)) if spec is not None else ()
    return terms if len(terms) <= MOST_TERMS else ()


def _cell_columns(
    sums: list[tuple[FieldSpec, sql.Composed]], terms: list[tuple[str, sql.Composed]]
) -> dict[str, sql.Composable]:
    """Return what a cell carries beside n: ``sum_<field>`` and ``n_<term>``, left out where there is nothing."""
    aggregates: list[sql.Composable] = [sql.SQL("NULL::text AS nothing")]
    shown: list[sql.Composable] = [sql.SQL("g.nothing")]
    for spec, value in sums:
        kind = sql.SQL("bigint" if spec.type in ("cny", "integer") else "double precision")
        name = sql.Identifier(f"sum_{spec.id}")
        aggregates.append(sql.SQL("({})::{} AS {}").format(value, kind, name))
        shown.append(sql.SQL("g.{}").format(name))
    for term, value in terms:
        name = sql.Identifier(f"n_{term}")
        aggregates.append(sql.SQL("nullif({}, 0)::bigint AS {}").format(value, name))
        shown.append(sql.SQL("g.{}").format(name))
    return {"aggregates": sql.SQL(", ").join(aggregates), "properties": sql.SQL(", ").join(shown)}
