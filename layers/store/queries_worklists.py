"""Work lists: what a county or unit has to look after, as dated lists that can be drawn again.

A list is a pure function of its dates, filter and limits: the same (as_of, known_at) always gives the same
rows, and every count is the number of those rows.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from psycopg import sql

from geo.errors import InputError
from layers.spec import Layer
from layers.store.db import statement
from layers.store.filters import compile_filter
from layers.store.queries_layers import template, visible_fields, visible_layer
from layers.store.queries_rows import plain
from layers.store.slices import When, events_sql, slice_sql, today
from layers.store.worklist_rules import (
    Period,
    Row,
    convert,
    count_areas,
    find_violations,
    median_days,
    rate,
    rate_areas,
    steps_of,
    wait,
)
from layers.store.worklist_spec import (
    APART_NAMES,
    FIVE,
    GAPS,
    WORKLISTS,
    Ask,
    WorkList,
    describe_worklists,
    equals,
    find_worklist,
    list_url,
    stage_group,
)

__all__ = ["Ask", "Period", "conversion", "describe_worklists", "five_lists", "read_worklist", "three_gaps"]

if TYPE_CHECKING:
    from layers.store.reader import Reader

BASE = ("id", "key", "name", "county_code", "unit_code", "township_code", "location_accuracy", "is_demo",
        "data_date", "source_name", "source_row")  # fmt: skip
VAGUE = ("none", "county", "township")
MINIMUM = 5


async def read_worklist(
    reader: Reader, list_id: str, ask: Ask, when: When | None = None, demo: bool = True, *, internal: bool = False
) -> dict[str, Any]:
    """Return one dated list: its rows, and their counts by county and unit.

    ``counts`` (by county) and ``unit_counts`` add up to ``n``; ``rows_filter`` opens the same rows elsewhere
    where a filter can say it; ``url`` names the list with both dates, so that it can be drawn again.

    Raises
    ------
    NotFoundError, InputError, FilterError
        No such list or layer, a layer without stages, a filter that cannot be used.
    """
    item = find_worklist(list_id)
    ask.check()
    layer = visible_layer(reader.cat, ask.layer, internal=internal)
    when = await pin(reader, layer, when or When(today()))
    if item.kind in ("stale", "location"):
        return await _record_list(reader, layer, item, ask, when, demo, internal)
    rows = await _staged(reader, layer, ask, when, demo, internal, item.stage, item.next_stage)
    return await _stage_body(reader, layer, item, ask, when, rows, demo)


async def five_lists(
    reader: Reader, ask: Ask, when: When | None = None, demo: bool = True, *, internal: bool = False
) -> dict[str, Any]:
    """Return the 五张清单 (储备, 开工, 竣工, 达产, 达效), drawn in one reading; see :func:`read_worklist`."""
    return await _several(reader, FIVE, ask, when, demo, internal)


async def three_gaps(
    reader: Reader, ask: Ask, when: When | None = None, demo: bool = True, *, internal: bool = False
) -> dict[str, Any]:
    """Return the 三未 (签约未开工, 开工未竣工, 竣工未达产) with days waiting against the limit."""
    return await _several(reader, GAPS, ask, when, demo, internal)


async def conversion(
    reader: Reader,
    periods: Sequence[Period],
    ask: Ask,
    when: When | None = None,
    demo: bool = True,
    *,
    minimum: int = MINIMUM,
    with_rows: bool = False,
    internal: bool = False,
) -> dict[str, Any]:
    """Return, for each period and step between stages, how many of those who reached one went on to the next.

    Parameters
    ----------
    periods : sequence of Period
        When the first stage of a step was reached; the second counts until ``as_of``.
    minimum : int
        No rate is given for fewer records than this; counts always are.
    with_rows : bool
        Add each step's records with their two dates.
    """
    ask.check()
    if minimum < 1:
        raise InputError("计算比率的最少数量应不小于 1。", "例如 minimum=5。", minimum=minimum)
    layer = visible_layer(reader.cat, ask.layer, internal=internal)
    when = await pin(reader, layer, when or When(today()))
    types = stage_group(layer).types
    rows, names = await asyncio.gather(_staged(reader, layer, ask, when, demo, internal), area_names(reader))
    shown = []
    for period in periods:
        steps = []
        for step in steps_of(types):
            followed = convert(rows, types, step, period)
            steps.append(
                {"from": step[0], "to": step[1], "total": rate(followed, minimum)}
                | {"counties": rate_areas(followed, "county_code", names["county"], minimum)}
                | {"units": rate_areas(followed, "unit_code", names["unit"], minimum)}
                | ({"rows": [_plain(r) for r in followed]} if with_rows else {})
            )
        span = {"label": period.label, "start": plain(period.start), "end": plain(period.end)}
        shown.append(span | {"steps": steps})
    return _dates(layer, when, ask) | {"minimum": minimum, "periods": shown}


async def pin(reader: Reader, layer: Layer, when: When) -> When:
    """Return the dates with ``known_at`` set: the layer's last run where the caller asks for now."""
    if when.known_at is not None:
        return when
    found = await reader.pool.fetch(statement("worklists/pin"), {"layer": layer.id})
    return When(when.as_of, found[0]["loaded_at"] if found else None)


async def area_names(reader: Reader) -> dict[str, dict[str, str]]:
    """Return code -> name by axis, in the order shown, with 界外 and 未定位 last."""
    places = await reader.pool.fetch(statement("query/places"))
    kinds = {"county": ("county",), "unit": ("county", "unit")}
    return {
        axis: {p["code"]: p["name"] for kind in chosen for p in places if p["kind"] == kind} | APART_NAMES
        for axis, chosen in kinds.items()
    }


def row_columns(layer: Layer, *, internal: bool) -> tuple[str, ...]:
    """Return the columns a list shows of a layer: the common ones, then those of its table."""
    return (*BASE, *(f.id for f in visible_fields(layer, internal=internal) if f.table))


async def _several(
    reader: Reader, lists: Sequence[str], ask: Ask, when: When | None, demo: bool, internal: bool
) -> dict[str, Any]:
    ask.check()
    layer = visible_layer(reader.cat, ask.layer, internal=internal)
    when = await pin(reader, layer, when or When(today()))
    items = [WORKLISTS[i] for i in lists]
    needed = [s for item in items for s in (item.stage, item.next_stage) if s]
    rows = await _staged(reader, layer, ask, when, demo, internal, *needed)
    bodies = [await _stage_body(reader, layer, item, ask, when, rows, demo) for item in items]
    return _dates(layer, when, ask) | {"lists": bodies}


async def _staged(
    reader: Reader, layer: Layer, ask: Ask, when: When, demo: bool, internal: bool, *needed: str
) -> list[Row]:
    """Return the chosen records with their stage and the first day of each stage in force."""
    group = stage_group(layer, *(s for s in needed if s))
    chosen = compile_filter(layer, reader.cat, ask.filter_text(), internal=internal)
    columns = tuple(dict.fromkeys((*row_columns(layer, internal=internal), group.field)))
    query = template(
        "worklists/stages",
        columns=sql.SQL(", ").join(sql.Identifier("s", c) for c in columns),
        slice=slice_sql(layer, reader.cat, when, (*columns, *chosen.fields), geometry=chosen.geometry, demo=demo),
        events=events_sql(layer, group, when, in_force=True),
        where=chosen.where,
    )
    rows = await reader.pool.fetch(query, when.params | chosen.params)
    for row in rows:
        row["stage"] = row[group.field]
        row["since"] = {t: dt.date.fromisoformat(d) for t, d in (row["since"] or {}).items()}
        told = row["told"] or {}
        row["told"] = {t: words for t, (_, words) in told.items()}
        row["first"] = row["since"] | {t: dt.date.fromisoformat(d) for t, (d, _) in told.items()}
    return rows


async def _stage_body(
    reader: Reader, layer: Layer, item: WorkList, ask: Ask, when: When, rows: list[Row], demo: bool
) -> dict[str, Any]:
    limit = item.limit_days if ask.limit_days is None else ask.limit_days
    if item.kind == "violations":
        types = stage_group(layer).types
        found = [r | {"violations": v, "days": max(x["days"] for x in v), "is_over": True}
                 for r in rows if (v := find_violations(r["since"], types, r["first"]))]  # fmt: skip
        extra = None
    else:
        reached = ask.year is not None and item.kind == "stage"
        held = [r for r in rows if (_reached_in(r, item.stage, ask.year) if reached else r["stage"] == item.stage)]
        found = [r | wait(r, item.stage, when.as_of, limit) for r in held]
        extra = None if reached else equals(stage_group(layer).field, item.stage)
    return await _body(reader, layer, item, ask, when, found, demo, limit, extra)


def _reached_in(row: Row, stage: str, year: int | None) -> bool:
    day = row["since"].get(stage)
    return day is not None and day.year == year


async def _record_list(
    reader: Reader, layer: Layer, item: WorkList, ask: Ask, when: When, demo: bool, internal: bool
) -> dict[str, Any]:
    """Return the records gone stale, or those whose place is not known or only as a county or township."""
    limit = layer.freshness.days if ask.limit_days is None else ask.limit_days
    if item.kind == "stale":
        day = dt.date.fromordinal(max(1, when.as_of.toordinal() - limit))
        test: dict[str, Any] = {"op": "<", "args": [{"property": "data_date"}, {"date": day.isoformat()}]}
    else:
        test = {"op": "in", "args": [{"property": "location_accuracy"}, list(VAGUE)]}
    chosen = compile_filter(layer, reader.cat, ask.filter_text(), internal=internal)
    narrowed = compile_filter(layer, reader.cat, ask.filter_text(test), internal=internal)
    columns = row_columns(layer, internal=internal)
    wanted = (*columns, *chosen.fields)
    cut = slice_sql(layer, reader.cat, when, wanted, geometry=chosen.geometry, demo=demo)
    query = template(
        "worklists/records", columns=sql.SQL(", ").join(sql.Identifier("s", c) for c in columns), slice=cut,
        where=narrowed.where, order=sql.Identifier("s", "data_date" if item.kind == "stale" else "location_accuracy"),
    )  # fmt: skip
    checked = template("worklists/checked", slice=cut, where=chosen.where)
    rows, total = await asyncio.gather(
        reader.pool.fetch(query, when.params | narrowed.params),
        reader.pool.fetch_one(checked, when.params | chosen.params),
    )
    for row in rows:
        row["days"] = (when.as_of - row["data_date"]).days if row["data_date"] else None
        row["is_over"] = item.kind == "stale"
    body = await _body(reader, layer, item, ask, when, rows, demo, limit if item.kind == "stale" else None, test)
    groups = {a: sum(r["location_accuracy"] == a for r in rows) for a in VAGUE} if item.kind == "location" else {}
    return body | {"n_checked": total["n"], "n_undated": total["n_undated"]} | ({"groups": groups} if groups else {})


async def _body(
    reader: Reader, layer: Layer, item: WorkList, ask: Ask, when: When, found: list[Row], demo: bool,
    limit: int | None, extra: dict[str, Any] | None,
) -> dict[str, Any]:  # fmt: skip
    names = await area_names(reader)
    rows = [r for r in found if r["is_over"] or not ask.only_over]
    if item.kind not in ("stale", "location"):
        rows.sort(key=lambda r: (r["days"] is None, -(r["days"] or 0), r["id"]))
    shown = [_plain(r) | {axis: names[axis].get(r[f"{axis}_code"], r[f"{axis}_code"]) for axis in names} for r in rows]
    exact = extra is not None and not ask.only_over
    return _dates(layer, when, ask) | {
        "list": item.id, "title": item.title, "kind": item.kind, "stage": item.stage, "limit_days": limit,
        "counts": count_areas(rows, "county_code", names["county"]),
        "unit_counts": count_areas(rows, "unit_code", names["unit"]),
        "rows": shown, "n": len(rows), "n_over": sum(r["is_over"] for r in rows),
        "n_undated": sum(r["days"] is None for r in rows), "n_demo": sum(r["is_demo"] for r in rows),
        "median_days": median_days(rows), "rows_filter": ask.filter_text(extra) if exact else None,
        "url": list_url(item.id, ask, when, demo),
    }  # fmt: skip


def _dates(layer: Layer, when: When, ask: Ask) -> dict[str, Any]:
    return {
        "layer": layer.id, "layer_title": layer.title, "noun": layer.noun, "owner": layer.owner,
        "as_of": when.as_of.isoformat(), "known_at": when.known_at.isoformat() if when.known_at else None,
        "filter": ask.filter_text(), "year": ask.year,
    }  # fmt: skip


def _plain(value: Any) -> Any:
    """Return rows, dicts and lists with every value as JSON knows it."""
    if isinstance(value, dict):
        return {key: _plain(v) for key, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, list) else plain(value)
