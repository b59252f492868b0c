"""The counties as a small SVG, shaded by what each contributes, each a link to its rows."""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import shapely
from dash import html

from app.i18n import t
from app.pages.map.choropleth import Choropleth
from app.pages.targets.svg import picture

WIDTH, HEIGHT, MARGIN = 184, 212, 5
DETAIL_PX = 0.5


@dataclass(frozen=True)
class Shape:
    """A county in the picture: its outline and where its number stands, in pixels."""

    code: str
    name: str
    path: str
    x: float
    y: float


@functools.lru_cache(maxsize=4)
def shapes(areas: bytes) -> tuple[Shape, ...]:
    """Return the counties of a GeoJSON (CRS84) fitted into the picture, north up, true at the middle latitude."""
    features = json.loads(areas)["features"]
    if not features:
        return ()
    found = [shapely.geometry.shape(f["geometry"]) for f in features]
    west, south, east, north = shapely.total_bounds(found)
    narrow = math.cos(math.radians((south + north) / 2))
    scale = min((WIDTH - 2 * MARGIN) / ((east - west) * narrow), (HEIGHT - 2 * MARGIN) / (north - south))
    left = (WIDTH - (east - west) * narrow * scale) / 2
    top = (HEIGHT - (north - south) * scale) / 2
    flat = [shapely.transform(g, lambda c: (c - [west, north]) * [narrow * scale, -scale] + [left, top]) for g in found]
    fine = shapely.coverage_simplify(flat, DETAIL_PX)
    made = []
    for feature, shape in zip(features, fine, strict=True):
        at = shapely.maximum_inscribed_circle(shape).coords[0]
        made.append(Shape(feature["id"], feature["properties"].get("name", ""), _path(shape), at[0], at[1]))
    return tuple(made)


def _path(shape: shapely.Geometry) -> str:
    rings = [r for part in shapely.get_parts(shape) for r in (part.exterior, *part.interiors)]
    return "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in r.coords[:-1]) + "Z" for r in rings)


def county_map(
    areas: bytes, colours: Choropleth, parts: Mapping[str, Mapping[str, Any]], texts: Mapping[str, str],
    hrefs: Mapping[str, str], title: str,
) -> html.Div:  # fmt: skip
    """Return the map.

    Parameters
    ----------
    areas : bytes
        The counties as GeoJSON (CRS84).
    colours : Choropleth
        The class of each county; no data is hatched.
    parts : mapping of code to the county's contribution
    texts, hrefs : mapping of code to the number shown, to the address of its rows
    title : str
        What the picture shows.
    """
    hatch = (
        '<defs><pattern id="tm-none" width="5" height="5" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><path d="M0 0V5" stroke="var(--ink-4)"/></pattern></defs>'
    )
    fills, labels = [], []
    for shape in shapes(areas):
        klass = colours.index.get(shape.code)
        fill = "url(#tm-none)" if klass is None else f"var(--{colours.tokens[klass]})"
        name = parts[shape.code]["name"] if shape.code in parts else shape.name
        told = t("targets.map_area", area=name, value=texts.get(shape.code, ""))
        path = f'<path d="{shape.path}" fill="{fill}"><title>{escape(told)}</title></path>'
        href = hrefs.get(shape.code)
        fills.append(f'<a href="{escape(href)}" tabindex="-1">{path}</a>' if href else path)
        number = escape(texts.get(shape.code, "").split(" ")[0])
        labels.append(f'<text x="{shape.x:.1f}" y="{shape.y + 4:.1f}" text-anchor="middle">{number}</text>')
    body = f'{hatch}<g class="areas">{"".join(fills)}</g><g class="numbers">{"".join(labels)}</g>'
    svg = f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">{body}</svg>'
    return picture(svg, title, "cmap")
