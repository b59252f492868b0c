"""What the map of the page draws: candidates with their ranks, sites' outlines, facilities, ways."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import numpy as np
import shapely

from app.i18n import LANGUAGE, t
from app.pages.map.model import hover_fields, style_of
from app.pages.site.asked import Asked
from app.pages.site.words import N_HUES
from geo.criteria import REACHED
from layers.registry import Catalogue
from layers.site_answer import Brief

Body = Mapping[str, Any]
CANDIDATES, OUTLINES = "site", "site-shape"
OUTLINES_FROM_ZOOM = 11.0
MOST_OUTLINES = 400


def map_model(asked: Asked, cat: Catalogue, brief: Brief, body: Body, routes: Sequence[Body]) -> dict[str, Any]:
    """Return the model for the map's ``setModel``, but for the surface that comes on its own."""
    layers = [_candidates(brief, body), _outlines(brief, body, asked.have)]
    facilities = cat.layers.get("infrastructure")
    if facilities is not None:
        layers.append(_facilities(asked, cat))
    return {
        "lang": LANGUAGE,
        "layers": [x for x in layers if x],
        "choropleth": None,
        "overlays": {"lines": lines(routes)},
        "selected": {"layer": CANDIDATES, "id": asked.site} if asked.site is not None else None,
        "basemap": {"url": "/api/v1/basemap"},
        "attribution": t("map.attribution"),
    }


def lines(routes: Sequence[Body]) -> list[dict[str, Any]]:
    """Return the pieces of ways; straight legs are dashed."""
    return [
        {"coordinates": piece["coordinates"], "color": f"v{i % N_HUES + 1}", "dashed": piece["kind"] != "road"}
        for i, way in enumerate(routes)
        for piece in way["pieces"]
    ]


def _named(features: list[dict[str, Any]], what: str) -> dict[str, Any]:
    """Return a layer's data under a name that changes with it."""
    text = json.dumps(features, ensure_ascii=False, separators=(",", ":"), default=str)
    return {"url": f"{what}:{hashlib.sha256(text.encode()).hexdigest()[:16]}",
            "data": {"type": "FeatureCollection", "features": features}}  # fmt: skip


def _candidates(brief: Brief, body: Body) -> dict[str, Any]:
    ranks = {r["id"]: r for r in body["ranked"]}
    outs = {e["id"]: e for e in body["excluded"]}
    lonlat = brief.choices.lonlat()
    features = []
    for row, point in zip(brief.choices.rows, lonlat, strict=True):
        if not np.isfinite(point).all():
            continue
        ranked, out = ranks.get(row["id"]), outs.get(row["id"])
        told: dict[str, Any] = {k: row[k] for k in ("name", "location_accuracy")} | {"is_demo": bool(row["is_demo"])}
        if told["location_accuracy"] not in ("township", "county"):
            told["location_accuracy"] = ""
        if ranked:
            told |= {"rank": ranked["rank"], "score": ranked["score"], "first": 100 * ranked["p_first"]}
        elif out:
            told |= {"why": out["text"]}
        place = {"type": "Point", "coordinates": [round(float(v), 6) for v in point]}
        features.append({"type": "Feature", "id": row["id"], "properties": told, "geometry": place})
    hover = [
        {"id": "rank", "title": t("site.h_rank"), "digits": 0},
        {"id": "score", "title": t("site.score"), "digits": 3},
        {"id": "first", "title": t("site.h_first"), "unit": "%", "digits": 1},
        {"id": "why", "title": ""},
    ]
    return {"id": CANDIDATES, "title": t("site.alternatives"), "visible": True, "opacity": 1,
            "style": {"symbol": "rank", "color": "sea", "label_from_zoom": 0}, "hover": hover,
            **_named(features, CANDIDATES)}  # fmt: skip


def _outlines(brief: Brief, body: Body, have: Sequence[str]) -> dict[str, Any] | None:
    """Return the sites' own outlines, the ranked ones first, for when the map is close enough.

    Where the page has them already, their name is enough.
    """
    order = {r["id"]: r["rank"] for r in body["ranked"]}
    shapes = brief.choices.shapes
    drawn = [i for i, g in enumerate(shapes) if g is not None and g.geom_type in ("Polygon", "MultiPolygon")]
    drawn.sort(key=lambda i: order.get(brief.choices.rows[i]["id"], 10**6))
    drawn = sorted(drawn[:MOST_OUTLINES])  # a change of ranks alone is no change of outlines
    if not drawn:
        return None
    rows = brief.choices.rows
    digest = hashlib.sha256()
    for i in drawn:
        digest.update(f"{rows[i]['id']}{rows[i]['id'] in order}".encode() + shapely.to_wkb(shapes[i]))
    style = {"symbol": "polygon", "color": "sea", "color_by": "kind", "colors": {"in": "sea", "out": "ink-3"},
             "from_zoom": OUTLINES_FROM_ZOOM, "label_from_zoom": 20}  # fmt: skip
    layer = {"id": OUTLINES, "title": t("site.alternatives"), "visible": True, "opacity": 1, "style": style,
             "hover": [], "url": f"{OUTLINES}:{digest.hexdigest()[:16]}"}  # fmt: skip
    if layer["url"] in have:
        return layer
    features = [
        {"type": "Feature", "id": rows[i]["id"],
         "properties": {"name": "", "location_accuracy": "", "kind": "in" if rows[i]["id"] in order else "out"},
         "geometry": json.loads(shapely.to_geojson(shapely.set_precision(shapes[i], 1e-6)))}
        for i in drawn
    ]  # fmt: skip
    return layer | {"data": {"type": "FeatureCollection", "features": features}}


def _facilities(asked: Asked, cat: Catalogue) -> dict[str, Any]:
    layer = cat.layers["infrastructure"]
    words = ", ".join(f"'{k}'" for k in REACHED)
    query = {"filter": f"kind IN ({words})", "demo": "1" if asked.demo else "0"}
    if asked.when.as_of:
        query["as_of"] = asked.when.as_of.isoformat()
    return {"id": layer.id, "title": layer.title, "visible": True, "opacity": 1,
            "url": f"/api/v1/features/{layer.id}?{urlencode(query)}", "style": style_of(cat, layer),
            "hover": hover_fields(layer), "dim": None}  # fmt: skip
