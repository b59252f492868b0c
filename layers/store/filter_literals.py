"""The leaves of a filter: fields, dates and shapes as CQL2 JSON writes them, or a refusal that names them."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import shapely
from shapely.errors import ShapelyError

from geo.errors import FilterError

CHINA = dt.timezone(dt.timedelta(hours=8))
_KIND_NAMES = {
    "text": "文字", "list": "多值", "number": "数字", "date": "日期", "boolean": "是否", "geom": "几何",
}  # fmt: skip


def is_property(node: Any) -> bool:
    """Whether a node names a field."""
    return isinstance(node, dict) and "property" in node


def property_name(node: Any) -> str:
    """Return the name of the field a node names."""
    name = node["property"]
    if not isinstance(name, str):
        raise FilterError("筛选条件的字段名不是文字。", "请改正字段名。")
    return name


def operation(node: Any) -> tuple[str, list[Any]]:
    """Return the operator and arguments of a node."""
    if not isinstance(node, dict) or not isinstance(node.get("op"), str) or not isinstance(node.get("args"), list):
        raise FilterError(f"筛选条件里的 {shown(node)} 不是条件。", "请写明字段和比较。")
    if not node["args"]:
        raise FilterError(f"“{node['op']}”后面没有内容。", "请补全筛选条件。")
    return node["op"].lower(), node["args"]


def check_count(op: str, args: list[Any], wanted: int) -> None:
    """Refuse an operator with the wrong number of arguments."""
    if len(args) != wanted:
        raise FilterError(f"“{op}”需要 {wanted} 个值，写了 {len(args)} 个。", "请改正筛选条件。", operator=op)


def shown(value: Any) -> str:
    """Return a node as a sentence may show it."""
    if isinstance(value, dict) and isinstance(value.get("op"), str):
        return f"{value['op']}()"
    return "空值（请用 IS NULL）" if value is None else f"“{str(value)[:40]}”"


def mismatch(name: str, kind: str, why: str) -> FilterError:
    """Return the refusal of a field used as what it is not."""
    return FilterError(f"字段“{name}”是{_KIND_NAMES[kind]}，{why}。", "请改正筛选条件。", field=name)


def literal_date(name: str, value: Any) -> dt.date:
    """Return a date, or the China time of a timestamp without its zone."""
    text: Any = value
    if isinstance(value, dict) and len(value) == 1:
        text = value.get("date", value.get("timestamp"))
    if not isinstance(text, str):
        raise mismatch(name, "date", f"不能与 {shown(value)} 比较，日期写作 DATE('2026-06-30')")
    try:
        if (isinstance(value, dict) and "timestamp" in value) or "T" in text:
            moment = dt.datetime.fromisoformat(text)
            return moment.astimezone(CHINA).replace(tzinfo=None) if moment.tzinfo else moment
        return dt.date.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise mismatch(name, "date", f"“{text[:40]}”不是日期，应写作 2026-06-30") from error


def literal_shape(node: Any) -> bytes:
    """Return a literal geometry in lon/lat degrees as WKB."""
    try:
        if isinstance(node, dict) and isinstance(node.get("bbox"), list):
            box = [float(v) for v in node["bbox"]]
            if len(box) not in (4, 6):
                raise ValueError("bbox")
            half = len(box) // 2
            shape = shapely.box(box[0], box[1], box[half], box[half + 1])
        else:
            shape = shapely.force_2d(shapely.from_geojson(json.dumps(node)))
    except (ShapelyError, ValueError, TypeError) as error:
        raise FilterError(
            f"{shown(node)} 不是几何。", "请用 WKT，例如 POLYGON((120 33,121 33,121 34,120 33))。"
        ) from error
    if shape is None or shape.is_empty:
        raise FilterError("筛选用的几何是空的。", "请画出范围。")
    west, south, east, north = shape.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise FilterError("筛选用的几何超出经纬度范围。", "坐标按经度、纬度书写，单位为度。")
    return bytes(shapely.to_wkb(shape if shape.is_valid else shapely.make_valid(shape)))
