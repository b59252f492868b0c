"""What a caller may see of the catalogue, with live counts."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

from psycopg import sql

from geo.errors import InputError, NotFoundError
from layers.measures import FORMS, derive
from layers.registry import Catalogue
from layers.spec import FieldSpec, Layer, Measure
from layers.store.db import statement
from layers.store.pool import Pool
from layers.store.slices import When, slice_sql


def template(name: str, /, **parts: sql.Composable) -> sql.Composed:
    """Return ``layers/sql/<name>.sql`` with its identifiers and sub-queries filled in."""
    return sql.SQL(statement(name)).format(**parts)


def visible_layer(cat: Catalogue, layer_id: str, *, internal: bool) -> Layer:
    """Return a layer that the caller may read; a hidden one does not exist for them.

    Raises
    ------
    NotFoundError
        Names the layers there are.
    """
    found = cat.layers.get(layer_id)
    if found is not None and (internal or found.public):
        return found
    known = "、".join(i for i, layer in cat.layers.items() if internal or layer.public)
    raise NotFoundError(f"没有图层“{layer_id}”。", f"现有图层：{known}。", layer=layer_id)


def visible_fields(layer: Layer, *, internal: bool) -> tuple[FieldSpec, ...]:
    """Return the fields of a layer that the caller may see."""
    return tuple(f for f in layer.fields if internal or not f.internal)


def visible_measures(cat: Catalogue, layer: Layer, *, internal: bool) -> tuple[Measure, ...]:
    """Return the measures of a layer that rest on visible fields only."""
    hidden = _hidden(layer, internal=internal)
    return tuple(m for m in cat.measures(layer) if not {m.field, m.denominator} & hidden)


def _hidden(layer: Layer, *, internal: bool) -> set[str]:
    return {f.id for f in layer.fields if f.internal and not internal}


def find_measure(cat: Catalogue, layer: Layer, measure_id: str, *, internal: bool) -> Measure | None:
    """Return a visible measure; None stands for the count ``n``.

    Raises
    ------
    InputError
        Unknown or not visible: one and the same sentence.
    """
    if measure_id == "n":
        return None
    measures = visible_measures(cat, layer, internal=internal)
    for measure in measures:
        if measure.id == measure_id:
            return measure
    made = derive(cat, layer, measure_id)
    if made is not None and not {made.field, made.denominator} & _hidden(layer, internal=internal):
        return made
    known = "、".join(["n", *(m.id for m in measures)])
    raise InputError(
        f"图层“{layer.title}”没有指标“{measure_id}”。", f"可用指标：{known}；还有 {FORMS}。", measure=measure_id
    )


def is_extensive(measure: Measure | None) -> bool:
    """Whether the values of parts add up to the value of the whole."""
    return measure is None or measure.is_extensive


def describe_field(cat: Catalogue, spec: FieldSpec) -> dict[str, Any]:
    """Return a field as the API shows it."""
    return {
        "id": spec.id, "title": spec.title, "type": spec.type, "unit": spec.unit,
        "display_unit": spec.display_unit or spec.unit, "values": list(cat.terms(spec)), "internal": spec.internal,
        "vocabulary": spec.vocabulary, "filter": spec.filter is not False, "table": spec.table,
        "hover": spec.hover, "note": spec.note,
    }  # fmt: skip


def describe_layer(cat: Catalogue, layer: Layer, *, internal: bool) -> dict[str, Any]:
    """Return a layer's catalogue entry as the API shows it, without counts."""
    measures = [{"id": "n", "title": "数量", "unit": layer.noun, "display_unit": layer.noun, "extensive": True}]
    measures += [
        {
            "id": m.id, "title": m.title, "unit": m.unit, "display_unit": m.display_unit or m.unit,
            "extensive": is_extensive(m),
        }
        for m in visible_measures(cat, layer, internal=internal)
    ]  # fmt: skip
    return {
        "id": layer.id, "title": layer.title, "noun": layer.noun, "description": layer.description,
        "geometry": layer.geometry, "order": layer.order, "visible": layer.visible, "owner": layer.owner,
        "stale_days": layer.freshness.days,
        "fields": [describe_field(cat, f) for f in visible_fields(layer, internal=internal)],
        "measures": measures,
        "events": [
            {"id": e.id, "title": e.title, "types": list(e.types), "levels": e.levels, "field": e.field}
            for e in layer.events
        ],
        "figures": [
            {"id": f.id, "title": f.title, "unit": f.unit, "display_unit": f.display_unit or f.unit}
            for f in layer.figures
        ],
        "style": layer.style.model_dump(mode="json"),
        "rollups": list(layer.rollups),
    }  # fmt: skip


async def list_layers(pool: Pool, cat: Catalogue, when: When, *, demo: bool, internal: bool) -> list[dict[str, Any]]:
    """Return every visible layer with its counts on the day.

    ``n`` counts what is shown (演示 rows only with ``demo``), ``n_demo`` the 演示 rows there are.
    """
    shown = [layer for layer in cat.layers.values() if internal or layer.public]
    counts = [
        template(
            "query/layer_count",
            layer=sql.Literal(layer.id),
            slice=slice_sql(layer, cat, when, ("is_demo", "data_date")),
        )
        for layer in shown
    ]
    query = sql.SQL(" UNION ALL ").join([sql.SQL("({})").format(c) for c in counts])
    rows, states = await asyncio.gather(pool.fetch(query, when.params), pool.fetch(statement("query/layer_state")))
    found = {r["id"]: r for r in rows}
    state = {r["layer"]: r for r in states}
    listed = []
    for layer in shown:
        count = found[layer.id]
        date = count["data_date"] or (count["demo_date"] if demo else None)
        loaded = state.get(layer.id, {}).get("loaded_at")
        listed.append(
            describe_layer(cat, layer, internal=internal)
            | {
                "n": count["n_real"] + (count["n_demo"] if demo else 0),
                "n_demo": count["n_demo"],
                "data_date": date.isoformat() if date else None,
                "loaded_at": loaded.isoformat() if loaded else None,
                "is_stale": bool(date and date + dt.timedelta(days=layer.freshness.days) < when.as_of),
                "version": state.get(layer.id, {}).get("version", 0),
            }
        )
    return listed
