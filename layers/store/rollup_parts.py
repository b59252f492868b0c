"""The pieces a rollup's query is put together from: axes, what a record brings along, how it is added up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from psycopg import sql

from geo.errors import InputError
from layers.registry import Catalogue
from layers.spec import FieldSpec, Layer, Measure
from layers.store.filters import Filter
from layers.store.queries_layers import template, visible_fields
from layers.store.slices import When, as_of_sql, known_sql, slice_sql

PLACE_AXES = {"county": "county_code", "unit": "unit_code", "township": "township_code"}
COMMON_AXES: dict[str, FieldSpec] = {
    "location_accuracy": FieldSpec(id="accuracy", title="定位精度", type="code", vocabulary="location_accuracy"),
    "is_demo": FieldSpec(id="demo", title="演示数据", type="boolean"),
}
NOT_GROUPED = ("number", "cny")
RATIOS = ("ratio", "percent")
NOTHING = sql.SQL("")


@dataclass(frozen=True)
class Axis:
    """One axis of a rollup: a kind of place, ``park``, or a field of the layer."""

    id: str
    spec: FieldSpec | None = None

    @property
    def partition(self) -> bool:
        """Whether every record falls into exactly one cell."""
        return self.id != "park" and not (self.spec and self.spec.type == "list")


def parse_axes(cat: Catalogue, layer: Layer, by: Iterable[str], *, internal: bool) -> tuple[Axis, ...]:
    """Check the axes of a rollup: one or two of county, unit, township, park or a visible field.

    Raises
    ------
    InputError
        Unknown, invisible, repeated, more than two, or a field that cannot be grouped.
    """
    names = [part.strip() for part in by]
    if not 1 <= len(names) <= 2 or len(set(names)) != len(names):
        raise InputError("汇总方式应是一项或不同的两项。", "例如 county 或 county,stage。", by=names)
    fields = {f.id: f for f in visible_fields(layer, internal=internal)}
    groupable = [f.id for f in fields.values() if f.type not in NOT_GROUPED]
    axes = []
    for name in names:
        if name in PLACE_AXES or (name == "park" and layer.id != "park" and "park" in cat.layers):
            axes.append(Axis(name))
        elif name in COMMON_AXES:
            axes.append(Axis(name, COMMON_AXES[name]))
        elif name in groupable:
            axes.append(Axis(name, fields[name]))
        else:
            parks = ["park"] if layer.id != "park" and "park" in cat.layers else []
            shown = "、".join([*PLACE_AXES, *parks, *COMMON_AXES, *groupable])
            raise InputError(f"图层“{layer.title}”不能按“{name}”汇总。", f"可用：{shown}。", by=name)
    return tuple(axes)


def is_shared(measure: Measure | None) -> bool:
    """Whether a record brings along the area of each of its shares."""
    return measure is not None and measure.id == "area_m2"


def is_spread(measure: Measure | None, axes: Sequence[Axis]) -> bool:
    """Whether a record may fall into several cells."""
    return is_shared(measure) or any(not axis.partition for axis in axes)


def quantity_sql(layer: Layer, name: str, when: When | None) -> sql.Composable:
    """Return a number of record ``s``: a field, or the latest value of a figure series on the day."""
    series = layer.series(name)
    if series is not None:
        return sql.SQL(
            "(SELECT f.value::numeric FROM {} AS f WHERE f.id = s.id AND f.measure = {} AND {} AND f.period_end <= {}"
            " ORDER BY f.period_end DESC LIMIT 1)"
        ).format(sql.Identifier(layer.figure_table), sql.Literal(name), known_sql("f", when), as_of_sql(when))
    spec = layer.field(name)
    kind = spec.type if spec else ""
    # sums of whole numbers are exact as they are; fractions become so as numeric
    cast = "::integer" if kind == "boolean" else "" if kind in ("cny", "integer") else "::numeric"
    return sql.SQL("s.{}{}").format(sql.Identifier(name), sql.SQL(cast))


def happened_sql(
    layer: Layer,
    types: Sequence[str],
    when: When | None,
    *,
    level: str = "",
    since: bool = False,
    in_force: bool = False,
) -> sql.Composable:  # fmt: skip
    """Return whether record ``s`` has an event of these types by the day: since ``since``, or in force then.

    With ``since`` the parameter ``since`` is a date, or NULL for the beginning of the day's year.
    """
    day = as_of_sql(when)
    tests: list[sql.Composable] = [
        sql.SQL("e.id = s.id AND e.type = ANY({})").format(sql.Literal(list(types))),
        known_sql("e", when),
        sql.SQL("e.event_date <= {}").format(day),
    ]
    if level:
        tests.append(sql.SQL("e.level = {}").format(sql.Literal(level)))
    if since:
        begin = "e.event_date >= coalesce(%(since)s::date, date_trunc('year', {}::timestamp)::date)"
        tests.append(sql.SQL(begin).format(day))
    if in_force:
        tests.append(sql.SQL("(e.end_date IS NULL OR e.end_date > {})").format(day))
    return sql.SQL("EXISTS (SELECT 1 FROM {} AS e WHERE {})").format(
        sql.Identifier(layer.event_table), sql.SQL(" AND ").join(tests)
    )


def counted_sql(layer: Layer, measure: Measure, when: When | None) -> sql.Composable:
    """Return which records ``s`` a measure of events counts."""
    if measure.aggregate == "conversion":
        return happened_sql(layer, (measure.event,), when)
    events = measure.aggregate == "events"
    return happened_sql(layer, (measure.event,), when, level=measure.level, since=events, in_force=not events)


def brought_sql(layer: Layer, measure: Measure | None, when: When | None) -> list[sql.Composable]:
    """Return what record ``s`` brings along: ``x``, for ratios ``y``, for events ``e``; ``h`` is its share."""
    if measure is None:
        return []
    if is_shared(measure):
        return [sql.SQL("h.area_m2::numeric AS x")]
    if measure.event:
        columns: list[sql.Composable] = [sql.SQL("{} AS e").format(counted_sql(layer, measure, when))]
        if measure.aggregate == "conversion":
            group = layer.group_of(measure.event)
            types = group.types if group else (measure.then,)
            beyond = types[types.index(measure.then) :]
            columns.append(sql.SQL("{} AS y").format(happened_sql(layer, beyond, when)))
        x = quantity_sql(layer, measure.field, when) if measure.field else sql.SQL("1")
        return [*columns, sql.SQL("{} AS x").format(x)]
    plain: list[sql.Composable] = [sql.SQL("{} AS x").format(quantity_sql(layer, measure.field, when))]
    if measure.aggregate in RATIOS:
        plain.append(sql.SQL("{} AS y").format(quantity_sql(layer, measure.denominator, when)))
    return plain


def inputs_sql(
    layer: Layer, measure: Measure | None, axes: Sequence[Axis], when: When
) -> tuple[sql.Composable, sql.Composable]:
    """Return the columns of ``v`` and its join to the area shares."""
    place = "coalesce(h.{0}, s.{0}) AS {0}" if is_shared(measure) else "s.{0}"
    columns: list[sql.Composable] = [
        sql.SQL("s.id, s.is_demo, s.data_date, s.township_code"),
        *(sql.SQL(place).format(sql.Identifier(name)) for name in ("county_code", "unit_code")),
        *brought_sql(layer, measure, when),
    ]
    for number, axis in enumerate(axes):
        if axis.spec is not None:
            columns.append(sql.SQL("s.{} AS {}").format(sql.Identifier(axis.id), sql.Identifier(f"k{number}")))
        elif axis.id == "park":
            columns.append(sql.SQL("s.geom"))
    join = sql.SQL("LEFT JOIN area_share AS h ON h.layer = {} AND h.version_id = s.version_id").format(
        sql.Literal(layer.id)
    )
    return sql.SQL(", ").join(columns), join if is_shared(measure) else NOTHING


def narrow_counted(chosen: Filter, layer: Layer, measure: Measure | None, when: When, since: dt.date | None) -> Filter:
    """Return a filter that also asks a measure of events to count the record; for others the filter itself."""
    if measure is None or not measure.event:
        return chosen
    both = sql.SQL("({} AND {})").format(chosen.where, counted_sql(layer, measure, when))
    return replace(chosen, where=sql.Composed([both]), params=chosen.params | {"since": since})


@dataclass(frozen=True)
class Adding:
    """How rows of ``v`` are added up: the value, which rows stand behind it, which of them say nothing.

    ``parts`` add up rows so that ``merged`` makes the value of parts ``p`` of any cells; a median has none.
    """

    value: str
    features: str = "true"
    missing: str = "v.x IS NULL"
    parts: tuple[str, ...] = ()
    merged: str = ""


def adding(measure: Measure | None, *, split: bool = False) -> Adding:
    """Return how a measure is added up; ``split`` gives each park its part of a sum."""
    if measure is None:
        return Adding("count(*)", missing="false", parts=("count(*)",), merged="coalesce(sum(p.p1), 0)")
    part = "v.x * coalesce(park.share, 1)" if split else "v.x"
    if measure.aggregate in ("events", "stock"):
        part = part if measure.field or split else "1"
        counted = f"sum({part}) FILTER (WHERE v.e)"
        value = f"CASE WHEN count(*) FILTER (WHERE v.e) = 0 THEN 0 ELSE {counted} END"
        merged = "CASE WHEN coalesce(sum(p.n_features), 0) = 0 THEN 0 ELSE sum(p.p1) END"
        return Adding(value, "v.e", "v.e AND v.x IS NULL", (counted,), merged)
    if measure.aggregate == "conversion":
        gone = "count(*) FILTER (WHERE v.e AND v.y)"
        value = f"100.0 * {gone} / nullif(count(*) FILTER (WHERE v.e), 0)"
        return Adding(value, "v.e", "false", (gone,), "100.0 * sum(p.p1) / nullif(sum(p.n_features), 0)")
    both = "FILTER (WHERE v.x IS NOT NULL AND v.y IS NOT NULL)"
    over = (f"sum(v.x) {both}", f"sum(v.y) {both}")
    ratio, part_of = "{} / nullif({}, 0)", "100.0 * {} / nullif({}, 0)"
    known = ("count(*) FILTER (WHERE v.x <> 0)", "count(v.x)")
    median = "percentile_cont(0.5) WITHIN GROUP (ORDER BY v.x::double precision)"
    sums = ("sum(p.p1)::numeric", "sum(p.p2)")
    ways: dict[str, tuple[str, tuple[str, ...], str]] = {
        "sum": (f"CASE WHEN count(*) = 0 THEN 0 ELSE sum({part}) END", (f"sum({part})",),
                "CASE WHEN coalesce(sum(p.n), 0) = 0 THEN 0 ELSE sum(p.p1) END"),
        "mean": ("avg(v.x)", ("sum(v.x)", "count(v.x)"), ratio.format(*sums)),
        "median": (median, (), ""),
        "min": ("min(v.x)", ("min(v.x)",), "min(p.p1)"),
        "max": ("max(v.x)", ("max(v.x)",), "max(p.p1)"),
        "share": (part_of.format(*known), known, part_of.format(*sums)),
        "ratio": (ratio.format(*over), over, ratio.format(*sums)),
        "percent": (part_of.format(*over), over, part_of.format(*sums)),
    }  # fmt: skip
    value, parts, merged = ways[measure.aggregate]
    missing = "v.x IS NULL OR v.y IS NULL" if measure.aggregate in RATIOS else "v.x IS NULL"
    return Adding(value, missing=missing, parts=parts, merged=merged)


def parted_sql(added: Adding, codes: Sequence[sql.Composable]) -> dict[str, sql.Composable]:
    """Return what ``query/rollup`` is filled with: one or two codes, and the parts under the names p1, p2 …

    A second key costs a tenth of the reading even where it is always the same, so that there is none then.
    """
    names = ("code", "code2")[: len(codes)]
    listed = [sql.SQL("{} AS {}").format(code, sql.Identifier(n)) for code, n in zip(codes, names, strict=True)]
    counts = {"true": "count(*)", "false": "0::bigint"}
    return {
        "codes": sql.SQL(", ").join(listed),
        "keys": sql.SQL(", ").join(sql.Identifier("v", n) for n in names),
        "sets": sql.SQL(", ").join(sql.Identifier("p", n) for n in names),
        "code2": sql.SQL("p.code2" if len(codes) == 2 else "''::text"),
        "parts": sql.SQL(", ".join(f"{part} AS p{number}" for number, part in enumerate(added.parts, 1))),
        "value": sql.SQL(added.merged),
        "features": sql.SQL(counts.get(added.features, f"count(*) FILTER (WHERE {added.features})")),
        "missing": sql.SQL(counts.get(added.missing, f"count(*) FILTER (WHERE {added.missing})")),
    }


def parks_sql(cat: Catalogue, when: When, *, demo: bool) -> sql.Composable:
    """Return the parks of the day with their geometry."""
    return slice_sql(cat.layers["park"], cat, when, ("name",), geometry=True, demo=demo)


def key_sql(
    cat: Catalogue, layer: Layer, axis: Axis, number: int, when: When, demo: bool
) -> tuple[sql.Composable, sql.Composable]:
    """Return (code, join) of an axis over ``v``."""
    if axis.id in PLACE_AXES:
        return sql.SQL("v.{}").format(sql.Identifier(PLACE_AXES[axis.id])), NOTHING
    if axis.id == "park":
        parks = parks_sql(cat, when, demo=demo)
        if layer.geometry != "point":
            code = sql.SQL("coalesce(park.code, CASE WHEN v.geom IS NULL THEN 'unlocated' ELSE 'outside' END)")
            return code, template("query/park_share", parks=parks)
        inside = sql.SQL("LEFT JOIN ({}) AS park ON ST_Dimension(park.geom) = 2 AND ST_Covers(park.geom, v.geom)")
        code = sql.SQL("coalesce(park.id::text, CASE WHEN v.geom IS NULL THEN 'unlocated' ELSE 'outside' END)")
        return code, inside.format(parks)
    column = sql.Identifier("v", f"k{number}")
    if axis.spec is not None and axis.spec.type == "list":
        alias = sql.Identifier(f"u{number}")
        each = sql.SQL("LEFT JOIN LATERAL unnest({}) AS {} (code) ON true").format(column, alias)
        return sql.SQL("coalesce({}.code, '')").format(alias), each
    return sql.SQL("coalesce({}::text, '')").format(column), NOTHING
