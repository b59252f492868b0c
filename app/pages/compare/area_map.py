"""The map beside the figures: counties coloured by the main measure, marked ones outlined; a press marks."""

from __future__ import annotations

import json
from html import escape

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages.compare.model import Scene
from app.pages.compare.words import colour_of, told
from app.pages.county_shapes import Shape, shapes
from app.pages.map.choropleth import Choropleth

WIDTH, HEIGHT = 372, 430
HATCH = (
    '<defs><pattern id="cm-none" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<path d="M0 0V5" stroke="var(--ink-4)"/></pattern></defs>'
)


def area_map(scene: Scene) -> Component:
    """Return the map with its legend. On the axis of units the zones have no borders and are not drawn."""
    column = scene.main
    colours = scene.colours
    if colours is None:
        return html.Div(className="cpm")
    names = {r.code: r.name for r in scene.all_areas}
    fills, lines, labels = [], [], []
    for shape in shapes(scene.areas, WIDTH, HEIGHT, 8):
        shown = shape.code in scene.codes
        klass = colours.index.get(shape.code)
        fill = (
            "var(--surface-2)" if not shown else "url(#cm-none)" if klass is None else f"var(--{colours.tokens[klass]})"
        )
        value = column.row(shape.code).value
        name = names.get(shape.code, shape.name)
        op = escape(json.dumps([["toggle", "pins", shape.code]], separators=(",", ":")))
        said = escape(t("compare.map_area", area=name, value=told(column, value)))
        fills.append(
            f'<path data-area="{shape.code}" data-op="{op}" d="{shape.path}" fill="{fill}"><title>{said}</title></path>'
        )
        if colour := colour_of(scene, shape.code):
            lines.append(f'<path class="edge" d="{shape.path}" stroke="{colour}"/>')
        if shown:
            labels.append(_label(shape, name, column.how.text(value)))
    groups = {"areas": fills, "edges": lines, "names": labels}
    body = "".join(f'<g class="{name}">{"".join(parts)}</g>' for name, parts in groups.items())
    svg = f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="100%">{HATCH}{body}</svg>'
    zones = [
        names[c] for c in scene.codes if c not in {s.code for s in shapes(scene.areas, WIDTH, HEIGHT, 8)} and c in names
    ]
    note = html.P(t("compare.no_border", areas=t("list.comma").join(zones)), className="cap") if zones else None
    label = t("compare.map", measure=column.title)
    picture = html.Div(className="pic", role="img", **{"data-svg": svg, "aria-label": label})
    return html.Div([_legend(scene, colours), picture, note], className="cpm")


def _label(shape: Shape, name: str, number: str) -> str:
    x, y = f"{shape.x:.1f}", shape.y
    return (
        f'<text x="{x}" y="{y - 2:.1f}" class="n">{escape(name)}</text>'
        f'<text x="{x}" y="{y + 12:.1f}" class="v">{escape(number)}</text>'
    )


def _legend(scene: Scene, colours: Choropleth) -> Component:
    column = scene.main
    title = html.P([column.title, html.Span(column.how.unit, className="unit")], className="cap")
    parts = []
    first = 1 if colours.n_zero else 0
    bounds = [column.how.text(b) for b in colours.breaks]
    if colours.n_zero:
        parts.append(html.Span([html.I(style={"background": f"var(--{colours.tokens[0]})"}), "0"]))
    for i, token in enumerate(colours.tokens[first:]):
        ends = f"{bounds[i]}–{bounds[i + 1]}" if i + 1 < len(bounds) else bounds[i]
        parts.append(html.Span([html.I(style={"background": f"var(--{token})"}), ends]))
    if colours.n_none:
        parts.append(html.Span([html.I(className="hatch"), t("compare.none")]))
    return html.Div([title, html.Div(parts, className="cls")], className="clg")
