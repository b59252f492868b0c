"""The stand-alone map: one HTML file by folium that opens with no network.

folium's page loads scripts and styles from six hosts. Here Leaflet's own files are written into the page and
nothing else is needed: no base tiles, no Bootstrap, no icon fonts. A content security policy in the page
forbids every request. All text from the data is escaped.
"""

from __future__ import annotations

import base64
import json
import re
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import folium
import shapely
from branca.element import Element, MacroElement
from folium.template import Template

from app.export.classes import AreaClasses, class_areas
from app.export.context import INLAND, Context, project
from app.export.data import LayerData, MapData
from app.export.frame import BACK
from app.export.items import APPROXIMATE, DRAWN_FROM_BELOW
from app.export.legend import source_note
from app.export.reuse import RECIPE_KEY
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
            {{ this._parent.get_name() }}.fitBounds({{ this.bounds|tojson }});
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
    layers = [(item, _features(item)) for item in data.layers]
    n = sum(len(features) for _, features in layers)
    if n > MOST_FEATURES:
        raise InputError(f"有 {n:,} 个要素，单文件地图最多 {MOST_FEATURES:,} 个。", "请加筛选条件或减少图层。")
    counties = json.loads(data.counties)["features"]
    page = OfflineMap(
        tiles=None, zoom_control=False, prefer_canvas=True, attributionControl=False, zoomSnap=0.25, maxZoom=17,
        location=[33.5, 120.2], zoom_start=8,
    )  # fmt: skip
    _head(page, data, theme)
    areas = _areas(data, theme, counties)
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
    recipe = data.recipe.canonical().replace("<", "\\u003c")
    parts = [
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        f"<style>{style}</style>",
        f"<style>{_style(theme)}</style>",
        f"<script>{script}</script>",
        f'<script type="application/json" id="{RECIPE_KEY}">{recipe}</script>',
    ]
    for i, part in enumerate(parts):
        root.header.add_child(Element("{% raw %}" + part + "{% endraw %}"), name=f"yuantu_{i}")
    root.html.add_child(Element("{% raw %}" + _furniture(data, theme) + "{% endraw %}"), name="furniture")


def _style(theme: Theme) -> str:
    t = theme
    return f"""
    body,.leaflet-container{{font:14px/20px "PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;color:{t["ink"]}}}
    .leaflet-container{{background:{t["m-sea"]}}}
    .yt{{position:fixed;z-index:900;background:{t["surface"]};box-shadow:0 1px 4px rgba(20,30,45,.22);border-radius:6px}}
    .yt-title{{left:56px;top:10px;padding:8px 14px;max-width:60vw}} .yt-title b{{font-size:18px;line-height:26px}}
    .yt-mark{{color:{t["flat-t"]};border:1.5px solid {t["flat-t"]};padding:0 8px;margin-left:12px;font-weight:600}}
    .yt-demo{{background:{t["amber-s"]};color:{t["amber-t"]};padding:1px 7px;border-radius:3px;margin-left:8px}}
    .yt-legend{{right:10px;bottom:52px;padding:10px 12px;max-height:62vh;overflow:auto;font-size:12px;line-height:20px}}
    .yt-legend h3{{font-size:12px;margin:6px 0 2px}} .yt-legend i{{display:inline-block;width:20px;height:11px;
      border:1px solid {t["m-line"]};margin-right:6px;vertical-align:-1px}} .yt-legend i.dot{{width:11px;border-radius:50%}}
    .yt-foot{{left:0;right:0;bottom:0;border-radius:0;padding:4px 12px;font-size:12px;line-height:18px;color:{t["ink-2"]}}}
    .yt-none{{background:repeating-linear-gradient(45deg,{t["ink-4"]} 0 1.5px,{t["surface"]} 1.5px 5px)}}
    .leaflet-bottom{{margin-bottom:44px}} .yt-name{{background:none;border:0;box-shadow:none;font-weight:600;
      color:{t["m-label"]};text-shadow:0 0 3px {t["m-halo"]},0 0 3px {t["m-halo"]},0 0 3px {t["m-halo"]}}}
    .yt-name:before{{display:none}}
    """


def _furniture(data: MapData, theme: Theme) -> str:
    recipe = data.recipe
    mark = f"审图号 {escape(recipe.map_approval_no)}" if recipe.map_approval_no else "内部使用"
    demo = '<span class="yt-demo">演示数据</span>' if data.has_demo else ""
    subtitle = recipe.subtitle or f"{data.summary.axis}，截至 {data.as_of.isoformat()}"
    notes = "；".join(source_note(item) + ("（含演示数据）" if item.n_demo else "") for item in data.layers)
    foot = (
        f"数据 {notes}；行政区界：非权威界线。　坐标 CGCS2000（EPSG:4490），屏幕为 Web 墨卡托，量算请用报告图。"
        f"　制图 园图 {data.printed.isoformat()}　{'' if recipe.map_approval_no else '内部使用，不得公开'}"
    )
    legend = _legend(data, theme)
    return (
        f'<div class="yt yt-title"><b>{escape(recipe.title)}</b><span class="yt-mark">{mark}</span>{demo}'
        f"<div>{escape(subtitle)}</div></div>"
        f'<div class="yt yt-legend">{legend}</div><div class="yt yt-foot">{escape(foot)}</div>'
    )


def _legend(data: MapData, theme: Theme) -> str:
    parts = []
    areas = _areas(data, theme, json.loads(data.counties)["features"])
    if areas is not None:
        parts.append(f"<h3>{escape(data.summary.title)}（{escape(data.summary.shown.unit)}，{areas.scheme}）</h3>")
        parts += [f'<div><i style="background:{c.color}"></i>{c.text}（{len(c.codes)}）</div>' for c in areas.classes]
        if areas.none:
            parts.append(f'<div><i class="yt-none"></i>无数据（{len(areas.none)}）</div>')
    for item in data.layers:
        counts: dict[str, int] = {}
        field = item.layer.style.color_by
        for feature in _features(item):
            value = feature["properties"].get(field)
            for term in value if isinstance(value, list) else [value]:
                counts[str(term or "")] = counts.get(str(term or ""), 0) + 1
        named = [v for v in item.values if counts.get(v.value)]
        if not counts:
            continue
        parts.append(f"<h3>{escape(item.layer.title)}（{sum(counts.values()):,}）</h3>")
        for value in named:
            color = theme[value.color or item.layer.style.color]
            parts.append(
                f'<div><i class="dot" style="background:{color}"></i>{escape(value.value)}（{counts[value.value]:,}）</div>'
            )
    if any(f["properties"].get("acc") in APPROXIMATE for item in data.layers for f in _features(item)):
        parts.append("<div>颜色浅：只知镇、县，位置是示意</div>")
    return "".join(parts)


def _areas(data: MapData, theme: Theme, counties: list[dict[str, Any]]) -> AreaClasses | None:
    if not data.recipe.is_filled:
        return None
    codes = {str(f["properties"]["code"]) for f in counties}
    return class_areas(data.summary, theme, data.recipe.classes.scheme, data.recipe.classes.k, codes)


def _features(item: LayerData) -> list[dict[str, Any]]:
    if not item.features:
        return []
    return [f for f in json.loads(item.features)["features"] if f.get("geometry")]


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
    how, values = data.summary.shown, {r.code: r for r in data.summary.rows}
    for feature in counties:
        code, name = str(feature["properties"]["code"]), str(feature["properties"]["name"])
        color = areas.color_of(code) if areas is not None else theme["m-county"]
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
            tooltip=folium.Tooltip(f"<b>{escape(name)}</b><br>{escape(data.summary.title)} {escape(shown)}", sticky=True),
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
    color = theme[token or style.color]
    hollow = given.get("acc") in APPROXIMATE
    is_stage = bool(re.fullmatch(r"s\d", token))
    drawn: dict[str, Any] = {
        "fillColor": color, "color": theme["stage-line"] if is_stage else theme["m-park"], "weight": 1,
        "fillOpacity": 0.35 if hollow else 0.95, "radius": _radius(item, given),
    }  # fmt: skip
    if "Point" not in feature["geometry"]["type"]:
        drawn |= {"fillOpacity": 0.15, "color": color, "weight": 1.6}
    if given.get("stalled") or given.get("acc") == "sketched":
        drawn["dashArray"] = "3 2"
    properties = {title: _text(item, given, name) for name, title in titles.items()}
    name = str(given.get("name") or "")
    properties |= {
        "名称": escape(name), "定位": ACCURACY.get(str(given.get("acc")), "—"),
        "数据": "演示数据" if given.get("demo") else "真实数据", "style": drawn,
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
