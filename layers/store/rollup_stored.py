"""The stored rollup, reading side: when a question may be answered from it, and its answer."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from psycopg import sql

from layers.spec import Layer, Measure
from layers.store.pool import Pool
from layers.store.queries_layers import template
from layers.store.slices import When

AXES = ("county", "unit", "township")


def is_kept(layer: Layer, axis: str, measure: Measure | None) -> bool:
    """Whether the stored rollup holds what a measure is made of: counts, and sums of fields."""
    if axis not in AXES or layer.exists_from or layer.exists_to:
        return False
    if measure is None:
        return True
    spec = layer.field(measure.field)
    return measure.aggregate == "sum" and spec is not None and spec.role == "extensive"


async def read_kept(
    pool: Pool, layer: Layer, axis: str, measure: Measure | None, when: When, *, demo: bool
) -> list[dict[str, Any]] | None:
    """Return the rows of ``query/rollup`` from the stored rollup; None where it does not answer for the day."""
    stages = [t for group in layer.events if group.ordered and not group.levels for t in group.types]
    later: sql.Composable = sql.SQL("false")
    if stages:
        later = sql.SQL(
            "EXISTS (SELECT 1 FROM {} AS e WHERE e.recorded_to = 'infinity' AND e.type = ANY({})"
            " AND e.event_date > %(as_of)s::date)"
        ).format(sql.Identifier(layer.event_table), sql.Literal(stages))
    asked = f"sum_{measure.field}" if measure else "n"
    params = {"layer": layer.id, "axis": axis, "measures": ["n", asked]}
    rows = await pool.fetch(template("rollup/stored", later=later), params | when.params)
    if any(r["later"] for r in rows):
        return None
    rows = [r for r in rows if r["axis"] and (demo or not r["is_demo"])]
    held = [r for r in rows if r["axis"] == axis and r["measure"] == asked]
    everything = sum(r["n"] for r in rows if r["axis"] == axis and r["measure"] == "n")
    dated = [r for r in rows if r["axis"] == "data_date"]
    if sum(r["n"] for r in held) != everything or sum(r["n"] for r in dated) != everything:
        return None  # a field declared since the last load, or counts of an older schema
    cells: dict[str, list[dict[str, Any]]] = {}
    for row in held:
        cells.setdefault(row["code"], []).append(row)
    made = [_cell(code, found) for code, found in cells.items()]
    real = [r["code"] for r in dated if r["code"] and not r["is_demo"]]
    dates = real or [r["code"] for r in dated if r["code"]]
    grand = _cell("", held) | {"grand": True, "data_date": dt.date.fromisoformat(max(dates)) if dates else None}
    return [*made, grand | {"n_demo": sum(r["n"] for r in held if r["is_demo"])}]


def _cell(code: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    n, missing = sum(r["n"] for r in rows), sum(r["n_missing"] for r in rows)
    total = sum((r["total"] for r in rows), Decimal(0))
    value: Decimal | None = total if n > missing or not n else None
    return {"code": code, "code2": "", "n_features": n, "n_missing": missing, "value": value, "grand": False}
