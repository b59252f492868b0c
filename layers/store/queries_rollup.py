"""Rollups: one measure of a layer by county, unit, township, park or field, straight from the slice."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from psycopg import sql

from geo.errors import InputError
from layers.registry import Catalogue
from layers.spec import FieldSpec, Layer, Measure
from layers.store.db import statement
from layers.store.filters import Filter
from layers.store.pool import Pool
from layers.store.queries_layers import find_measure, is_extensive, template, visible_fields
from layers.store.slices import When, slice_sql

PLACE_AXES = {"county": "county_code", "unit": "unit_code", "township": "township_code"}
APART = ("outside", "unlocated")
COMMON_AXES: dict[str, FieldSpec] = {
    "location_accuracy": FieldSpec(id="accuracy", title="定位精度", type="code", vocabulary="location_accuracy"),
    "is_demo": FieldSpec(id="demo", title="演示数据", type="boolean"),
}
NOT_GROUPED = ("number", "cny")
BOOLEAN_NAMES = {"true": "是", "false": "否"}
UNFILLED = "未填写"


@dataclass(frozen=True)
class Axis:
    """One axis of a rollup: a kind of place, ``park``, or a field of the layer."""

    id: str
    spec: FieldSpec | None = None

    @property
    def partition(self) -> bool:
        """Whether every record falls into exactly one cell."""
        return self.id != "park" and not (self.spec and self.spec.type == "list")


@dataclass(frozen=True)
class Cell:
    """A value with how many records stand behind it and how many of them say nothing."""

    value: int | float | None
    n_features: int = 0
    n_missing: int = 0


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
            shown = "、".join([*PLACE_AXES, "park", *COMMON_AXES, *groupable])
            raise InputError(f"图层“{layer.title}”不能按“{name}”汇总。", f"可用：{shown}。", by=name)
    if "park" in names and layer.geometry not in ("point", "any"):
        raise InputError(
            f"图层“{layer.title}”的记录是线或面，不能按园区汇总。", "按园区汇总只用于点状图层；请改用 county 或 unit。"
        )
    return tuple(axes)


def _inputs(layer: Layer, measure: Measure | None, axes: Sequence[Axis]) -> tuple[sql.Composable, sql.Composable]:
    """Return the columns of ``v`` and its join to the area shares."""
    shared = measure is not None and measure.id == "area_m2"
    place = "coalesce(h.{0}, s.{0}) AS {0}" if shared else "s.{0}"
    columns: list[sql.Composable] = [
        sql.SQL("s.id, s.is_demo, s.data_date, s.township_code"),
        *(sql.SQL(place).format(sql.Identifier(name)) for name in ("county_code", "unit_code")),
    ]
    if shared:
        columns.append(sql.SQL("h.area_m2::numeric AS x"))
    elif measure is not None:
        spec = layer.field(measure.field)
        cast = "::integer::numeric" if spec and spec.type == "boolean" else "::numeric"
        columns.append(sql.SQL("s.{}{} AS x").format(sql.Identifier(measure.field), sql.SQL(cast)))
        if measure.aggregate == "ratio":
            columns.append(sql.SQL("s.{}::numeric AS y").format(sql.Identifier(measure.denominator)))
    for number, axis in enumerate(axes):
        if axis.spec is not None:
            columns.append(sql.SQL("s.{} AS {}").format(sql.Identifier(axis.id), sql.Identifier(f"k{number}")))
        elif axis.id == "park":
            columns.append(sql.SQL("s.geom"))
    join = sql.SQL("LEFT JOIN area_share AS h ON h.layer = {} AND h.version_id = s.version_id").format(
        sql.Literal(layer.id)
    )
    return sql.SQL(", ").join(columns), join if shared else sql.SQL("")


def _aggregate(measure: Measure | None) -> tuple[str, str]:
    """Return (value, missing): the aggregate over ``v``, and which of its rows have nothing to add."""
    if measure is None:
        return "count(*)", "false"
    both = "v.x IS NOT NULL AND v.y IS NOT NULL"
    values = {
        "sum": "CASE WHEN count(*) = 0 THEN 0 ELSE sum(v.x) END",
        "mean": "avg(v.x)",
        "median": "percentile_cont(0.5) WITHIN GROUP (ORDER BY v.x::double precision)",
        "min": "min(v.x)",
        "max": "max(v.x)",
        "share": "100.0 * count(*) FILTER (WHERE v.x <> 0) / nullif(count(v.x), 0)",
        "ratio": "sum(v.x) FILTER (WHERE {0}) / nullif(sum(v.y) FILTER (WHERE {0}), 0)".replace("{0}", both),
    }
    missing = "v.x IS NULL OR v.y IS NULL" if measure.aggregate == "ratio" else "v.x IS NULL"
    return values[measure.aggregate], missing


def _key(cat: Catalogue, axis: Axis, number: int, when: When, demo: bool) -> tuple[sql.Composable, sql.Composable]:
    """Return (code, join) of an axis over ``v``."""
    nothing = sql.SQL("")
    if axis.id in PLACE_AXES:
        return sql.SQL("v.{}").format(sql.Identifier(PLACE_AXES[axis.id])), nothing
    if axis.id == "park":
        parks = slice_sql(cat.layers["park"], cat, when, ("name",), geometry=True, demo=demo)
        inside = sql.SQL("LEFT JOIN ({}) AS park ON ST_Dimension(park.geom) = 2 AND ST_Covers(park.geom, v.geom)")
        code = sql.SQL("coalesce(park.id::text, CASE WHEN v.geom IS NULL THEN 'unlocated' ELSE 'outside' END)")
        return code, inside.format(parks)
    column = sql.Identifier("v", f"k{number}")
    if axis.spec is not None and axis.spec.type == "list":
        alias = sql.Identifier(f"u{number}")
        each = sql.SQL("LEFT JOIN LATERAL unnest({}) AS {} (code) ON true").format(column, alias)
        return sql.SQL("coalesce({}.code, '')").format(alias), each
    return sql.SQL("coalesce({}::text, '')").format(column), nothing


async def read_rollup(
    pool: Pool,
    cat: Catalogue,
    layer: Layer,
    *,
    by: Sequence[str],
    measure_id: str,
    filter_text: str,
    chosen: Filter,
    when: When,
    demo: bool,
    internal: bool,
) -> dict[str, Any]:
    """Return a rollup as the HTTP body states it; see ``Reader.rollup``."""
    axes = parse_axes(cat, layer, by, internal=internal)
    measure = find_measure(cat, layer, measure_id, internal=internal)
    wanted = ["county_code", "unit_code", "township_code", "is_demo", "data_date", *chosen.fields]
    wanted += [axis.id for axis in axes if axis.spec is not None]
    wanted += [name for name in (measure.field, measure.denominator) if name] if measure else []
    geometry = chosen.geometry or any(axis.id == "park" for axis in axes)
    inputs, shares = _inputs(layer, measure, axes)
    keys = [_key(cat, axis, number, when, demo) for number, axis in enumerate(axes)]
    value, missing = _aggregate(measure)
    query = template(
        "query/rollup",
        slice=slice_sql(layer, cat, when, wanted, geometry=geometry, demo=demo),
        where=chosen.where, inputs=inputs, shares=shares,
        code=keys[0][0], code2=keys[1][0] if len(keys) == 2 else sql.SQL("''::text"),
        joins=sql.SQL(" ").join([join for _, join in keys]),
        value=sql.SQL(value), missing=sql.SQL(missing),
    )  # fmt: skip
    params = when.params | chosen.params
    rows, places = await asyncio.gather(pool.fetch(query, params), pool.fetch(statement("query/places")))
    names = [
        await _codes(pool, cat, axis, places, rows, column)
        for axis, column in zip(axes, ("code", "code2"), strict=False)
    ]
    return _body(layer, axes, measure, rows, names) | {
        "filter": filter_text or "",
        "as_of": when.as_of.isoformat(),
        "known_at": when.known_at.isoformat() if when.known_at else None,
    }


async def _codes(
    pool: Pool, cat: Catalogue, axis: Axis, places: list[dict[str, Any]], rows: list[dict[str, Any]], column: str
) -> dict[str, str]:
    """Return the codes of an axis with their names, in the order they are shown."""
    found = sorted({r[column] for r in rows if not r["grand"]} - {*APART, ""})
    if axis.id in ("county", "unit"):
        kinds = ("county",) if axis.id == "county" else ("county", "unit")
        fixed = {p["code"]: p["name"] for p in places if p["kind"] in kinds}
    elif axis.id == "township":
        fixed = {p["code"]: p["name"] for p in places if p["kind"] == "township" and p["code"] in found}
    elif axis.id == "park":
        parks = await pool.fetch(statement("query/park_names"), {"ids": [int(c) for c in found]})
        fixed = {str(p["id"]): p["name"] for p in parks}
    elif axis.spec is not None and axis.spec.is_categorical:
        fixed = {term: term for term in cat.terms(axis.spec)}
    elif axis.spec is not None and axis.spec.type == "boolean":
        fixed = dict(BOOLEAN_NAMES)
    else:
        fixed = {}
    return fixed | {code: code for code in found if code not in fixed}


def _number(layer: Layer, measure: Measure | None, value: Any) -> int | float | None:
    """Return an exact integer for counts and money sums, a float for the rest."""
    if value is None:
        return None
    spec = layer.field(measure.field) if measure else None
    whole = measure is None or (measure.aggregate in ("sum", "min", "max") and spec and spec.type in ("cny", "integer"))
    if whole:
        return int(value)
    return float(value) if isinstance(value, (Decimal, int)) else value


def _body(
    layer: Layer,
    axes: Sequence[Axis],
    measure: Measure | None,
    rows: list[dict[str, Any]],
    names: list[dict[str, str]],
) -> dict[str, Any]:
    extensive = is_extensive(measure)
    nothing = Cell(0 if extensive else None)
    grand = next(r for r in rows if r["grand"])
    cells = {
        (r["code"], r["code2"]): Cell(_number(layer, measure, r["value"]), r["n_features"], r["n_missing"])
        for r in rows
        if not r["grand"]
    }
    shown: list[dict[str, Any]] = []
    blank = [{**n, "": UNFILLED} if axis.spec is not None else n for axis, n in zip(axes, names, strict=True)]
    second = blank[1] if len(axes) == 2 else {"": ""}
    for code, name in blank[0].items():
        for code2, name2 in second.items():
            cell = cells.get((code, code2), nothing)
            if cell.n_features == 0 and "" in (code, code2)[: len(axes)]:
                continue
            row: dict[str, Any] = {"code": code, "name": name}
            row |= {"code2": code2, "name2": name2} if len(axes) == 2 else {}
            shown.append(row | {"value": cell.value, "n_features": cell.n_features, "n_missing": cell.n_missing})
    apart = {place: _apart(cells, place, nothing, extensive) for place in APART}
    return {
        "rows": shown,
        "outside": apart["outside"], "unlocated": apart["unlocated"],
        "total": _number(layer, measure, grand["value"]),
        "unit": measure.unit if measure else layer.noun,
        "display_unit": (measure.display_unit or measure.unit) if measure else layer.noun,
        "data_date": grand["data_date"].isoformat() if grand["data_date"] else None,
        "layer": layer.id, "title": layer.title, "by": [axis.id for axis in axes],
        "measure": measure.id if measure else "n", "measure_title": measure.title if measure else "数量",
        "extensive": extensive, "partition": all(axis.partition for axis in axes),
        "n_features": grand["n_features"], "n_missing": grand["n_missing"], "n_demo": grand["n_demo"],
    }  # fmt: skip


def _apart(cells: dict[tuple[str, str], Cell], place: str, nothing: Cell, extensive: bool) -> int | float | None:
    """Return the value outside or unlocated: of the first axis, or of the second where the first is inside."""
    other = [p for p in APART if p != place]
    found = [
        cell for (code, code2), cell in cells.items()
        if code == place or (code2 == place and code not in other)
    ]  # fmt: skip
    if not extensive:
        return found[0].value if len(found) == 1 else None
    known = [cell.value for cell in found if cell.value is not None]
    return sum(known) if known or not found else nothing.value if not found else None
