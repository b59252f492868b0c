"""What lies in an area that a person draws, and what lies nearest to a point."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import shapely
from psycopg import sql

from geo.cell_cover import cover, morton_of
from geo.drawn import Step, combine, parse_area
from geo.errors import InputError, NotFoundError
from geo.measure import authalic_area
from layers.registry import Catalogue
from layers.spec import FieldSpec, Layer
from layers.store.cell_terms import LEVELS, cell_tests, simple_terms, summed, term_field
from layers.store.db import statement
from layers.store.filters import Filter, compile_filter
from layers.store.named_lines import named_line
from layers.store.pool import Pool
from layers.store.queries_layers import template, visible_layer
from layers.store.slices import When, slice_sql

MOST_NEAR = 200
MOST_IDS = 50_000


@dataclass(frozen=True)
class Group:
    """Records of one county, unit and term: how many, and of each visible extensive field how many say and the sum."""

    county: str
    unit: str
    is_demo: bool
    term: str
    n: int
    known: tuple[int, ...] = ()
    sums: tuple[Decimal, ...] = ()


@dataclass(frozen=True)
class Drawn:
    """An evaluated area: its shape in degrees (EPSG:4490) and its size on the ellipsoid."""

    text: str
    shape: shapely.MultiPolygon
    area_m2: float
    names: dict[str, str] = field(default_factory=dict)


async def read_area(pool: Pool, cat: Catalogue, text: str, when: When, *, internal: bool) -> Drawn:
    """Evaluate an area's text; what it names is read from the database and the base map.

    Raises
    ------
    InputError
        The text is wrong, or nothing is left of the area.
    NotFoundError
        It names a county, thing, line or kept area that is not there.
    """
    steps = parse_area(text)
    found: dict[Step, shapely.Geometry] = {}
    names: dict[str, str] = {}
    for step in steps:
        if step.kind in ("area", "near", "along", "saved") and step not in found:
            name, found[step] = await _look_up(pool, cat, step, when, internal)
            names[":".join((step.kind, *step.words))] = name
    shape = await asyncio.to_thread(combine, steps, found.__getitem__)
    return Drawn(text, shape, float(authalic_area([shape])[0]), names)


async def _look_up(pool: Pool, cat: Catalogue, step: Step, when: When, internal: bool) -> tuple[str, shapely.Geometry]:
    if step.kind == "along":
        return step.words[0], await asyncio.to_thread(named_line, step.words[0])
    if step.kind == "area":
        rows = await pool.fetch(statement("drawn/area"), {"code": step.words[0]})
        missing = NotFoundError(f"没有代码为“{step.words[0]}”的区划。", "请从列表里选择。", code=step.words[0])
    elif step.kind == "saved":
        number = int(step.words[0]) if step.words[0].isdecimal() and len(step.words[0]) < 18 else -1
        rows = await pool.fetch(statement("drawn/saved"), {"id": number})
        missing = NotFoundError(f"没有第 {step.words[0]} 号范围。", "请从已存的范围里选择。", id=step.words[0])
    else:
        layer = visible_layer(cat, step.words[0], internal=internal)
        number = int(step.words[1]) if step.words[1].isdecimal() and len(step.words[1]) < 18 else -1
        query = template("drawn/thing", slice=slice_sql(layer, cat, when, ("name",), geometry=True))
        rows = await pool.fetch(query, when.params | {"id": number})
        missing = NotFoundError(f"图层“{layer.title}”没有这条记录，或它没有坐标。", "请换一个对象。", id=step.words[1])
    if not rows:
        raise missing
    return str(rows[0]["name"]), shapely.from_wkb(bytes(rows[0]["wkb"]))


def visible_sums(layer: Layer, internal: bool) -> list[tuple[int, FieldSpec]]:
    """Return the extensive fields a caller may see, with their places in the cells' arrays."""
    return [(i, f) for i, f in enumerate(summed(layer), 1) if internal or not f.internal]


async def read_groups(
    pool: Pool, cat: Catalogue, layer: Layer, shape: shapely.Geometry, *, filter_text: str, when: When, demo: bool,
    internal: bool,
) -> tuple[list[Group], str]:  # fmt: skip
    """Return what touches an area, by county, unit and term, and how it was found: ``cells`` or ``records``.

    Both are exact and equal to ``ST_Intersects`` on every record: cells wholly inside are read from the pyramid,
    and the records of those on the border are tested one by one. That holds for points; anything else, and a
    filter that the pyramid does not tell apart, is tested record by record.
    """
    chosen = compile_filter(layer, cat, filter_text, internal=internal)
    fields = visible_sums(layer, internal)
    wanted = simple_terms(layer, filter_text) if when.known_at is None and layer.geometry == "point" else None
    params = {"drawn": bytes(shapely.to_wkb(shape))}
    if wanted is None:
        return await _by_records(pool, cat, layer, fields, chosen, when, demo, params), "records"
    squares = await asyncio.to_thread(cover, shape, LEVELS)
    inside, border = await asyncio.gather(
        _by_cells(pool, layer, fields, wanted, when, demo, squares.inside),
        _by_border(pool, cat, layer, fields, chosen, when, demo, params, squares.border),
    )
    return [*inside, *border], "cells"


async def _by_cells(
    pool: Pool, layer: Layer, fields: Sequence[tuple[int, FieldSpec]], wanted: dict[str, list[str]], when: When,
    demo: bool, inside: Any,
) -> list[Group]:  # fmt: skip
    if not len(inside):
        return []
    where, params = cell_tests(wanted, demo)
    known = [sql.SQL("sum(c.known[{}])").format(sql.Literal(i)) for i, _ in fields]
    sums = [sql.SQL("sum(c.sums[{}])").format(sql.Literal(i)) for i, _ in fields]
    query = template("drawn/cells", where=where, known=_array(known, "bigint[]"), sums=_array(sums, "numeric[]"))
    keys = morton_of(inside[:, 1], inside[:, 2]).tolist()
    rows = await pool.fetch(
        query, params | {"layer": layer.id, "as_of": when.as_of, "levels": inside[:, 0].tolist(), "keys": keys}
    )
    return _groups(rows)


async def _by_border(
    pool: Pool, cat: Catalogue, layer: Layer, fields: Sequence[tuple[int, FieldSpec]], chosen: Filter, when: When,
    demo: bool, params: dict[str, Any], border: Any,
) -> list[Group]:  # fmt: skip
    if not len(border):
        return []
    squares = {"b_levels": border[:, 0].tolist(), "b_x": border[:, 1].tolist(), "b_y": border[:, 2].tolist()}
    query = template("drawn/border", **_parts(cat, layer, fields, chosen, when, demo))
    return _groups(await pool.fetch(query, when.params | chosen.params | params | squares))


async def _by_records(
    pool: Pool, cat: Catalogue, layer: Layer, fields: Sequence[tuple[int, FieldSpec]], chosen: Filter, when: When,
    demo: bool, params: dict[str, Any],
) -> list[Group]:  # fmt: skip
    query = template("drawn/exact", **_parts(cat, layer, fields, chosen, when, demo))
    return _groups(await pool.fetch(query, when.params | chosen.params | params))


def _parts(
    cat: Catalogue, layer: Layer, fields: Sequence[tuple[int, FieldSpec]], chosen: Filter, when: When, demo: bool
) -> dict[str, sql.Composable]:
    term = term_field(layer)
    columns = ("county_code", "unit_code", "is_demo", *(f.id for _, f in fields), *((term,) if term else ()))
    named = [sql.Identifier("s", f.id) for _, f in fields]
    return {
        "term": sql.SQL("coalesce(s.{}, '')").format(sql.Identifier(term)) if term else sql.SQL("''::text"),
        "known": _array([sql.SQL("count({})").format(f) for f in named], "bigint[]"),
        "sums": _array([sql.SQL("coalesce(sum({}::numeric), 0)").format(f) for f in named], "numeric[]"),
        "slice": slice_sql(layer, cat, when, (*columns, *chosen.fields), geometry=True, demo=demo),
        "where": chosen.where,
    }


def _array(values: Sequence[sql.Composable], kind: str) -> sql.Composed:
    return sql.SQL("ARRAY[{}]::{}").format(sql.SQL(", ").join(values), sql.SQL(kind))


def _groups(rows: Sequence[Mapping[str, Any]]) -> list[Group]:
    return [
        Group(r["county_code"], r["unit_code"], r["is_demo"], r["term"], int(r["n"]), tuple(map(int, r["known"])),
              tuple(Decimal(v) for v in r["sums"]))
        for r in rows if r["n"]
    ]  # fmt: skip


async def read_area_rows(
    pool: Pool, cat: Catalogue, layer: Layer, shape: shapely.Geometry, *, filter_text: str, when: When, demo: bool,
    internal: bool, limit: int, offset: int, ordered: bool,
) -> list[dict[str, Any]]:  # fmt: skip
    """Return some records of an area, the largest first where ``ordered``, else in the order of their ids."""
    chosen = compile_filter(layer, cat, filter_text, internal=internal)
    size = layer.field(layer.style.size_by) if layer.style.size_by else None
    shown = size is not None and (internal or not size.internal)
    columns = ("name", "county_code", "is_demo", *((layer.style.size_by,) if shown else ()), *chosen.fields)
    value = sql.SQL("s.{}").format(sql.Identifier(layer.style.size_by)) if shown else sql.SQL("NULL")
    query = template(
        "drawn/rows", size=value, slice=slice_sql(layer, cat, when, columns, geometry=True, demo=demo),
        where=chosen.where, order=sql.SQL("size DESC NULLS LAST, s.id" if shown and ordered else "s.id"),
    )  # fmt: skip
    params = {"drawn": bytes(shapely.to_wkb(shape)), "limit": limit, "offset": offset}
    return await pool.fetch(query, when.params | chosen.params | params)


async def read_nearest(
    pool: Pool, cat: Catalogue, layer: Layer, lon: float, lat: float, *, k: int, metres: float, filter_text: str,
    when: When, demo: bool, internal: bool,
) -> dict[str, Any]:  # fmt: skip
    """Return the ``k`` records nearest to a point and how many lie within ``metres``, on the ellipsoid.

    Raises
    ------
    InputError
        k outside 1–200, a distance outside 1 m–300 km, or no point on the earth.
    """
    if not (1 <= k <= MOST_NEAR and 0 < metres <= 300_000 and -180 <= lon <= 180 and -85 <= lat <= 85):
        raise InputError(f"k 应在 1 到 {MOST_NEAR} 之间，距离不超过 300 公里，经纬度以度为单位。", "请改正后再试。")
    chosen = compile_filter(layer, cat, filter_text, internal=internal)
    columns = ("name", "county_code", "is_demo", *chosen.fields)
    parts = {
        "slice": slice_sql(layer, cat, when, columns, geometry=True, demo=demo),
        "where": chosen.where,
    }
    params = when.params | chosen.params | {"lon": float(lon), "lat": float(lat), "k": k, "metres": float(metres)}
    rows, count = await asyncio.gather(
        pool.fetch(template("drawn/nearest", **parts), params),
        pool.fetch_one(template("drawn/within", **parts), params),
    )
    found = [r | {"distance_m": round(float(r["distance_m"]), 2)} for r in rows]
    return {"layer": layer.id, "title": layer.title, "lon": lon, "lat": lat, "metres": metres, "rows": found,
            "n_within": int(count["n"]), "n_demo": int(count["n_demo"])}  # fmt: skip


async def read_ids(pool: Pool, cat: Catalogue, layer: Layer, chosen: Filter, when: When, demo: bool) -> list[int]:
    """Return the ids of the records that a narrowed filter keeps, ascending, at most 50,000."""
    query = template(
        "drawn/ids", slice=slice_sql(layer, cat, when, chosen.fields, geometry=True, demo=demo), where=chosen.where
    )
    rows = await pool.fetch(query, when.params | chosen.params | {"limit": MOST_IDS})
    return [int(r["id"]) for r in rows]
