"""The cell pyramid: what each load changes in it, and building it anew."""

from __future__ import annotations

import datetime as dt

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class, named as the driver names it

from layers.registry import Catalogue
from layers.spec import Layer
from layers.store.cell_terms import LEVELS, summed, term_field
from layers.store.db import statement
from layers.store.slices import When, slice_sql


def follows_days(layer: Layer) -> bool:
    """Whether a record's being there, or its colour, depends on the day."""
    ordered = any(g.ordered and not g.levels for g in layer.events)
    return bool(layer.exists_from or layer.exists_to or ordered or layer.event_field(term_field(layer)))


def _elements(layer: Layer, text: str, kind: str) -> sql.Composable:
    """Return an array with one element per summed field; ``{0}`` in the text is its place, from 1."""
    parts: list[sql.Composable] = [sql.SQL(text).format(sql.Literal(i + 1)) for i in range(len(summed(layer)))]
    return sql.SQL("ARRAY[{}]::" + kind).format(sql.SQL(", ").join(parts))


def _states(layer: Layer, cat: Catalogue, touched: sql.Composable | None) -> sql.Composed:
    term = term_field(layer)
    names = {"table": sql.Identifier(layer.table), "event": sql.Identifier(layer.event_table)}
    values = [sql.SQL("v.{}").format(sql.Identifier(f.id)) for f in summed(layer)]
    parts: dict[str, sql.Composable] = names | {
        "term": sql.SQL("coalesce(v.{}, '')").format(sql.Identifier(term)) if term else sql.SQL("''::text"),
        "values": sql.SQL(", ").join([sql.SQL("1 AS one"), *values]),
    }
    if touched is None:
        return sql.SQL(statement("cells/moved")).format(**parts)
    columns = ("is_demo", "county_code", "unit_code", *(f.id for f in summed(layer)), *((term,) if term else ()))
    bounds = []
    for name in (layer.exists_from, layer.exists_to):
        spec = layer.field(name) if name else None
        if spec is not None:
            day = "t.{}" if spec.type == "date" else "make_date(least(greatest(t.{}, 1), 9999)::integer, 1, 1)"
            column = sql.SQL(day).format(sql.Identifier(name))
            bounds.append(sql.SQL(" UNION ALL SELECT t.id, {} FROM {} AS t").format(column, names["table"]))
    when = When(dt.date.min, dt.datetime.min, each=True)
    return sql.SQL(statement("cells/moved_days")).format(
        **parts,
        touched=touched,
        bounds=sql.SQL(statement("cells/bounds")).format(event=names["event"], columns=sql.SQL("").join(bounds)),
        slice=sql.SQL(slice_sql(layer, cat, when, columns, geometry=True).as_string(None)),
    )


def _collect(cursor: Cursor, layer: Layer, states: sql.Composable, params: dict[str, object]) -> None:
    fields = [sql.Identifier("d", f.id) for f in summed(layer)]
    known = [sql.SQL("sum(d.sign) FILTER (WHERE {} IS NOT NULL)").format(f) for f in fields]
    sums = [sql.SQL("sum(d.sign * {}::numeric)").format(f) for f in fields]

    def array(values: list[sql.Composed], kind: str) -> sql.Composed:
        none_is_zero = [sql.SQL("coalesce({}, 0)").format(v) for v in values]
        return sql.SQL("ARRAY[{}]::" + kind).format(sql.SQL(", ").join(none_is_zero))

    query = sql.SQL(statement("cells/collect")).format(
        known=array(known, "bigint[]"), sums=array(sums, "numeric[]"), states=states
    )
    cursor.execute(query, params)


def _raise(cursor: Cursor, layer: Layer) -> None:
    query = sql.SQL(statement("cells/raise")).format(
        known=_elements(layer, "sum(s.known[{0}])", "bigint[]"),
        sums=_elements(layer, "sum(s.sums[{0}])", "numeric[]"),
        add_known=_elements(layer, "c.known[{0}] + excluded.known[{0}]", "bigint[]"),
        add_sums=_elements(layer, "c.sums[{0}] + excluded.sums[{0}]", "numeric[]"),
        no_known=_elements(layer, "0", "bigint[]"),
        no_sums=_elements(layer, "0", "numeric[]"),
    )
    cursor.execute(query, {"layer": layer.id, "levels": list(LEVELS)})


def update_cells(cursor: Cursor, layer: Layer, cat: Catalogue, at: dt.datetime, run_id: int) -> None:
    """Bring a layer's cells in step with what one instant of a run opened and closed."""
    cursor.execute(statement("cells/stage"))
    params: dict[str, object] = {"at": at, "run_id": run_id}
    if follows_days(layer):
        names = {"table": sql.Identifier(layer.table), "event": sql.Identifier(layer.event_table)}
        states = _states(layer, cat, sql.SQL(statement("cells/touched")).format(**names))
        for sign, known_at in ((-1, at - dt.timedelta(microseconds=1)), (1, at)):
            _collect(cursor, layer, states, params | {"sign": sign, "known_at": known_at})
    else:
        _collect(cursor, layer, _states(layer, cat, None), params)
    _raise(cursor, layer)


def rebuild_cells(cursor: Cursor, layer: Layer, cat: Catalogue) -> None:
    """Compute a layer's cells anew from its current versions and events."""
    cursor.execute("DELETE FROM cell WHERE layer = %(layer)s", {"layer": layer.id})
    cursor.execute(statement("cells/stage"))
    all_now = sql.SQL("SELECT t.id FROM {} AS t WHERE t.recorded_to = 'infinity'").format(sql.Identifier(layer.table))
    cursor.execute("SELECT clock_timestamp()")
    row = cursor.fetchone()
    params = {"sign": 1, "known_at": row[0]}  # type: ignore[index]
    _collect(cursor, layer, _states(layer, cat, all_now), params)
    _raise(cursor, layer)
