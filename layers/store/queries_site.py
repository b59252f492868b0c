"""What siting reads: the alternatives, and everything round them, as they were on a day."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from psycopg import sql

from geo.errors import InputError
from layers.spec import Layer
from layers.store.db import statement
from layers.store.filters import compile_filter
from layers.store.queries_layers import template, visible_layer
from layers.store.queries_rows import plain_row
from layers.store.queries_worklists import Ask, conversion
from layers.store.slices import When, columns_of, slice_sql, versions_sql
from layers.store.worklist_rules import Period

if TYPE_CHECKING:
    from layers.store.reader import Reader

Row = dict[str, Any]

#: What the criteria read of each layer beside id, name, place and accuracy.
SURROUNDINGS: dict[str, tuple[str, ...]] = {
    "infrastructure": ("kind", "capacity_mw", "year"),
    "enterprise": ("industry",),
    "factory": ("smart_level", "green_level", "zero_carbon_level", "fiveg_level", "lighthouse"),
    "park": ("key", "level", "kind", "industries", "available_mu", "planned_mu", "zero_carbon_level", "green_level"),
    "constraint": ("kind", "effect"),
}
COMMON = ("id", "name", "county_code", "location_accuracy", "is_demo", "data_date")
SIGNED, STARTED = "签约", "开工"
FEWEST_SIGNED = 5
KEPT = 4


@dataclass(frozen=True, eq=False)
class Surroundings:
    """Rows by layer (``geom`` as WKB or None), counties as areas, the share of signed projects that started by
    county, and the versions they are of."""

    rows: Mapping[str, list[Row]]
    counties: list[Row]
    rates: Mapping[str, float]


_held: WeakKeyDictionary[Reader, dict[tuple[object, ...], Surroundings]] = WeakKeyDictionary()


async def read_alternatives(
    reader: Reader, layer_id: str, filter_text: str, when: When, *, demo: bool, internal: bool
) -> list[Row]:
    """Return the records that a brief chooses between: every visible column, dates as text, ``geom`` as WKB.

    Raises
    ------
    InputError
        The layer holds no sites.
    NotFoundError, FilterError
        No such layer, or a filter that cannot be used.
    """
    layer = visible_layer(reader.cat, layer_id, internal=internal)
    if layer.geometry == "line" or layer.id in ("boundary", "constraint"):
        raise InputError(f"图层“{layer.title}”不能作为备选。", "可用地块（parcel）、厂房（premises）、园区（park）。")
    columns = columns_of(layer, internal=internal)
    return await _records(reader, layer, columns, filter_text, when, demo=demo, internal=internal)


async def read_surroundings(
    reader: Reader, when: When, *, demo: bool, internal: bool, versions: Mapping[str, int] | None = None
) -> Surroundings:
    """Return everything that criteria look at round a site; kept until a layer changes.

    ``versions`` are the layers' versions where the caller has just asked for them.
    """
    versions = await reader.versions() if versions is None else versions
    needed = {name: versions.get(name, 0) for name in (*SURROUNDINGS, "project", "boundary")}
    key = (tuple(needed.items()), when, demo, internal)
    mine = _held.setdefault(reader, {})
    if key not in mine:
        made = await _read(reader, when, demo=demo, internal=internal)
        while len(mine) >= KEPT:
            mine.pop(next(iter(mine)), None)
        mine[key] = made
    return mine[key]


async def _read(reader: Reader, when: When, *, demo: bool, internal: bool) -> Surroundings:
    layers = [reader.cat.layers[name] for name in SURROUNDINGS if name in reader.cat.layers]
    found = await asyncio.gather(
        *(
            _records(reader, layer, (*COMMON, *SURROUNDINGS[layer.id]), "", when, demo=demo, internal=internal)
            for layer in layers
            if internal or layer.public
        )
    )
    rows = {layer.id: some for layer, some in zip((x for x in layers if internal or x.public), found, strict=True)}
    counties, figures, rates = await asyncio.gather(
        reader.pool.fetch(statement("query/areas"), {"kind": "county"}),
        _green_power(reader, when),
        _rates(reader, when, demo=demo, internal=internal),
    )
    for park in rows.get("park", []):
        park["green_power_pct"] = figures.get(park["id"])
    return Surroundings(rows, counties, rates)


async def _records(
    reader: Reader, layer: Layer, columns: Sequence[str], filter_text: str, when: When, *, demo: bool, internal: bool
) -> list[Row]:
    chosen = compile_filter(layer, reader.cat, filter_text, internal=internal)
    wanted = tuple(dict.fromkeys((*columns, *chosen.fields)))
    query = template(
        "site/records",
        columns=sql.SQL(", ").join(sql.Identifier("s", c) for c in columns),
        slice=slice_sql(layer, reader.cat, when, wanted, geometry=True, demo=demo),
        where=chosen.where,
    )
    return [plain_row(r) for r in await reader.pool.fetch(query, when.params | chosen.params)]


async def _green_power(reader: Reader, when: When) -> dict[int, float]:
    park = reader.cat.layers.get("park")
    if park is None or not any(f.id == "green_power_pct" for f in park.figures):
        return {}
    query = template("site/park_figures", figures=versions_sql(park.figure_table, when))
    rows = await reader.pool.fetch(query, when.params | {"measure": "green_power_pct"})
    return {r["id"]: r["value"] for r in rows}


async def _rates(reader: Reader, when: When, *, demo: bool, internal: bool) -> dict[str, float]:
    """Return the share of signed projects that have started, by county, as the work lists have it."""
    if "project" not in reader.cat.layers:
        return {}
    period = Period("全部", dt.date.min, when.as_of)
    body = await conversion(reader, [period], Ask(), when, demo, minimum=FEWEST_SIGNED, internal=internal)
    steps = body["periods"][0]["steps"]
    found = next((s for s in steps if (s["from"], s["to"]) == (SIGNED, STARTED)), None)
    counties = found["counties"] if found else []
    return {c["code"]: c["rate_pct"] / 100 for c in counties if c["rate_pct"] is not None}
