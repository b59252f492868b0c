"""The stand-alone map: one HTML file by folium that opens with no network.

folium's page loads scripts and styles from six hosts. Here Leaflet's own files are written into the page and
nothing else is needed: no base tiles, no Bootstrap, no icon fonts. A content security policy in the page
forbids every request. All text from the data is escaped, for HTML and for folium's templates.
"""

from __future__ import annotations

import base64
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import folium
import shapely
from branca.element import Element, MacroElement
from folium.template import Template

from app.export.classes import AreaClasses
from app.export.context import INLAND, Context, project
from app.export.data import LayerData, MapData
from app.export.figures import figures_of, text_of
from app.export.frame import BACK
from app.export.html_words import escape, features_of, furniture, page_style, shown_areas
from app.export.items import APPROXIMATE, BLANK, DRAWN_FROM_BELOW
from app.export.reuse import FIGURES_KEY, RECIPE_KEY
from app.export.theme import Theme
from app.pages.format import quantity
from geo.errors import InputError, MachineError
from geo.geometry import point_on

VENDOR = Path(__file__).resolve().parent / "vendor" / "leaflet-1.9.4"
MOST_FEATURES = 30_000
POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"
ACCURACY = {
    "surveyed": "测绘",
    "address": "地址",
    "sketched": "示意",
    "township": "乡镇级",
    "county": "县级",
    "none": "无位置",
}


class OfflineMap(folium.Map):
    """folium's map without the links to its script and style hosts."""

    default_js: list[tuple[str, str]] = []  # noqa: RUF012 - folium's own shape
    default_css: list[tuple[str, str]] = []  # noqa: RUF012


class _Controls(MacroElement):
    """Zoom with Chinese titles, a metric scale, and county names that appear with room."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            L.control.zoom({zoomInTitle: "放大", zoomOutTitle: "缩小"}).addTo({{ this._parent.get_name() }});
            L.control.scale({imperial: false, position: "bottomleft"}).addTo({{ this._parent.get_name() }});
            {{ this._parent.get_name() }}.fitBounds({{ this.bounds|tojson }}, {animate: false});
        {% endmacro %}
        """
    )

    def __init__(self, bounds: list[list[float]]) -> None:
        super().__init__()
        self._name = "Controls"
        self.bounds = bounds


@cache
def leaflet() -> tuple[str, str]:
    """Return Leaflet's script and style, its pictures written into the style.

    Raises
    ------
    MachineError
        The files are missing.
    """
    try:
        script = (VENDOR / "leaflet.js").read_text(encoding="utf-8")
        style = (VENDOR / "leaflet.css").read_text(encoding="utf-8")
        pictures = {p.name: base64.b64encode(p.read_bytes()).decode() for p in (VENDOR / "images").glob("*.png")}
    except OSError as error:
        raise MachineError("Leaflet 的文件不全。", "请恢复随程序发布的 app/export/vendor 目录。") from error
    style = re.sub(r"url\(images/([\w.-]+)\)", lambda m: f"url(data:image/png;base64,{pictures[m.group(1)]})", style)
    return re.sub(r"//# sourceMappingURL=.*", "", script), style


def write_html(data: MapData, context: Context, theme: Theme) -> bytes:
    """Return the recipe's layers as one HTML file.

    Raises
    ------
    InputError
        More features than a browser draws smoothly.
    """
    layers = [(item, features_of(item)) for item in data.layers]
    n = sum(len(features) for _, features in layers)
    if n > MOST_FEATURES:
        raise InputError(f"有 {n:,} 个要素，单文件地图最多 {MOST_FEATURES:,} 个。", "请加筛选条件或减少图层。")
    counties = json.loads(data.counties)["features"]
    page = OfflineMap(
        tiles=None, zoom_control=False, prefer_canvas=True, attributionControl=False, zoomSnap=0.25, maxZoom=17,
        location=[33.5, 120.2], zoom_start=8,
    )  # fmt: skip
    _head(page, data, theme)
    areas = shown_areas(data, theme, counties)
    _ground(page, context, theme)
    _add_counties(page, data, theme, counties, areas)
    order = sorted(layers, key=lambda pair: DRAWN_FROM_BELOW.index(pair[0].layer.style.symbol))
    for item, features in order:
        _add_layer(page, item, features, theme)
    folium.LayerControl(position="topright", collapsed=False).add_to(page)
    page.add_child(_Controls(_bounds(data, counties)))
    body = page.get_root().render()
    return str(body).encode()


def _head(page: OfflineMap, data: MapData, theme: Theme) -> None:
    script, style = leaflet()
    root = page.get_root()
    root.title = escape(data.recipe.title)
    recipe, figures = (
        text.replace("<", "\\u003c").replace("%", "\\u0025")
        for text in (data.recipe.canonical(), text_of(figures_of(data)))
    )
    parts = [
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        f"<style>{style}</style>",
        f"<style>{page_style(theme)}</style>",
        f"<script>{script}</script>",
        f'<script type="application/json" id="{RECIPE_KEY}">{recipe}</script>',
        f'<script type="application/json" id="{FIGURES_KEY}">{figures}</script>',
    ]
    for i, part in enumerate(parts):
        root.header.add_child(Element("{% raw %}" + part + "{% endraw %}"), name=f"yuantu_{i}")
    root.html.add_child(Element("{% raw %}" + furniture(data, theme) + "{% endraw %}"), name="furniture")


def _ground(page: OfflineMap, context: Context, theme: Theme) -> None:
    """Neighbouring counties and lakes under the data."""
    near = shapely.coverage_simplify([g for _, _, g in context.near], 300.0)
    inland = [project(shapely.segmentize(shapely.box(*INLAND), 0.2)), *(g for _, _, g in context.cities)]
    for shapes, fill, line in (
        (inland, "m-land", "m-land"), (near, "m-land", "m-land-line"), ([context.lakes], "m-water", "m-water")
    ):  # fmt: skip
        style = {"fillColor": theme[fill], "fillOpacity": 1, "color": theme[line], "weight": 0.8}
        folium.GeoJson(
            {"type": "FeatureCollection", "features": [_degrees(g) for g in shapes]},
            style_function=lambda _, style=style: style, control=False, interactive=False,
        ).add_to(page)  # fmt: skip


def _degrees(geom: shapely.Geometry) -> dict[str, Any]:
    import numpy as np

    back = shapely.transform(geom, lambda c: np.column_stack(BACK.transform(c[:, 0], c[:, 1])).round(5))
    return {"type": "Feature", "properties": {}, "geometry": json.loads(shapely.to_geojson(back))}


def _add_counties(
    page: OfflineMap, data: MapData, theme: Theme, counties: list[dict[str, Any]], areas: AreaClasses | None
) -> None:
    title = escape(data.summary.title)
    how, values = data.summary.shown, {r.code: r for r in data.summary.rows}
    for feature in counties:
        code, name = str(feature["properties"]["code"]), str(feature["properties"]["name"])
        color = areas.color_of(code) if areas is not None else theme["m-county"]
        if areas is not None and code in areas.left_out:
            color = theme["m-land"]
        row = values.get(code)
        shown = f"{how.text(row.value)} {how.unit}，{row.n:,} {data.summary.noun}" if row else ""
        shape = shapely.simplify(shapely.from_geojson(json.dumps(feature["geometry"])), 0.0008)
        style = {
            "fillColor": color or theme["ink-4"], "fillOpacity": 1 if color else 0.25, "color": theme["m-line"],
            "weight": 1.2,
        }  # fmt: skip
        folium.GeoJson(
            {"type": "Feature", "properties": {}, "geometry": json.loads(shapely.to_geojson(shape))},
            style_function=lambda _, style=style: style, control=False,
            tooltip=folium.Tooltip(f"<b>{escape(name)}</b><br>{title} {escape(shown)}", sticky=True),
        ).add_to(page)  # fmt: skip
        middle = point_on(shape)
        folium.CircleMarker(
            [middle.y, middle.x], radius=0.1, stroke=False, interactive=False,
            tooltip=folium.Tooltip(escape(name), permanent=True, direction="center", class_name="yt-name"),
        ).add_to(page)  # fmt: skip


def _add_layer(page: OfflineMap, item: LayerData, features: list[dict[str, Any]], theme: Theme) -> None:
    if not features:
        return
    layer = item.layer
    shown = [f for f in layer.fields if any(x["properties"].get(f.id) is not None for x in features)]
    titles = {f.id: f.title for f in shown}
    made = [_shown(item, feature, titles, theme) for feature in features]
    names = ["名称", *titles.values(), "定位", "数据"]
    folium.GeoJson(
        {"type": "FeatureCollection", "features": made},
        name=f"{escape(layer.title)}（{len(made):,}）",
        marker=folium.CircleMarker(radius=5, weight=1, fill=True),
        style_function=lambda feature: feature["properties"]["style"],
        tooltip=folium.GeoJsonTooltip(["名称"], labels=False, sticky=False),
        popup=folium.GeoJsonPopup(names, aliases=names, max_width=360),
    ).add_to(page)  # fmt: skip


def _shown(item: LayerData, feature: dict[str, Any], titles: dict[str, str], theme: Theme) -> dict[str, Any]:
    given, style = feature["properties"], item.layer.style
    tokens = {v.value: v.color for v in item.values if v.color}
    value = given.get(style.color_by)
    token = next((tokens[str(v)] for v in (value if isinstance(value, list) else [value]) if str(v) in tokens), "")
    color = theme[token or (BLANK if style.color_by else style.color)]
    hollow = given.get("location_accuracy") in APPROXIMATE
    is_stage = bool(re.fullmatch(r"s\d", token))
    drawn: dict[str, Any] = {
        "fillColor": color, "color": theme["stage-line"] if is_stage else theme["m-park"], "weight": 1,
        "fillOpacity": 0.35 if hollow else 0.95, "radius": _radius(item, given),
    }  # fmt: skip
    if "Point" not in feature["geometry"]["type"]:
        drawn |= {"fillOpacity": 0.15, "color": color, "weight": 1.6}
    if given.get("stalled") or given.get("location_accuracy") == "sketched":
        drawn["dashArray"] = "3 2"
    properties = {title: _text(item, given, name) for name, title in titles.items()}
    name = str(given.get("name") or "")
    properties |= {
        "名称": escape(name), "定位": ACCURACY.get(str(given.get("location_accuracy")), "—"),
        "数据": "演示数据" if given.get("is_demo") else "真实数据", "style": drawn,
    }  # fmt: skip
    return {"type": "Feature", "geometry": feature["geometry"], "properties": properties}


def _radius(item: LayerData, given: dict[str, Any]) -> float:
    style = item.layer.style
    if style.symbol != "circle":
        return 3.0 if style.symbol == "dot" else 5.0
    least, most = style.size_range
    value, at = given.get(style.size_by), max(style.size_at)
    if not isinstance(value, int | float) or value <= 0 or at <= 0:
        return least
    return max(least, min(1.5 * most, most * float(value / at) ** 0.5))


def _text(item: LayerData, given: dict[str, Any], name: str) -> str:
    value, spec = given.get(name), item.layer.field(name)
    if value is None or value == "":
        return "—"
    if spec is not None and spec.is_number and isinstance(value, int | float):
        how = quantity(spec)
        return escape(f"{how.text(value)} {how.unit}".strip())
    if isinstance(value, bool):
        return "是" if value else "否"
    return escape("、".join(map(str, value)) if isinstance(value, list) else str(value))


def _bounds(data: MapData, counties: list[dict[str, Any]]) -> list[list[float]]:
    extent = data.recipe.extent
    if isinstance(extent, str):
        codes = {str(f["properties"]["code"]) for f in counties}
        kept = [f for f in counties if extent not in codes or str(f["properties"]["code"]) == extent]
        shapes = shapely.from_geojson([json.dumps(f["geometry"]) for f in kept])
        west, south, east, north = (float(v) for v in shapely.total_bounds(shapes))
    else:
        west, south, east, north = extent
    return [[south, west], [north, east]]
