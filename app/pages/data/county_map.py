"""Small maps of points over the counties, as SVG coloured by theme tokens."""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Sequence
from html import escape
from typing import Any

from dash import html

WIDTH, HEIGHT, EDGE = 328, 236, 6
FAR = 0.5  # degrees from any border: nothing of the counties would be seen
MARKS = {
    "dot": '<circle cx="{x}" cy="{y}" r="2.6"/>',
    "cross": '<path d="M{a} {b}l5 5m0-5l-5 5"/>',
    "square": '<rect x="{a}" y="{b}" width="5" height="5"/>',
}
Box = tuple[float, float, float, float]


@functools.lru_cache(maxsize=4)
def _rings(areas: bytes) -> tuple[tuple[tuple[float, float], ...], ...]:
    found: list[tuple[tuple[float, float], ...]] = []
    for feature in json.loads(areas)["features"]:
        shape = feature["geometry"]
        polygons = [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]
        found += [tuple((p[0], p[1]) for p in polygon[0][:: max(1, len(polygon[0]) // 160)]) for polygon in polygons]
    return tuple(r for r in found if len(r) > 2)


def _box(points: Sequence[Sequence[float]], rings: Sequence[Sequence[tuple[float, float]]], *, near: bool) -> Box:
    """Return the extent: that of the counties, or close round the points."""
    land, own = [p for r in rings for p in r], [(p[0], p[1]) for p in points]
    spots = land if rings and not near else own
    xs, ys = [p[0] for p in spots], [p[1] for p in spots]
    beside = any(min(xs) - FAR <= x <= max(xs) + FAR and min(ys) - FAR <= y <= max(ys) + FAR for x, y in land)
    if near and land and not beside:
        spots = land + own  # far from everything: how far is what there is to see
        xs, ys = [p[0] for p in spots], [p[1] for p in spots]
    pad = 0.015 if near else 0.02
    return min(xs) - pad, min(ys) - pad, max(xs) + pad, max(ys) + pad


def picture(
    areas: bytes, groups: Sequence[tuple[str, str, Sequence[Sequence[float]]]], label: str, *, near: bool = False
) -> html.Div:
    """Return a map of points.

    Parameters
    ----------
    areas : bytes
        Counties as GeoJSON, CRS84.
    groups : sequence of (mark, colour token, points as (lon, lat))
        Drawn in this order.
    label : str
        What it shows, in words.
    near : bool
        Drawn close round the points instead of the whole city.
    """
    points = [p for _, _, g in groups for p in g]
    rings = _rings(areas)
    if not points and not rings:
        return html.Div()
    west, south, east, north = _box(points, rings, near=near and bool(points))
    stretch = math.cos(math.radians((south + north) / 2))
    scale = min((WIDTH - 2 * EDGE) / ((east - west) * stretch), (HEIGHT - 2 * EDGE) / (north - south))
    left = (WIDTH - (east - west) * stretch * scale) / 2
    top = (HEIGHT - (north - south) * scale) / 2

    def at(p: Sequence[float]) -> tuple[float, float]:
        return left + (p[0] - west) * stretch * scale, top + (north - p[1]) * scale

    land = "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in map(at, r)) + "Z" for r in rings)
    parts = [f'<path d="{land}" class="land"/>']
    for mark, colour, group in groups:
        made = []
        for p in group:
            x, y = at(p)
            if -20 < x < WIDTH + 20 and -20 < y < HEIGHT + 20:
                made.append(MARKS[mark].format(x=f"{x:.1f}", y=f"{y:.1f}", a=f"{x - 2.5:.1f}", b=f"{y - 2.5:.1f}"))
        parts.append(f'<g class="{mark}" style="--c:var(--{colour})">{"".join(made)}</g>')
    svg = f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="xMidYMid meet">{"".join(parts)}</svg>'
    return html.Div(className="cmapbox", role="img", **{"data-pic": svg, "aria-label": escape(label)})


def legend(items: Sequence[tuple[str, str, str]]) -> html.Div:
    """Return (mark, colour, text) as a line of keys."""
    made: list[Any] = [
        html.Span([html.I(className=f"mk {mark}", style={"--c": f"var(--{colour})"}), text])
        for mark, colour, text in items
    ]
    return html.Div(made, className="keys")
