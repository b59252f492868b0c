"""Comparisons of what is counted twice over: county against unit, list against list."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from psycopg import sql

from geo.errors import InputError
from layers.spec import Layer, Measure
from layers.store.filters import compile_filter
from layers.store.overlap_rules import count_lists, find_things, lists_of
from layers.store.queries_layers import find_measure, is_extensive, template, visible_layer
from layers.store.queries_rows import plain_row
from layers.store.queries_worklists import area_names, pin
from layers.store.rollup_parts import counted_sql, is_shared, quantity_sql
from layers.store.slices import When, slice_sql, today

if TYPE_CHECKING:
    from layers.store.reader import Reader

Row = dict[str, Any]
REASONS = {
    "township": "所在乡镇由该板块负责",
    "declared": "申报的所属板块与所在县（市、区）不同",
    "outside": "位于界外，由申报的板块负责",
    "unlocated": "没有位置，只申报了板块",
    "no_unit": "没有责任板块",
}


async def reconciliation(
    reader: Reader,
    layer_id: str,
    measure: str = "n",
    filter: str = "",  # noqa: A002 - the API's word
    when: When | None = None,
    demo: bool = True,
    *,
    internal: bool = False,
) -> dict[str, Any]:
    """Return an extensive measure as a matrix county × unit, with the records behind every difference.

    ``cells`` are the filled ones; ``counties`` and ``units`` carry the rollup's ``value`` and the cells'
    ``sum``, and ``balanced`` says whether they agree everywhere. ``rows`` are the records off the diagonal,
    each with its ``reason``; the ``value`` of an off-diagonal cell is the sum over its rows.

    Raises
    ------
    InputError
        The measure is not extensive: means and ratios have no parts that add up.
    """
    layer = visible_layer(reader.cat, layer_id, internal=internal)
    found = find_measure(reader.cat, layer, measure, internal=internal)
    if not is_extensive(found):
        raise InputError("对账只用于可以相加的指标。", "请用数量、合计或面积。", measure=measure)
    when = await pin(reader, layer, when or When(today()))
    chosen = compile_filter(layer, reader.cat, filter, internal=internal)
    fields = ("name", "county_code", "unit_code", "township_code", "location_accuracy", "is_demo", "source_name",
              "source_row", *chosen.fields, *_field_of(layer, found))  # fmt: skip
    parts = _contribution(layer, found, when) | {
        "slice": slice_sql(layer, reader.cat, when, fields, geometry=chosen.geometry, demo=demo),
        "where": chosen.where,
    }
    params = when.params | chosen.params | {"since": None}
    cells, rows, names, by_county, by_unit = await asyncio.gather(
        reader.pool.fetch(template("axes/matrix", **parts), params),
        reader.pool.fetch(template("axes/crossing", **parts), params),
        area_names(reader),
        reader.rollup(layer_id, ("county",), measure, filter, when, demo, internal=internal),
        reader.rollup(layer_id, ("unit",), measure, filter, when, demo, internal=internal),
    )
    whole = _is_whole(layer, found)
    counties = _margin(by_county, cells, "county_code", names["county"], whole)
    units = _margin(by_unit, cells, "unit_code", names["unit"], whole)
    reasons = [_reason(row) for row in rows]
    return {
        "layer": layer.id, "layer_title": layer.title, "measure": measure, "measure_title": by_county["measure_title"],
        "unit": by_county["unit"], "display_unit": by_county["display_unit"], "filter": filter,
        "as_of": when.as_of.isoformat(), "known_at": when.known_at.isoformat() if when.known_at else None,
        "total": by_county["total"],
        "balanced": by_county["total"] == by_unit["total"] and all(m["value"] == m["sum"] for m in counties + units),
        "counties": counties, "units": units,
        "cells": [_cell(cell, names, rows, reasons, whole) for cell in cells],
        "rows": [
            plain_row({k: v for k, v in row.items() if k != "x"})
            | {"value": _number(row["x"], whole), "reason": reason, "why": REASONS[reason]}
            | {"county": names["county"].get(row["county_code"], row["county_code"])}
            | {"unit": names["unit"].get(row["unit_code"], row["unit_code"])}
            for row, reason in zip(rows, reasons, strict=True)
        ],
    }  # fmt: skip


def _field_of(layer: Layer, measure: Measure | None) -> tuple[str, ...]:
    return (measure.field,) if measure and measure.field and layer.field(measure.field) else ()


def _contribution(layer: Layer, measure: Measure | None, when: When) -> dict[str, sql.Composable]:
    """Return what a record brings to a cell, as the rollup counts it: 1, a field, or the share of its area."""
    shared = is_shared(measure)
    x: sql.Composable = sql.SQL("1::numeric")
    if measure is not None and shared:
        x = sql.SQL("h.area_m2::numeric")
    elif measure is not None:
        x = quantity_sql(layer, measure.field, when) if measure.field else x
        counted = counted_sql(layer, measure, when) if measure.event else sql.SQL("TRUE")
        x = sql.SQL("CASE WHEN {} THEN ({})::numeric ELSE 0 END").format(counted, x)
    join = sql.SQL("LEFT JOIN area_share AS h ON h.layer = {} AND h.version_id = s.version_id")
    place = "coalesce(h.{0}, s.{0})" if shared else "s.{0}"
    return {
        "x": x,
        "shares": join.format(sql.Literal(layer.id)) if shared else sql.SQL(""),
        "county": sql.SQL(place).format(sql.Identifier("county_code")),
        "unit": sql.SQL(place).format(sql.Identifier("unit_code")),
    }


def _is_whole(layer: Layer, measure: Measure | None) -> bool:
    if measure is None or (measure.event and not measure.field):
        return True
    spec = layer.field(measure.field)
    return spec is not None and spec.type in ("cny", "integer")


def _number(value: Decimal | None, whole: bool) -> int | float | None:
    return None if value is None else int(value) if whole else float(value)


def _margin(body: Row, cells: Sequence[Row], column: str, names: dict[str, str], whole: bool) -> list[Row]:
    """Return the rollup's values by area, each beside the sum of the matrix's cells."""
    values = {r["code"]: r["value"] for r in body["rows"]} | {p: body[p] for p in ("outside", "unlocated")}
    made = []
    for code, value in values.items():
        found = [c for c in cells if c[column] == code]
        known = [c["value"] for c in found if c["value"] is not None]
        total = None if found and not known else _number(sum(known, Decimal(0)), whole)
        made.append({"code": code, "name": names.get(code, code), "value": value, "sum": total})
    return made


def _cell(
    cell: Row, names: dict[str, dict[str, str]], rows: Sequence[Row], reasons: Sequence[str], whole: bool
) -> dict[str, Any]:  # fmt: skip
    place = (cell["county_code"], cell["unit_code"])
    why = [r for row, r in zip(rows, reasons, strict=True) if (row["county_code"], row["unit_code"]) == place]
    return plain_row(cell) | {
        "value": _number(cell["value"], whole),
        "county": names["county"].get(place[0], place[0]), "unit": names["unit"].get(place[1], place[1]),
        "is_same": place[0] == place[1],
        "reasons": {reason: why.count(reason) for reason in REASONS if reason in why},
    }  # fmt: skip


def _reason(row: Row) -> str:
    if row["county_code"] in ("outside", "unlocated"):
        return str(row["county_code"])
    if row["unit_code"] in ("outside", "unlocated"):
        return "no_unit"
    return "township" if row["township_unit"] == row["unit_code"] else "declared"


async def overlap(
    reader: Reader,
    layer_id: str,
    filter: str = "",  # noqa: A002
    when: When | None = None,
    demo: bool = True,
    *,
    internal: bool = False,
) -> dict[str, Any]:
    """Return the 剔重合计 of a layer: things that several lists or records name, counted once.

    ``n_things`` = ``n_records`` less what is ``n_repeated``; ``lists`` and ``pairs`` say which files name how
    many and share how many; ``groups`` are the things with several records or lists, with their rows.
    """
    layer = visible_layer(reader.cat, layer_id, internal=internal)
    when = await pin(reader, layer, when or When(today()))
    chosen = compile_filter(layer, reader.cat, filter, internal=internal)
    alias = layer.field("alias_names")
    code = next((f for f in layer.fields if f.format in ("credit_code", "project_code")), None)
    fields = [f.id for f in (alias, code) if f is not None and (internal or not f.internal)]
    columns = ("key", "name", "county_code", "unit_code", "is_demo", "source_name", "source_row", *fields)
    known = sql.SQL("t.recorded_from <= %(known_at)s") if when.known_at else sql.SQL("TRUE")

    def picked(spec: Any) -> sql.Composable:
        shown = spec is not None and spec.id in fields
        return sql.SQL("coalesce(s.{}, '')").format(sql.Identifier(spec.id)) if shown else sql.SQL("''")

    query = template(
        "axes/named",
        aliases=picked(alias), code=picked(code), table=sql.Identifier(layer.table), known=known, where=chosen.where,
        slice=slice_sql(layer, reader.cat, when, (*columns, *chosen.fields), geometry=chosen.geometry, demo=demo),
    )  # fmt: skip
    rows, names = await asyncio.gather(reader.pool.fetch(query, when.params | chosen.params), area_names(reader))
    things = await asyncio.to_thread(find_things, rows)
    lists, pairs = count_lists(things)
    groups = [thing for thing in things if len(thing) > 1 or len(lists_of(thing)) > 1]
    return {
        "layer": layer.id, "layer_title": layer.title, "filter": filter,
        "as_of": when.as_of.isoformat(), "known_at": when.known_at.isoformat() if when.known_at else None,
        "n_records": len(rows), "n_things": len(things), "n_repeated": len(rows) - len(things),
        "n_overlapping": sum(len(lists_of(thing)) > 1 for thing in things),
        "lists": lists, "pairs": pairs,
        "counts": _count_things(things, "county_code", names["county"]),
        "unit_counts": _count_things(things, "unit_code", names["unit"]),
        "groups": [
            {"name": thing[0]["name"], "n": len(thing), "lists": lists_of(thing),
             "is_split": len({r["county_code"] for r in thing}) > 1, "rows": [plain_row(r) for r in thing]}
            for thing in groups
        ],
    }  # fmt: skip


def _count_things(things: Sequence[Sequence[Row]], column: str, names: dict[str, str]) -> list[Row]:
    """Count records and things by area; a thing counts where its first record lies."""
    records: dict[str, int] = dict.fromkeys(names, 0)
    once: dict[str, int] = dict.fromkeys(names, 0)
    for thing in things:
        once[thing[0][column]] = once.get(thing[0][column], 0) + 1
        for row in thing:
            records[row[column]] = records.get(row[column], 0) + 1
    return [{"code": c, "name": names.get(c, c), "n_records": n, "n": once.get(c, 0)} for c, n in records.items()]
