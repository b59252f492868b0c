"""A layer's records for the map: GeoJSON for thousands, vector tiles for more."""

from __future__ import annotations

import json
from collections.abc import Sequence

from psycopg import sql

from layers.registry import Catalogue
from layers.spec import Layer
from layers.store.boxes import in_box
from layers.store.cell_terms import cell_tests, simple_terms
from layers.store.filters import compile_filter
from layers.store.pool import Pool
from layers.store.queries_layers import template, visible_fields
from layers.store.slices import When, slice_sql

STALLED_STAGES = ("签约", "开工", "竣工")
STALLED_DAYS = 365
SIMPLIFY_M = 12.0
Box = Sequence[float]  # west, south, east, north in degrees
COMMON = ("name", "location_accuracy", "is_demo", "county_code", "unit_code")


def drawn_fields(layer: Layer, *, internal: bool = False) -> tuple[str, ...]:
    """Return the fields that the style and the hover card need, of those the caller may see."""
    style = layer.style
    wanted = {style.color_by, style.size_by, style.line_by, style.ring_by, *style.pips}
    wanted |= {f.id for f in layer.fields if f.hover}
    return tuple(f.id for f in visible_fields(layer, internal=internal) if f.id in wanted)


def stalled_sql(layer: Layer) -> sql.Composed | None:
    """Return the test for 三未: the stage reached last is 签约, 开工 or 竣工, and over a year old.

    Over alias ``s`` of a slice that computes the stage; binds ``as_of`` and ``known_at``. None where the
    layer has no such stages.
    """
    for group in layer.events:
        if group.ordered and group.field and not group.levels and set(STALLED_STAGES) <= set(group.types):
            return sql.SQL(
                "coalesce(s.{field} = ANY({stages}) AND (SELECT max(e.event_date) FROM {events} AS e"
                " WHERE e.id = s.id AND e.type = s.{field} AND e.event_date <= %(as_of)s::date"
                " AND e.recorded_from <= coalesce(%(known_at)s::timestamptz, 'infinity')"
                " AND e.recorded_to > coalesce(%(known_at)s::timestamptz, now()))"
                " < %(as_of)s::date - {days}, false)"
            ).format(
                field=sql.Identifier(group.field), stages=sql.Literal(list(STALLED_STAGES)),
                events=sql.Identifier(layer.event_table), days=sql.Literal(STALLED_DAYS),
            )  # fmt: skip
    return None


def properties(layer: Layer, fields: Sequence[str]) -> list[tuple[str, sql.Composable]]:
    """Return (name, expression over ``s``) of everything drawn of a record."""
    pairs: list[tuple[str, sql.Composable]] = [(n, sql.Identifier("s", n)) for n in (*COMMON, *fields)]
    stalled = stalled_sql(layer)
    if stalled is not None:
        pairs.append(("stalled", stalled))
    return pairs


def drawn_columns(layer: Layer, fields: Sequence[str]) -> tuple[str, ...]:
    """Return the slice columns that ``properties`` needs."""
    stages = [g.field for g in layer.events if g.ordered and g.field and not g.levels]
    return (*COMMON, *fields, *stages)


def _member(name: str, value: sql.Composable, *, first: bool) -> sql.Composed:
    """Return ``"name":value`` as JSON text, with a comma before it, or nothing where there is no value."""
    start = sql.Literal(("" if first else ",") + json.dumps(name) + ":")
    return sql.SQL("coalesce({} || to_json({})::text, '')").format(start, value)


async def too_many(
    pool: Pool, cat: Catalogue, layer: Layer, most: int, *, filter_text: str, when: When, demo: bool, internal: bool,
    bbox: Box | None = None,
) -> bool:  # fmt: skip
    """Whether more than ``most`` records have a place: the pyramid knows for simple filters, else they are counted."""
    chosen = compile_filter(layer, cat, filter_text, internal=internal)
    where, inside = in_box(chosen.where, bbox)
    wanted = simple_terms(layer, filter_text) if when.known_at is None and bbox is None else None
    if wanted is not None:
        tests, params = cell_tests(wanted, demo)
        row = await pool.fetch_one(
            template("query/cells_total", where=tests), params | {"layer": layer.id, "as_of": when.as_of}
        )
        return int(row["n"]) > most
    slice_ = slice_sql(layer, cat, when, chosen.fields, geometry=True, demo=demo)
    query = template("query/placed_count", slice=slice_, where=where)
    return int((await pool.fetch_one(query, when.params | chosen.params | inside | {"most": most}))["n"]) > most


async def read_features(
    pool: Pool, cat: Catalogue, layer: Layer, *, filter_text: str, when: When, demo: bool, internal: bool,
    bbox: Box | None = None,
) -> bytes:  # fmt: skip
    """Return a GeoJSON FeatureCollection (CRS84); polygons are thinned to 12 m of the Mercator plane."""
    chosen = compile_filter(layer, cat, filter_text, internal=internal)
    where, inside = in_box(chosen.where, bbox)
    fields = drawn_fields(layer, internal=internal)
    texts = [_member(n, e, first=not i) for i, (n, e) in enumerate(properties(layer, fields))]
    thin = "s.geom_3857" if layer.geometry == "point" else "ST_SimplifyPreserveTopology(s.geom_3857, {})"
    query = template(
        "query/features",
        geometry=sql.SQL(thin).format(sql.Literal(SIMPLIFY_M)),
        properties=sql.SQL(" || ").join(texts),
        slice=slice_sql(layer, cat, when, (*drawn_columns(layer, fields), *chosen.fields), geometry=True, demo=demo),
        where=where,
    )
    row = await pool.fetch_one(query, when.params | chosen.params | inside)
    return str(row["body"]).encode()
