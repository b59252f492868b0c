"""Write ``docs/layers.md`` from the catalogue, and ``docs/site.md`` from the criteria and presets of siting.

``python docs/build.py`` writes it, ``--check`` fails when it is out of step.
"""

from __future__ import annotations

import sys
from pathlib import Path

from geo.criteria import CRITERIA, Criterion
from layers.registry import Catalogue, catalogue
from layers.site import Preset, presets
from layers.spec import FieldSpec, Layer

DOCS = Path(__file__).resolve().parent
TYPES = {
    "text": "文本", "code": "单选", "list": "多选", "integer": "整数", "number": "数字", "cny": "金额",
    "date": "日期", "boolean": "是否",
}  # fmt: skip
GEOMETRIES = {"point": "点", "line": "线", "polygon": "面", "any": "点、线或面"}
HEAD = """# 图层与字段

本页由目录 `layers/catalog/` 与词表 `layers/vocab/` 生成（`python docs/build.py`），请勿手改。

每个图层还有公共字段：`id` `key` `name` `county_code` `unit_code` `township_code` `location_accuracy`
`is_demo` `data_date` `source_name` `source_row`，以及几何 `geom`（EPSG:4490）。
"""


def _values(cat: Catalogue, field: FieldSpec) -> str:
    if not field.is_categorical:
        return ""
    terms = cat.terms(field)
    shown = "、".join(terms[:12])
    return shown if len(terms) <= 12 else f"{shown} 等 {len(terms)} 项"


def _field(cat: Catalogue, field: FieldSpec) -> str:
    unit = field.unit if not field.display_unit else f"{field.unit}，显示为{field.display_unit}"
    marks = [m for m, on in (("内部", field.internal), ("必填", field.required)) if on]
    cells = [f"`{field.id}`", field.title, TYPES[field.type], unit, _values(cat, field), "、".join(marks)]
    return "| " + " | ".join(cells) + " |"


def _layer(cat: Catalogue, layer: Layer) -> str:
    lines = [
        f"## {layer.title} `{layer.id}`", "", f"{layer.description}。", "",
        f"几何：{GEOMETRIES[layer.geometry]}。责任单位：{layer.owner or '未定'}。"
        f"数据超过 {layer.freshness.days} 天视为陈旧。", "",
        "| 字段 | 名称 | 类型 | 单位 | 取值 | 说明 |", "|---|---|---|---|---|---|",
        *[_field(cat, f) for f in layer.fields], "",
    ]  # fmt: skip
    for group in layer.events:
        levels = f"，等级：{'、'.join(cat.vocabularies[group.levels].terms)}" if group.levels else ""
        lines += [f"带日期的事件“{group.title}”：{'、'.join(group.types)}{levels}。", ""]
    measures = "、".join(f"`{m.id}` {m.title}" for m in cat.measures(layer))
    lines += [f"指标：`n` 个数{'、' + measures if measures else ''}。", ""]
    return "\n".join(lines)


def page() -> str:
    """Return the whole page as Markdown."""
    cat = catalogue()
    return HEAD + "\n" + "\n".join(_layer(cat, layer) for layer in cat.layers.values())


SITE_HEAD = """# 选址：准则与预设

本页由准则登记 `geo/criteria*.py` 与预设 `layers/presets/` 生成（`python docs/build.py`），请勿手改。

页面 `/site`：左边写任务（预设、备选、硬约束、权重），中间看图，右边看排序、排除原因、稳健性和依据。任务在网址里，
复制链接即可还原；也可以保存为方案、下载任务书（Excel）给投资方填写后再读入。接口与命令行的任务是同一个
JSON（PROFILE）：`POST /api/v1/site/rank`，`yuantu site rank 需求.json`；种子相同，结果相同。

- **备选** `alternatives.layer`：`parcel` 地块、`premises` 厂房、`park` 园区、`drawn` 自绘或上传（`sites` 为 GeoJSON）、
  `grid` 全市 100 米网格（每 2 公里见方取得分最高的一格，列前 60 格）；`filter` 为 CQL2。
- **硬约束** `limits`：`id` 为准则、字段、`park.字段` 或 `constraint`；资料缺失视为不符。
- **价值函数** `criteria[].value`：`linear`、`sigmoid`（`worst`、`best`）、`piecewise`（`points`）、`target`
  （`target`、`tolerance`）、`categorical`（`values`）；不写的范围取自可选地块。
- **缺值** `missing`：`exclude` 排除、`worst` 按最差、`median` 按中位数。
- **稳健性**：SMAA，`draws` 次抽样，`spread` 为每项权重的变动幅度（空为任意取值），`seed` 为种子。
- 路程是公路干线网上的最短路，两端接驳为直线乘绕行系数并单列；路网到不了时全程按直线乘绕行系数。
"""
SCOPES = {"place": "任意位置", "site": "仅备选自身"}
AIMS = {"min": "越小越好", "max": "越大越好"}


def _criterion(one: Criterion) -> str:
    cells = [f"`{one.id}`", one.title, one.unit, AIMS[one.objective], SCOPES[one.scope], one.source]
    return "| " + " | ".join(cells) + " |"


def _preset(one: Preset) -> str:
    profile = one.profile
    limits = "；".join(f"`{x.id}` {x.op} {x.value if not isinstance(x.value, list) else '、'.join(map(str, x.value))}"
                      for x in profile.limits)  # fmt: skip
    weights = "、".join(f"{CRITERIA[c.id].title} {c.weight:g}" for c in profile.criteria)
    return "\n".join([f"### {one.title} `{one.id}`", "", one.note.strip(), "", f"硬约束：{limits}。", "",
                      f"权重：{weights}。", ""])  # fmt: skip


def site_page() -> str:
    """Return the page of siting as Markdown."""
    lines = [SITE_HEAD, "## 准则", ""]
    for group in dict.fromkeys(c.group for c in CRITERIA.values()):
        lines += [f"### {group}", "", "| 准则 | 名称 | 单位 | 方向 | 适用 | 口径 |", "|---|---|---|---|---|---|"]
        lines += [_criterion(c) for c in CRITERIA.values() if c.group == group]
        lines.append("")
    return "\n".join([*lines, "## 预设", "", *map(_preset, presets().values())])


def main(arguments: list[str]) -> int:
    """Write the pages, or with ``--check`` say whether they are in step (0) or not (1)."""
    pages = {DOCS / "layers.md": page(), DOCS / "site.md": site_page()}
    if "--check" in arguments:
        return int(any(not p.exists() or p.read_text(encoding="utf-8") != text for p, text in pages.items()))
    for path, text in pages.items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
