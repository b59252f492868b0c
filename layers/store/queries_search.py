"""Finding things by name, pinyin, initials and code, and the areas of the map."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import numpy as np
import shapely
from psycopg import sql

from geo.errors import NotFoundError
from layers.registry import Catalogue
from layers.store.db import statement
from layers.store.pool import Pool
from layers.store.queries_layers import template
from layers.store.search import normalise, words_of
from layers.store.slices import When, slice_sql, today

PLACE_LAYER = "place"
PLACE_TITLES = {"county": "县（市、区）", "unit": "责任板块", "township": "乡镇街道"}
NOT_SEARCHED = frozenset({"boundary"})  # counties are found as places, once and not once a generation
AREA_KINDS = ("county", "unit", "township")
SIMPLIFY_DEGREES = 0.0006
MAX_QUERY = 80


async def search(pool: Pool, cat: Catalogue, text: str, limit: int, *, internal: bool) -> list[dict[str, Any]]:
    """Return what a text finds: exact before start before inside, real before 演示."""
    wanted = normalise(text[:MAX_QUERY].replace("\x00", ""))
    if not wanted:
        return []
    layers = [layer for layer in cat.layers.values() if (internal or layer.public) and layer.id not in NOT_SEARCHED]
    when = When(today())
    records = [
        template(
            "query/search_record",
            layer=sql.Literal(layer.id),
            slice=slice_sql(layer, cat, when, ("name", "is_demo", "county_code"), geometry=True),
        )
        for layer in layers
    ]
    query = template("query/search", records=sql.SQL(" UNION ALL ").join(records))
    escaped = wanted.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    params = when.params | {
        "text": wanted, "pattern": f"%{escaped}%", "layers": [layer.id for layer in layers], "limit": limit,
    }  # fmt: skip
    rows, places = await asyncio.gather(pool.fetch(query, params), pool.fetch(statement("query/place_words")))
    titles = {layer.id: layer.title for layer in layers}
    found = [r | {"layer_title": titles[r["layer"]], "demo": r["is_demo"]} for r in rows]
    found += _places(places, wanted)
    found.sort(key=lambda r: (r["rank"], r["is_demo"]))
    return [{k: v for k, v in r.items() if k != "rank"} for r in found[:limit]]


def _places(places: list[dict[str, Any]], wanted: str) -> list[dict[str, Any]]:
    found = []
    for place in places:
        names = [("别名", "、".join(place["aliases"])), ("代码", place["code"])]
        hits = [
            (0 if word == wanted else 1 if word.startswith(wanted) else 2, -weight, matched)
            for word, matched, weight in words_of(place["name"], names)
            if wanted in word
        ]
        if hits:
            rank, _, matched = min(hits)
            found.append(
                {
                    "layer": PLACE_LAYER, "id": place["code"], "name": place["name"], "matched": matched,
                    "rank": rank, "is_demo": False, "demo": False, "county_code": place["county_code"],
                    "county": place["county"], "lon": place["lon"], "lat": place["lat"],
                    "layer_title": PLACE_TITLES[place["kind"]], "kind": place["kind"],
                }
            )  # fmt: skip
    return found


async def read_areas(pool: Pool, kind: str) -> bytes:
    """Return the active areas of a kind as GeoJSON (CRS84), thinned with shared borders kept shared.

    Raises
    ------
    NotFoundError
        No such kind of area.
    """
    if kind not in AREA_KINDS:
        raise NotFoundError(f"没有“{kind}”这种区划。", f"可用：{'、'.join(AREA_KINDS)}。", kind=kind)
    rows = await pool.fetch(statement("query/areas"), {"kind": kind})
    return await asyncio.to_thread(_collection, rows)


def _collection(rows: list[dict[str, Any]]) -> bytes:
    shapes = shapely.from_wkb([bytes(r["geom"]) for r in rows]) if rows else np.array([], dtype=object)
    thin = shapely.coverage_simplify(shapes, SIMPLIFY_DEGREES) if len(rows) else shapes
    thin = shapely.transform(thin, lambda xy: np.round(xy, 5)) if len(rows) else thin
    features = [
        {
            "type": "Feature", "id": r["code"], "geometry": json.loads(shapely.to_geojson(shape)),
            "properties": {
                "code": r["code"], "name": r["name"], "kind": r["kind"], "generation": r["generation"],
                "area_km2": round(r["area_m2"] / 1e6, 3), "label": [round(r["label_lon"], 5), round(r["label_lat"], 5)],
            },
        }
        for r, shape in zip(rows, thin, strict=True)
    ]  # fmt: skip
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False).encode()
