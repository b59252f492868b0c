"""Records as rows and as cards, and how a number is spread."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import sql

from geo.errors import InputError, NotFoundError
from layers.registry import Catalogue
from layers.spec import Layer
from layers.store.boxes import in_box
from layers.store.db import statement
from layers.store.filters import Filter
from layers.store.pool import Pool
from layers.store.queries_layers import describe_field, template, visible_fields
from layers.store.slices import When, columns_of, slice_sql

MAX_ROWS = 50_000
NEAR_METRES = 5000.0
NEAR_DEGREES = 0.08  # 5 km is at most 0.054° of latitude and 0.065° of longitude here
NEAR_LAYERS = {"park": "level", "infrastructure": "kind"}
Box = Sequence[float]


def plain(value: Any) -> Any:
    """Return a database value as JSON knows it: dates as text."""
    return value.isoformat() if isinstance(value, (dt.date, dt.datetime)) else value


def plain_row(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row with every value plain."""
    return {key: plain(value) for key, value in row.items()}


def order_sql(cat: Catalogue, layer: Layer, sort: str, *, internal: bool) -> sql.Composable:
    """Return the ORDER BY of ``field`` or ``-field``: vocabularies in their order, nothing last.

    Raises
    ------
    InputError
        The field is unknown or not visible.
    """
    if not sort:
        return sql.SQL("")
    name = sort.removeprefix("-")
    if name not in columns_of(layer, internal=internal):
        raise InputError(f"图层“{layer.title}”不能按“{name}”排序。", "请用表里的列名。", sort=name)
    spec = layer.field(name)
    column: sql.Composable = sql.Identifier("s", name)
    if spec is not None and spec.type == "code" and spec.is_categorical:
        column = sql.SQL("array_position({}::text[], {})").format(sql.Literal(list(cat.terms(spec))), column)
    direction = sql.SQL("DESC") if sort.startswith("-") else sql.SQL("ASC")
    return sql.SQL("{} {} NULLS LAST,").format(column, direction)


async def read_rows(
    pool: Pool,
    cat: Catalogue,
    layer: Layer,
    *,
    filter_text: str,
    chosen: Filter,
    when: When,
    demo: bool,
    sort: str,
    limit: int,
    offset: int,
    bbox: Box | None,
    internal: bool,
) -> dict[str, Any]:
    """Return one page of records with all visible columns, lon and lat, and how many there are in all."""
    if not (0 <= limit <= MAX_ROWS and 0 <= offset < 2**62):
        raise InputError(f"limit 应在 0 到 {MAX_ROWS} 之间，offset 不小于 0。", "请分页读取。")
    columns = columns_of(layer, internal=internal)
    where, params = in_box(chosen.where, bbox)
    params = when.params | chosen.params | params
    page = template(
        "query/rows",
        columns=sql.SQL(", ").join(sql.Identifier("s", c) for c in columns),
        slice=slice_sql(layer, cat, when, columns, geometry=True, demo=demo),
        where=where,
        order=order_sql(cat, layer, sort, internal=internal),
    )
    counted = template(
        "query/rows_count",
        slice=slice_sql(layer, cat, when, chosen.fields, geometry=True, demo=demo),
        where=where,
    )
    rows, total = await asyncio.gather(
        pool.fetch(page, params | {"limit": limit, "offset": offset}), pool.fetch_one(counted, params)
    )
    return {
        "rows": [plain_row(r) for r in rows], "total": total["n"], "n": total["n"], "numberMatched": total["n"],
        "layer": layer.id, "title": layer.title, "filter": filter_text or "", "limit": limit, "offset": offset,
        "as_of": when.as_of.isoformat(), "known_at": when.known_at.isoformat() if when.known_at else None,
        "columns": [{"id": c, "title": title} for c, title in column_titles(layer, internal=internal)],
    }  # fmt: skip


COMMON_TITLES = {
    "id": "编号", "key": "主键", "name": "名称", "county_code": "县（市、区）", "unit_code": "责任板块",
    "township_code": "乡镇街道", "location_accuracy": "定位精度", "is_demo": "演示数据", "data_date": "数据日期",
    "source_name": "来源文件", "source_row": "来源行号",
}  # fmt: skip


def column_titles(layer: Layer, *, internal: bool) -> list[tuple[str, str]]:
    """Return (column, Chinese title) of every visible column in order."""
    titles = COMMON_TITLES | {f.id: f.title for f in layer.fields}
    return [(name, titles[name]) for name in columns_of(layer, internal=internal)]


async def read_histogram(
    pool: Pool, cat: Catalogue, layer: Layer, field: str, chosen: Filter, when: When, *, demo: bool, bins: int
) -> dict[str, Any]:  # fmt: skip
    """Return ``edges`` (bins + 1 of them) and ``counts`` of a number over a slice."""
    query = template(
        "query/histogram",
        field=sql.Identifier(field),
        slice=slice_sql(layer, cat, when, (field, *chosen.fields), geometry=chosen.geometry, demo=demo),
        where=chosen.where,
    )
    rows = await pool.fetch(query, when.params | chosen.params | {"bins": bins})
    missing = sum(r["n"] for r in rows if r["bin"] is None)
    filled = [r for r in rows if r["bin"] is not None]
    if not filled:
        return {"edges": [], "counts": [], "n_missing": missing}
    low, high = filled[0]["low"], filled[0]["high"]
    if low == high:
        return {"edges": [low, high], "counts": [sum(r["n"] for r in filled)], "n_missing": missing}
    counts = {r["bin"]: r["n"] for r in filled}
    edges = [low + (high - low) * i / bins for i in range(bins)] + [high]
    return {"edges": edges, "counts": [counts.get(i, 0) for i in range(bins)], "n_missing": missing}


async def read_card(
    pool: Pool, cat: Catalogue, layer: Layer, feature: int, when: When, *, internal: bool
) -> dict[str, Any]:
    """Return everything known of one record on a day.

    Raises
    ------
    NotFoundError
        No such record then.
    """
    columns = columns_of(layer, internal=internal)
    query = template(
        "query/record",
        columns=sql.SQL(", ").join(sql.Identifier("s", c) for c in ("version_id", *columns)),
        table=sql.Identifier(layer.table),
        slice=slice_sql(layer, cat, when, (*columns, "address"), geometry=True),
    )
    params = when.params | {"id": feature}
    found = await pool.fetch(query, params) if abs(feature) < 2**63 else []
    if not found:
        raise NotFoundError(f"{when.as_of} 没有这条{layer.title}记录（编号 {feature}）。", "它可能已经更新或删除。")
    row = found[0]
    known = _known(when)
    types = [t for group in layer.events for t in group.types]
    events = template(
        "query/record_events", event=sql.Identifier(layer.event_table), known=known, types=sql.Literal(types)
    )
    figures = template("query/record_figures", figure=sql.Identifier(layer.figure_table), known=known)
    happened, series, places, near = await asyncio.gather(
        pool.fetch(events, params),
        pool.fetch(figures, params),
        pool.fetch(statement("query/places")),
        _near(pool, cat, layer, row, when),
    )
    return _card(cat, layer, row, {p["code"]: p["name"] for p in places}, internal=internal) | {
        "events": _timeline(happened, when.as_of),
        "figures": [plain_row(f) for f in series],
        "near": near,
    }


def _known(when: When) -> sql.SQL:
    if when.known_at is None:
        return sql.SQL("e.recorded_to = 'infinity'")
    return sql.SQL("e.recorded_from <= %(known_at)s AND e.recorded_to > %(known_at)s")


def _timeline(events: Iterable[dict[str, Any]], as_of: dt.date) -> list[dict[str, Any]]:
    """Return events with the days since the one before, those after the day marked as still to come."""
    made = []
    before: dt.date | None = None
    for event in events:
        day = event["event_date"]
        made.append(plain_row(event) | {"days": (day - before).days if before else None, "is_future": day > as_of})
        before = day
    return made


def _card(
    cat: Catalogue, layer: Layer, row: dict[str, Any], names: dict[str, str], *, internal: bool
) -> dict[str, Any]:
    fields = visible_fields(layer, internal=internal)
    box = [row[side] for side in ("west", "south", "east", "north")]
    common = ("id", "key", "name", "county_code", "unit_code", "township_code", "location_accuracy", "is_demo",
              "data_date", "source_name", "source_row", "address", "run_id", "lon", "lat", "geometry_type",
              "is_placed", "area_m2", "n_versions")  # fmt: skip
    return {
        "layer": layer.id, "layer_title": layer.title, "owner": layer.owner,
        **{name: plain(row[name]) for name in common},
        "county": names.get(row["county_code"], ""), "unit": names.get(row["unit_code"], ""),
        "township": names.get(row["township_code"], ""),
        "values": {f.id: plain(row[f.id]) for f in fields},
        "fields": [describe_field(cat, f) | {"value": plain(row[f.id])} for f in fields if f.card],
        "bbox": box if row["lon"] is not None else None,
        "run": {
            "run_id": row["run_id"], "kind": row["run_kind"], "started_by": row["started_by"],
            "recorded_at": plain(row["recorded_at"]), "file_name": row["file_name"], "publisher": row["publisher"],
            "licence": row["licence"], "url": row["url"],
        },
    }  # fmt: skip


async def _near(pool: Pool, cat: Catalogue, layer: Layer, row: dict[str, Any], when: When) -> list[dict[str, Any]]:
    """Return the nearest park and the nearest facility of each kind within 5 km."""
    if not row["is_placed"]:
        return []
    queries = []
    for other, note in NEAR_LAYERS.items():
        target = cat.layers.get(other)
        if target is None or target.field(note) is None:
            continue
        queries.append(
            template(
                "query/near",
                layer=sql.Literal(other),
                note=sql.SQL("coalesce(s.{}, '')").format(sql.Identifier(note)),
                slice=slice_sql(target, cat, when, ("name", note, "is_demo"), geometry=True),
                table=sql.Identifier(layer.table),
                same=sql.SQL("true") if other == layer.id else sql.SQL("false"),
            )
        )
    params = when.params | {
        "version": row["version_id"], "id": row["id"], "metres": NEAR_METRES, "degrees": NEAR_DEGREES,
    }  # fmt: skip
    found = [r for rows in await asyncio.gather(*(pool.fetch(q, params) for q in queries)) for r in rows]
    parks = sorted((r for r in found if r["layer"] == "park"), key=lambda r: r["distance_m"])[:1]
    rest = [r for r in found if r["layer"] != "park"]
    return sorted(parks + rest, key=lambda r: (r["distance_m"], r["id"]))
