"""Two boundary generations compared: what changes hands, and which records lie elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import shapely

from geo.assign import AreaIndex
from geo.errors import NotFoundError
from layers.store.filters import compile_filter
from layers.store.queries_layers import template, visible_layer
from layers.store.slices import When, slice_sql, today
from layers.store.worklist_spec import APART_NAMES

if TYPE_CHECKING:
    from layers.store.reader import Reader

Row = dict[str, Any]
Objects = npt.NDArray[np.object_]


async def compare_generations(
    reader: Reader,
    layer_id: str,
    generation_a: str,
    generation_b: str,
    filter: str = "",  # noqa: A002
    when: When | None = None,
    demo: bool = True,
    *,
    kind: str = "county",
    internal: bool = False,
) -> dict[str, Any]:
    """Return what changes between two boundary generations: the areas, and the records whose area differs.

    ``areas`` have one row per code with both areas on the ellipsoid, what stays, what is gained and lost
    (m²); ``transfers`` say from which code to which ('outside' for neither); ``rows`` are the records that
    lie in different areas, ``moves`` their counts. Records without coordinates are counted apart.

    Raises
    ------
    NotFoundError
        Names the generations there are.
    """
    layer = visible_layer(reader.cat, layer_id, internal=internal)
    when = when or When(today())
    chosen = compile_filter(layer, reader.cat, filter, internal=internal)
    boundary = visible_layer(reader.cat, "boundary", internal=internal)
    columns = ("name", "county_code", "unit_code", "is_demo", "source_name", "source_row", *chosen.fields)
    shapes = slice_sql(
        boundary, reader.cat, when, ("name", "code", "kind", "generation", "valid_from", "valid_to"), geometry=True
    )
    records = template(
        "axes/placed", where=chosen.where,
        slice=slice_sql(layer, reader.cat, when, columns, geometry=True, demo=demo),
    )  # fmt: skip
    areas, rows = await asyncio.gather(
        reader.pool.fetch(template("axes/generations", slice=shapes), when.params | {"kind": kind}),
        reader.pool.fetch(records, when.params | chosen.params),
    )
    both = []
    for wanted in (generation_a, generation_b):
        found = [a for a in areas if a["generation"] == wanted]
        if not found:
            known = "、".join(sorted({str(a["generation"]) for a in areas})) or "（没有）"
            raise NotFoundError(f"没有边界版本“{wanted}”。", f"现有版本：{known}。", generation=wanted)
        both.append(found)
    made = await asyncio.to_thread(_compare, both[0], both[1], rows)
    return {
        "layer": layer.id, "layer_title": layer.title, "kind": kind, "filter": filter,
        "generation_a": generation_a, "generation_b": generation_b,
        "as_of": when.as_of.isoformat(), "known_at": when.known_at.isoformat() if when.known_at else None,
    } | made  # fmt: skip


def _compare(old: list[Row], new: list[Row], records: list[Row]) -> dict[str, Any]:
    """Compare two sets of areas, and where records lie in each; WKB in, m² out."""
    a, b = _index(old), _index(new)
    placed = [r for r in records if r["geom"] is not None]
    shapes = _shapes(placed)
    names = {r["code"]: r["name"] for r in (*old, *new)} | APART_NAMES
    was, now = _locate(a, shapes), _locate(b, shapes)
    rows = [
        {k: v for k, v in r.items() if k != "geom"} | {"code_a": x, "name_a": names[x], "code_b": y, "name_b": names[y]}
        for r, x, y in zip(placed, was, now, strict=True)
        if x != y
    ]
    pairs = [(r["code_a"], r["code_b"]) for r in rows]
    moved = {pair: pairs.count(pair) for pair in sorted(set(pairs))}
    transfers = _transfers(a, b)
    return {
        "areas": _changes(transfers, names),
        "transfers": [{"from": x, "to": y, "area_m2": m} for (x, y), m in sorted(transfers.items()) if x != y],
        "n": len(records), "n_placed": len(placed), "n_moved": len(rows), "rows": rows,
        "moves": [{"from": x, "to": y, "n": n} for (x, y), n in moved.items()],
        "counts": [
            {"code": code, "name": name, "n_a": was.count(code), "n_b": now.count(code)}
            for code, name in names.items() if code != "unlocated"
        ],
    }  # fmt: skip


def _shapes(rows: Sequence[Row]) -> Objects:
    made: Objects = np.asarray(shapely.from_wkb([bytes(r["geom"]) for r in rows]), dtype=object)
    return made


def _index(rows: list[Row]) -> AreaIndex:
    return AreaIndex.build([r["code"] for r in rows], _shapes(rows))


def _locate(index: AreaIndex, shapes: Objects) -> list[str]:
    """Return the area of each shape: a point's, else the one with its largest share."""
    where = np.full(len(shapes), -2, dtype=np.int64)
    kinds = shapely.get_dimensions(shapes)
    if (kinds == 0).any():
        where[kinds == 0] = index.points(shapely.get_x(shapes[kinds == 0]), shapely.get_y(shapes[kinds == 0]))
    for dimension, split in ((1, index.lines), (2, index.polygons)):
        if (kinds == dimension).any():
            where[kinds == dimension] = split(shapes[kinds == dimension]).code_index
    codes = {-1: "outside", -2: "unlocated"} | dict(enumerate(index.codes))
    return [codes[int(w)] for w in where]


def _transfers(a: AreaIndex, b: AreaIndex) -> dict[tuple[str, str], float]:
    """Return the area of every meeting of an old and a new area, 'outside' where one side has none."""
    there, back = a.polygons(b.geoms), b.polygons(a.geoms)
    found = {
        (a.codes[i], b.codes[f]): float(m) for f, i, m in zip(there.feature_i, there.area_i, there.area_m2, strict=True)
    }
    found |= {("outside", code): float(m) for code, m in zip(b.codes, there.outside_m2, strict=True) if m > 0}
    return found | {(code, "outside"): float(m) for code, m in zip(a.codes, back.outside_m2, strict=True) if m > 0}


def _changes(transfers: dict[tuple[str, str], float], names: dict[str, str]) -> list[Row]:
    made = []
    for code in sorted({c for pair in transfers for c in pair} - {"outside"}):
        before = sum(m for (x, _), m in transfers.items() if x == code)
        after = sum(m for (_, y), m in transfers.items() if y == code)
        kept = transfers.get((code, code), 0.0)
        made.append({
            "code": code, "name": names[code], "area_a_m2": before, "area_b_m2": after, "change_m2": after - before,
            "kept_m2": kept, "gained_m2": after - kept, "lost_m2": before - kept,
        })  # fmt: skip
    return made
