"""Rollups: one measure of a layer by county, unit, township, park or field, on a day or on several."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from psycopg import sql

from geo.errors import InputError
from layers.registry import Catalogue
from layers.spec import Layer, Measure
from layers.store.db import statement
from layers.store.filters import Filter
from layers.store.pool import Pool
from layers.store.queries_layers import find_measure, is_extensive, template
from layers.store.rollup_density import base_of, per_area
from layers.store.rollup_parts import (
    NOTHING,
    Axis,
    adding,
    inputs_sql,
    is_spread,
    key_sql,
    parse_axes,
    parted_sql,
)
from layers.store.rollup_stored import is_kept, read_kept
from layers.store.slices import When, slice_sql

APART = ("outside", "unlocated")
BOOLEAN_NAMES = {"true": "是", "false": "否"}
UNFILLED = "未填写"
MOST_DAYS = 60
Row = dict[str, Any]


@dataclass(frozen=True)
class Cell:
    """A value with how many records stand behind it and how many of them say nothing."""

    value: int | float | None
    n_features: int = 0
    n_missing: int = 0


@dataclass(frozen=True)
class Question:
    """What a rollup is asked for: the layer, its axes and measure, a filter, whether 演示 rows count.

    ``since`` begins the period of a measure of events; None is the beginning of the day's year.
    """

    layer: Layer
    axes: tuple[Axis, ...]
    measure: Measure | None
    chosen: Filter
    filter_text: str = ""
    demo: bool = True
    since: dt.date | None = None

    @property
    def is_plain(self) -> bool:
        """Whether it asks for all current records."""
        return not self.filter_text and not self.chosen.fields and not self.chosen.geometry


def ask(
    cat: Catalogue, layer: Layer, by: Sequence[str], measure_id: str, chosen: Filter, *, filter_text: str = "",
    demo: bool = True, since: dt.date | None = None, internal: bool = False,
) -> Question:  # fmt: skip
    """Check what is asked.

    Raises
    ------
    InputError
        Unknown or invisible axis or measure.
    """
    axes = parse_axes(cat, layer, by, internal=internal)
    measure = find_measure(cat, layer, measure_id, internal=internal)
    return Question(layer, axes, measure, chosen, filter_text, demo, since)


async def read_rollup(pool: Pool, cat: Catalogue, asked: Question, when: When) -> Row:
    """Return a rollup as the HTTP body states it; see ``Reader.rollup``."""
    based = replace(asked, measure=base_of(cat, asked.layer, asked.measure))
    rows, axis = None, asked.axes[0].id
    plain = asked.is_plain and len(asked.axes) == 1 and when.known_at is None
    if plain and is_kept(asked.layer, axis, based.measure):
        rows = await read_kept(pool, asked.layer, axis, based.measure, when, demo=asked.demo)
    if rows is None:
        rows = await pool.fetch(_query(cat, based, when), _params(based, when))
    return await _finish(pool, cat, asked, rows, when)


async def read_days(pool: Pool, cat: Catalogue, asked: Question, when: When, days: Sequence[dt.date]) -> list[Row]:
    """Return a rollup on each of several days, in their order; see ``Reader.rollup_days``.

    Raises
    ------
    InputError
        Too many days.
    """
    if not 1 <= len(days) <= MOST_DAYS:
        raise InputError(f"一次最多问 {MOST_DAYS} 个日期。", "请减少日期。", n=len(days))
    based = replace(asked, measure=base_of(cat, asked.layer, asked.measure))
    query = template("query/rollup_days", rollup=_query(cat, based, replace(when, each=True)))
    rows = await pool.fetch(query, _params(based, when) | {"days": list(days)})
    return [
        await _finish(pool, cat, asked, [r for r in rows if r["day"] == day], replace(when, as_of=day)) for day in days
    ]


def _params(asked: Question, when: When) -> dict[str, object]:
    return when.params | asked.chosen.params | {"since": asked.since}


def _query(cat: Catalogue, asked: Question, when: When) -> sql.Composed:
    layer, axes, measure = asked.layer, asked.axes, asked.measure
    wanted = ["county_code", "unit_code", "township_code", "is_demo", "data_date", *asked.chosen.fields]
    wanted += [axis.id for axis in axes if axis.spec is not None]
    if measure is not None:
        wanted += [name for name in (measure.field, measure.denominator) if name and layer.field(name)]
    spread = is_spread(measure, axes)
    by_park = any(axis.id == "park" for axis in axes)
    inputs, shares = inputs_sql(layer, measure, axes, when)
    keys = [key_sql(cat, layer, axis, number, when, asked.demo) for number, axis in enumerate(axes)]
    added = adding(measure, split=by_park and layer.geometry != "point")
    parts: dict[str, sql.Composable] = {
        "slice": slice_sql(layer, cat, when, wanted, geometry=asked.chosen.geometry or by_park, demo=asked.demo),
        "where": asked.chosen.where,
        "inputs": inputs,
    }
    if not spread and added.parts:
        return template("query/rollup", **parts, **parted_sql(added, [code for code, _ in keys]))
    return template(
        "query/rollup_spread" if spread else "query/rollup_whole", **parts, shares=shares,
        code=keys[0][0], code2=keys[1][0] if len(keys) == 2 else sql.SQL("''::text"),
        joins=sql.SQL(" ").join([join for _, join in keys if join is not NOTHING]),
        value=sql.SQL(added.value), features=sql.SQL(added.features), missing=sql.SQL(added.missing),
        grand_value=sql.SQL(adding(measure).value),
    )  # fmt: skip


async def _finish(pool: Pool, cat: Catalogue, asked: Question, rows: list[Row], when: When) -> Row:
    places = await pool.fetch(statement("query/places"))
    names = [
        await _codes(pool, cat, axis, places, rows, column)
        for axis, column in zip(asked.axes, ("code", "code2"), strict=False)
    ]
    body = _body(asked, rows, names) | {
        "filter": asked.filter_text,
        "as_of": when.as_of.isoformat(),
        "known_at": when.known_at.isoformat() if when.known_at else None,
    }
    if asked.measure is not None and asked.measure.aggregate == "events":
        body["since"] = (asked.since or when.as_of.replace(month=1, day=1)).isoformat()
    if asked.measure is not None and asked.measure.aggregate == "density":
        return await per_area(pool, cat, asked.measure, body, when)
    return body


async def _codes(
    pool: Pool, cat: Catalogue, axis: Axis, places: list[dict[str, Any]], rows: list[Row], column: str
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
    """Return an exact integer for counts and money, a float for the rest (also for part of a whole number)."""
    if value is None:
        return None
    spec = layer.field(measure.field) if measure and measure.field else None
    money = spec is not None and spec.type in ("cny", "integer")
    counted = measure is None or (measure.is_extensive and not measure.field and measure.id != "area_m2")
    whole = counted or (money and measure is not None and measure.aggregate not in ("mean", "median", "ratio", "share"))
    if whole and value == int(value):
        return int(value)
    return float(value) if isinstance(value, (Decimal, int)) else value


def _body(asked: Question, rows: list[Row], names: list[dict[str, str]]) -> Row:
    layer, axes, measure = asked.layer, asked.axes, asked.measure
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
