"""A layer as it was on a day: the one query that every rollup, tile, table and export reads from.

Valid time (``as_of``): which events had happened, which records existed. Recorded time (``known_at``):
which versions were in the database then; None means now. Fields derived from events (a project's stage, a
factory's level) are taken from the events in force on the day, and from the stored value only where a
record has no event of that group at all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from psycopg import sql

from geo.errors import ForbiddenError
from layers.registry import Catalogue
from layers.spec import COMMON_COLUMNS, PG_GEOMETRY, EventGroup, Layer
from layers.store.db import statement

Composed = sql.Composed | sql.SQL | sql.Identifier


@dataclass(frozen=True)
class When:
    """A pair of dates: valid time and recorded time (None = as known now).

    ``each`` reads the day from the column ``d.day`` of the query round the slice, for many days in one reading.
    """

    as_of: dt.date
    known_at: dt.datetime | None = None
    each: bool = False

    @property
    def params(self) -> dict[str, object]:
        """The named parameters that every slice uses."""
        return {"as_of": self.as_of, "known_at": self.known_at}


def today() -> dt.date:
    """Return the present date in China, the default of ``as_of``."""
    return dt.datetime.now(dt.timezone(dt.timedelta(hours=8))).date()


def known_sql(alias: str, when: When | None) -> Composed:
    """Return the test that a version was the known one."""
    row = sql.Identifier(alias)
    if when is None or when.known_at is None:
        return sql.SQL("{}.recorded_to = 'infinity'").format(row)
    return sql.SQL("{0}.recorded_from <= %(known_at)s AND {0}.recorded_to > %(known_at)s").format(row)


def as_of_sql(when: When | None) -> Composed:
    """Return the day as SQL."""
    if when is not None and when.each:
        return sql.Identifier("d", "day")
    return sql.SQL("current_date") if when is None else sql.SQL("%(as_of)s::date")


def events_sql(layer: Layer, group: EventGroup, when: When | None, *, in_force: bool) -> Composed:
    """Return ``FROM … AS e WHERE …``: a group's events of record ``t`` as known, or those in force on the day."""
    parts = [
        sql.SQL("FROM {} AS e WHERE e.id = t.id AND e.type = ANY({}) AND {}").format(
            sql.Identifier(layer.event_table), sql.Literal(list(group.types)), known_sql("e", when)
        )
    ]
    if in_force:
        parts.append(
            sql.SQL(" AND e.event_date <= {0} AND (e.end_date IS NULL OR e.end_date > {0})").format(as_of_sql(when))
        )
    return sql.SQL("").join(parts)


def _derived(cat: Catalogue, layer: Layer, group: EventGroup, when: When | None) -> Composed:
    spec = layer.field(group.field)
    column = sql.Identifier("t", group.field)
    happened = events_sql(layer, group, when, in_force=False)
    force = events_sql(layer, group, when, in_force=True)
    if spec is not None and spec.type == "boolean":
        value: Composed = sql.SQL("EXISTS (SELECT 1 {})").format(force)
    elif group.levels:
        terms = list(cat.vocabularies[group.levels].terms)
        value = sql.SQL(
            "(SELECT e.level {} ORDER BY array_position({}::text[], e.level) DESC NULLS LAST LIMIT 1)"
        ).format(force, sql.Literal(terms))
    else:
        value = sql.SQL("(SELECT e.type {} ORDER BY array_position({}::text[], e.type) DESC LIMIT 1)").format(
            force, sql.Literal(list(group.types))
        )
    return sql.SQL("CASE WHEN EXISTS (SELECT 1 {}) THEN {} ELSE {} END").format(happened, value, column)


def _exists(layer: Layer, when: When | None) -> list[Composed]:
    tests: list[Composed] = []
    for bound, sign in ((layer.exists_from, "<="), (layer.exists_to, ">")):
        spec = layer.field(bound) if bound else None
        if spec is None:
            continue
        column = sql.Identifier("t", bound)
        day: Composed = as_of_sql(when)
        if spec.type != "date":
            day = sql.SQL("extract(year FROM {})").format(day)
        tests.append(sql.SQL("({0} IS NULL OR {0} {1} {2})").format(column, sql.SQL(sign), day))
    for group in layer.events:
        if group.ordered and not group.levels:
            happened = events_sql(layer, group, when, in_force=False)
            reached = sql.SQL("{} AND e.event_date <= {}").format(happened, as_of_sql(when))
            tests.append(sql.SQL("(NOT EXISTS (SELECT 1 {}) OR EXISTS (SELECT 1 {}))").format(happened, reached))
    return tests


def columns_of(layer: Layer, *, internal: bool) -> tuple[str, ...]:
    """Return the layer's column names a caller may see: the common ones, then its fields."""
    return (*COMMON_COLUMNS, *(f.id for f in layer.fields if internal or not f.internal))


def check_columns(layer: Layer, names: Iterable[str], *, internal: bool) -> None:
    """Refuse a column that does not exist or that the caller may not see, with one and the same error."""
    allowed = {*columns_of(layer, internal=internal), "geom", "address"}
    for name in names:
        if name not in allowed:
            raise ForbiddenError(
                f"图层“{layer.title}”没有可用的字段“{name}”。",
                f"可用字段：{'、'.join(sorted(allowed))}。",
                field=name,
            )


def slice_sql(
    layer: Layer,
    cat: Catalogue,
    when: When | None,
    columns: Sequence[str],
    *,
    geometry: bool = False,
    demo: bool = True,
) -> Composed:
    """Return the SELECT of a layer's records as they were, one row per record.

    Parameters
    ----------
    layer, cat : Layer, Catalogue
        What to read.
    when : When or None
        The pair of dates; bind ``when.params``. None writes ``current_date`` and the current versions in,
        as a view needs it.
    columns : sequence of str
        Common columns or fields; only these are computed. ``version_id`` always comes along.
    geometry : bool
        Add ``geom`` (EPSG:4490, as stated) and ``geom_3857`` (as drawn).
    demo : bool
        Keep the records that are 演示数据.
    """
    selected: list[Composed] = [sql.SQL("t.version_id")]
    for name in dict.fromkeys(("id", *columns)):
        group = layer.event_field(name)
        if group is None:
            selected.append(sql.Identifier("t", name))
        else:
            derived = _derived(cat, layer, group, when)
            selected.append(sql.SQL("{} AS {}").format(derived, sql.Identifier(name)))
    if geometry:
        selected += [sql.SQL("t.geom"), sql.SQL("t.geom_3857")]
    tests = [known_sql("t", when), *_exists(layer, when)]
    if not demo:
        tests.append(sql.SQL("NOT t.is_demo"))
    return sql.SQL("SELECT {} FROM {} AS t WHERE {}").format(
        sql.SQL(", ").join(selected), sql.Identifier(layer.table), sql.SQL(" AND ").join(tests)
    )


def versions_sql(table: str, when: When) -> Composed:
    """Return the SELECT of the versions of an event or figure table that were known; bind ``when.params``."""
    return sql.SQL("SELECT v.* FROM {} AS v WHERE {}").format(sql.Identifier(table), known_sql("v", when))


def published_view(layer: Layer, cat: Catalogue) -> str:
    """Return the SELECT of the layer's view in schema ``pub``: current records, public fields, geometry."""
    names = columns_of(layer, internal=False)
    shown: list[Composed] = []
    for name in names:
        spec = layer.field(name)
        column = sql.Identifier("s", name)
        if spec is not None and spec.type == "list":
            shown.append(sql.SQL("array_to_string({}, '、') AS {}").format(column, sql.Identifier(name)))
        else:
            shown.append(column)
    geom = sql.SQL("s.geom::geometry({}, 4490)").format(sql.SQL(PG_GEOMETRY[layer.geometry]))
    text = sql.SQL(statement("schema/layer/published")).format(
        columns=sql.SQL(", ").join(shown), geom=geom, slice=slice_sql(layer, cat, None, names, geometry=True)
    )
    return text.as_string(None)
