"""Write ``docs/layers.md`` from the catalogue: every layer, field, unit, vocabulary, event and measure.

``python docs/build.py`` writes it, ``--check`` fails when it is out of step.
"""

from __future__ import annotations

import sys
from pathlib import Path

from layers.registry import Catalogue, catalogue
from layers.spec import FieldSpec, Layer

PAGE = Path(__file__).resolve().parent / "layers.md"
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


def main(arguments: list[str]) -> int:
    """Write the page, or with ``--check`` say whether it is in step (0) or not (1)."""
    text = page()
    if "--check" in arguments:
        return 0 if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text else 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
