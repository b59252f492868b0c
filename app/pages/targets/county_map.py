"""The counties as a small SVG, shaded by what each contributes, each a link to its rows."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from dash import html

from app.i18n import t
from app.pages import county_shapes
from app.pages.map.choropleth import Choropleth
from app.pages.targets.svg import picture

WIDTH, HEIGHT = 184, 212


def shapes(areas: bytes) -> tuple[county_shapes.Shape, ...]:
    """Return the counties of a GeoJSON (CRS84) fitted into the card's picture."""
    return county_shapes.shapes(areas, WIDTH, HEIGHT)


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
