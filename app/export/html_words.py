"""The words of the stand-alone map: title, marking, legend, sources; all text from the data is escaped."""

from __future__ import annotations

import json
import re
from html import escape as html_escape
from typing import Any

from app.export.classes import AreaClasses, class_areas, only
from app.export.compared import chosen_rows
from app.export.data import LayerData, MapData
from app.export.filter_words import source_note
from app.export.items import APPROXIMATE
from app.export.theme import Theme

STYLE = """
body,.leaflet-container{font:14px/20px "PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;color:@ink@}
.leaflet-container{background:@m-sea@}
.yt{position:fixed;z-index:900;background:@surface@;box-shadow:0 1px 4px rgba(20,30,45,.22);border-radius:6px}
.yt-title{left:56px;top:10px;padding:8px 14px;max-width:60vw} .yt-title b{font-size:18px;line-height:26px}
.yt-mark{color:@flat-t@;border:1.5px solid @flat-t@;padding:0 8px;margin-left:12px;font-weight:600}
.yt-demo{background:@amber-s@;color:@amber-t@;padding:1px 7px;border-radius:3px;margin-left:8px}
.yt-legend{right:10px;bottom:52px;padding:10px 12px;max-height:62vh;overflow:auto;font-size:12px;line-height:20px}
.yt-legend h3{font-size:12px;margin:6px 0 2px} .yt-legend i.dot{width:11px;border-radius:50%}
.yt-legend i{display:inline-block;width:20px;height:11px;border:1px solid @m-line@;margin-right:6px;vertical-align:-1px}
.yt-foot{left:0;right:0;bottom:0;border-radius:0;padding:4px 12px;font-size:12px;line-height:18px;color:@ink-2@}
.yt-none{background:repeating-linear-gradient(45deg,@ink-4@ 0 1.5px,@surface@ 1.5px 5px)}
.yt-name{background:none;border:0;box-shadow:none;font-weight:600;color:@m-label@}
.yt-name{text-shadow:0 0 3px @m-halo@,0 0 3px @m-halo@,0 0 3px @m-halo@} .yt-name:before{display:none}
.leaflet-bottom{margin-bottom:44px}
"""


def escape(text: str) -> str:
    """Escape a text for HTML and for Jinja: folium renders what it writes once more as a template.

    Tried without it, ``{{ 7*7 }}`` in a record's name came out as 49.
    """
    return html_escape(text).replace("{", "&#123;").replace("}", "&#125;")


def shown_areas(data: MapData, theme: Theme, counties: list[dict[str, Any]]) -> AreaClasses | None:
    """Return the classes of the counties, None where they are not coloured."""
    if not data.recipe.is_filled:
        return None
    codes = {str(f["properties"]["code"]) for f in counties}
    cut = class_areas(data.summary, theme, data.recipe.classes.scheme, data.recipe.classes.k, codes)
    return only(cut, chosen_rows(sorted(codes), data.extras.compared))


def features_of(item: LayerData) -> list[dict[str, Any]]:
    """Return a layer's GeoJSON features that have a place."""
    if not item.features:
        return []
    return [f for f in json.loads(item.features)["features"] if f.get("geometry")]


def page_style(theme: Theme) -> str:
    """Return the page's styles in the theme's colours."""
    return re.sub(r"@([\w-]+)@", lambda m: theme[m.group(1)], STYLE)


def furniture(data: MapData, theme: Theme) -> str:
    """Return title, legend and foot of the page as HTML."""
    recipe = data.recipe
    mark = f"审图号 {escape(recipe.map_approval_no)}" if recipe.map_approval_no else "内部使用"
    demo = '<span class="yt-demo">演示数据</span>' if data.has_demo else ""
    notes = "；".join(source_note(item) + ("（含演示数据）" if item.n_demo else "") for item in data.layers)
    foot = (
        f"数据 {notes}；行政区界：非权威界线。　坐标 CGCS2000（EPSG:4490），屏幕为 Web 墨卡托，量算请用报告图。"
        f"　制图 园图 {data.printed.isoformat()}　{'' if recipe.map_approval_no else '内部使用，不得公开'}"
    )
    legend = _legend(data, theme)
    return (
        f'<div class="yt yt-title"><b>{escape(recipe.title)}</b><span class="yt-mark">{mark}</span>{demo}'
        f"<div>{escape(data.subtitle)}</div></div>"
        f'<div class="yt yt-legend">{legend}</div><div class="yt yt-foot">{escape(foot)}</div>'
    )


def _legend(data: MapData, theme: Theme) -> str:
    parts = []
    areas = shown_areas(data, theme, json.loads(data.counties)["features"])
    if areas is not None:
        parts.append(f"<h3>{escape(data.summary.title)}（{escape(data.summary.shown.unit)}，{areas.scheme}）</h3>")
        parts += [f'<div><i style="background:{c.color}"></i>{c.text}（{len(c.codes)}）</div>' for c in areas.classes]
        if areas.none:
            parts.append(f'<div><i class="yt-none"></i>无数据（{len(areas.none)}）</div>')
    for item in data.layers:
        counts: dict[str, int] = {}
        field = item.layer.style.color_by
        for feature in features_of(item):
            value = feature["properties"].get(field)
            for term in value if isinstance(value, list) else [value]:
                counts[str(term or "")] = counts.get(str(term or ""), 0) + 1
        named = [v for v in item.values if counts.get(v.value)]
        if not counts:
            continue
        parts.append(f"<h3>{escape(item.layer.title)}（{sum(counts.values()):,}）</h3>")
        for value in named:
            color = theme[value.color or item.layer.style.color]
            text = f"{escape(value.value)}（{counts[value.value]:,}）"
            parts.append(f'<div><i class="dot" style="background:{color}"></i>{text}</div>')
    if any(f["properties"].get("location_accuracy") in APPROXIMATE for item in data.layers for f in features_of(item)):
        parts.append("<div>颜色浅：只知镇、县，位置是示意</div>")
    return "".join(parts)
