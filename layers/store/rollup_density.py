"""Rollups per km²: a sum over an area, divided by how large the area is."""

from __future__ import annotations

from typing import Any

from layers.registry import Catalogue
from layers.spec import Layer, Measure
from layers.store.pool import Pool
from layers.store.queries_layers import template
from layers.store.rollup_parts import parks_sql
from layers.store.slices import When

M2_PER_KM2 = 1e6
NO_TERRITORY = "只有县（市、区）和园区有完整的范围；其余没有面积，不能计算。"
Row = dict[str, Any]


def base_of(cat: Catalogue, layer: Layer, measure: Measure | None) -> Measure | None:
    """Return the sum that a density divides; any other measure itself."""
    if measure is None or measure.aggregate != "density":
        return measure
    if not measure.field:
        return None
    wanted = measure.field if measure.field == "area_m2" else f"sum_{measure.field}"
    return cat.measure(layer, wanted)


async def per_area(pool: Pool, cat: Catalogue, measure: Measure, body: Row, when: When) -> Row:
    """Return a rollup's body with every value divided by the size of its area, None where that is not known.

    The total is what lies in the areas together, divided by their size together.
    """
    parks = parks_sql(cat, when, demo=True)
    rows = await pool.fetch(template("query/territory", parks=parks), when.params)
    number = next((i for i, axis in enumerate(body["by"]) if axis in ("county", "park")), None)
    sizes: dict[str, float] = {}
    if number is not None:
        sizes = {r["code"]: float(r["area_m2"]) for r in rows if r["kind"] == body["by"][number]}
    scale = 100.0 if measure.unit == "%" else M2_PER_KM2
    column = "code2" if number else "code"

    def divided(value: float | None, size: float | None) -> float | None:
        return None if value is None or not size else float(value) / size * scale

    inside = [r for r in body["rows"] if r[column] in sizes]
    known = [float(r["value"]) for r in inside if r["value"] is not None]
    whole = sum(sizes[c] for c in {r[column] for r in inside})
    return body | {
        "rows": [r | {"value": divided(r["value"], sizes.get(r[column]))} for r in body["rows"]],
        "outside": None, "unlocated": None,
        "total": divided(sum(known), whole) if known and len(body["by"]) == 1 else None,
        "note": "" if sizes else NO_TERRITORY,
    }  # fmt: skip
