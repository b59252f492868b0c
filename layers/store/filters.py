"""A caller's filter becomes bound parameters over a slice, or is refused by name.

A closed set of operators over the caller's own fields; nothing else of CQL2 exists here. A field that does
not exist and a field that the caller may not see are refused with the same sentence.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from dataclasses import dataclass, replace
from typing import Any

import shapely
from psycopg import sql
from shapely.errors import ShapelyError

from geo.errors import FilterError
from layers.registry import Catalogue
from layers.spec import Layer
from layers.store.cql2_text import parse_filter
from layers.store.slices import columns_of

CHINA = dt.timezone(dt.timedelta(hours=8))
MAX_NODES = 2000
_COMMON_KINDS = {"id": "number", "source_row": "number", "is_demo": "boolean", "data_date": "date"}
_FIELD_KINDS = {
    "text": "text", "code": "text", "list": "list", "integer": "number", "number": "number", "cny": "number",
    "date": "date", "boolean": "boolean",
}  # fmt: skip
_KIND_NAMES = {
    "text": "文字", "list": "多值", "number": "数字", "date": "日期", "boolean": "是否", "geom": "几何",
}  # fmt: skip
_COMPARE = {"=": "=", "<>": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_JOINS = {"and": " AND ", "or": " OR "}
_SPATIAL = {"s_intersects": "ST_Intersects", "s_within": "ST_Within"}
_TEMPORAL = ("t_after", "t_before", "t_equals", "t_during", "t_intersects")


@dataclass(frozen=True)
class Filter:
    """A compiled filter: a test over alias ``s`` of a slice, its parameters, and what it reads.

    ``fields`` are the columns the slice must compute, ``geometry`` says that it must carry ``geom``.
    """

    where: sql.Composed
    params: dict[str, object]
    fields: tuple[str, ...]
    geometry: bool


def compile_filter(layer: Layer, cat: Catalogue, text: str, *, internal: bool) -> Filter:
    """Compile CQL2 text over a layer's fields that the caller may see.

    Parameters
    ----------
    layer, cat : Layer, Catalogue
        Whose fields may be named.
    text : str
        CQL2 text or JSON; empty keeps every record.
    internal : bool
        Whether the caller may use internal fields.

    Raises
    ------
    FilterError
        Names the field, operator or place that is refused.
    """
    del cat
    tree = parse_filter(text or "")
    maker = _Compiler(layer, internal)
    where = sql.SQL("TRUE").format() if tree is None else maker.test(tree)
    return Filter(sql.Composed([where]), maker.params, tuple(maker.fields), maker.geometry)


def narrow(chosen: Filter, geometry: object) -> Filter:
    """Return a filter that also asks the record to touch a drawn polygon (GeoJSON, lon/lat degrees).

    Raises
    ------
    FilterError
        Not a polygon.
    """
    if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        raise FilterError("范围应是 GeoJSON 的 Polygon 或 MultiPolygon。", "坐标按经度、纬度书写。")
    where = sql.SQL("({} AND ST_Intersects(s.geom, ST_GeomFromWKB(%(drawn)s::bytea, 4490)))").format(chosen.where)
    return replace(chosen, where=where, params=chosen.params | {"drawn": _shape(geometry)}, geometry=True)


def check_filter(layer: Layer, cat: Catalogue, text: str, *, internal: bool = False) -> str:
    """Return an accepted filter as CQL2 JSON text ('' for none): what may be handed to another engine."""
    compile_filter(layer, cat, text, internal=internal)
    tree = parse_filter(text or "")
    return "" if tree is None else json.dumps(tree, ensure_ascii=False)


class _Compiler:
    def __init__(self, layer: Layer, internal: bool) -> None:
        self.layer = layer
        self.kinds: dict[str, str] = {}
        for name in columns_of(layer, internal=internal):
            spec = layer.field(name)
            self.kinds[name] = _FIELD_KINDS[spec.type] if spec else _COMMON_KINDS.get(name, "text")
        self.kinds["geom"] = "geom"
        self.params: dict[str, object] = {}
        self.fields: dict[str, None] = {}
        self.geometry = False
        self.nodes = 0

    def bind(self, value: object, cast: str = "") -> sql.Composable:
        name = f"f{len(self.params)}"
        self.params[name] = value
        return sql.SQL("{}{}").format(sql.Placeholder(name), sql.SQL(cast))

    def column(self, name: str) -> tuple[sql.Identifier, str]:
        if name not in self.kinds:
            shown = "、".join(self.kinds)
            raise FilterError(f"图层“{self.layer.title}”没有可用的字段“{name}”。", f"可用字段：{shown}。", field=name)
        if self.kinds[name] == "geom":
            self.geometry = True
        else:
            self.fields[name] = None
        return sql.Identifier("s", name), self.kinds[name]

    def test(self, node: Any) -> sql.Composable:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise FilterError("筛选条件太长。", "请化简筛选条件。")
        if isinstance(node, dict) and "property" in node:
            column, kind = self.column(_property(node))
            if kind != "boolean":
                raise _mismatch(_property(node), kind, "请写明比较，例如 = 或 IS NULL")
            return sql.Composed([column])
        op, args = _operation(node)
        if op in ("and", "or"):
            return sql.SQL("({})").format(sql.SQL(_JOINS[op]).join([self.test(a) for a in args]))
        if op == "not":
            _count(op, args, 1)
            return sql.SQL("(NOT {})").format(self.test(args[0]))
        if op in _COMPARE:
            return self.compare(op, args)
        if op in _SPATIAL:
            return self.spatial(op, args)
        if op in _TEMPORAL:
            return self.temporal(op, args)
        method = {"in": self.member, "between": self.between, "like": self.like, "isnull": self.is_null}.get(op)
        if method is None:
            raise FilterError(
                f"筛选条件不支持“{op}”。",
                "可用：=、<>、<、<=、>、>=、AND、OR、NOT、IN、BETWEEN、LIKE、IS NULL、"
                "S_INTERSECTS、S_WITHIN、T_AFTER、T_BEFORE、T_EQUALS、T_DURING、T_INTERSECTS。",
                operator=op,
            )
        return method(args)

    def compare(self, op: str, args: list[Any]) -> sql.Composable:
        _count(op, args, 2)
        left, right = args
        if not _is_property(left):
            if not _is_property(right):
                raise FilterError("筛选条件比较了两个固定的值。", "请让比较的一边是字段。")
            left, right = right, left
            op = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(op, op)
        name = _property(left)
        column, kind = self.column(name)
        sign = sql.SQL(_COMPARE[op])
        if kind == "geom":
            raise _mismatch(name, kind, "请用 S_INTERSECTS 或 S_WITHIN")
        if kind == "list":
            if op not in ("=", "<>") or _is_property(right):
                raise _mismatch(name, kind, "只能用 =（包含）、<>、IN、LIKE 和 IS NULL")
            found = sql.SQL("{} = ANY({})").format(self.literal(name, "text", right), column)
            return found if op == "=" else sql.SQL("NOT ({})").format(found)
        if kind == "boolean" and op not in ("=", "<>"):
            raise _mismatch(name, kind, "只能用 = 和 <>")
        if _is_property(right):
            other, other_kind = self.column(_property(right))
            if other_kind != kind:
                raise _mismatch(name, kind, f"不能与字段“{_property(right)}”比较")
            return sql.SQL("{} {} {}").format(column, sign, other)
        return sql.SQL("{} {} {}").format(column, sign, self.literal(name, kind, right))

    def literal(self, name: str, kind: str, value: Any) -> sql.Composable:
        if kind == "number" and isinstance(value, (int, float)) and not isinstance(value, bool):
            if not math.isfinite(value):
                raise _mismatch(name, kind, "数字太大")
            whole = int(value)
            exact = whole == value and abs(whole) < 2**63
            return self.bind(whole if exact else float(value), "::bigint" if exact else "::double precision")
        if kind == "text" and isinstance(value, str):
            return self.bind(value, "::text")
        if kind == "boolean" and isinstance(value, bool):
            return self.bind(value, "::boolean")
        if kind == "date":
            moment = _moment(name, value)
            return self.bind(moment, "::timestamp" if isinstance(moment, dt.datetime) else "::date")
        raise _mismatch(name, kind, f"不能与 {_shown(value)} 比较")

    def member(self, args: list[Any]) -> sql.Composable:
        _count("in", args, 2)
        name = self.subject("in", args[0])
        column, kind = self.column(name)
        if kind == "geom" or not isinstance(args[1], list) or not args[1]:
            raise _mismatch(name, kind, "IN 后面要有一列固定的值")
        inner = "text" if kind == "list" else kind
        values = sql.SQL(", ").join([self.literal(name, inner, v) for v in args[1]])
        if kind == "list":
            return sql.SQL("{} && ARRAY[{}]").format(column, values)
        return sql.SQL("{} IN ({})").format(column, values)

    def between(self, args: list[Any]) -> sql.Composable:
        _count("between", args, 3)
        name = self.subject("between", args[0])
        column, kind = self.column(name)
        if kind not in ("number", "date", "text"):
            raise _mismatch(name, kind, "不能用 BETWEEN")
        low, high = (self.literal(name, kind, v) for v in args[1:])
        return sql.SQL("{} BETWEEN {} AND {}").format(column, low, high)

    def like(self, args: list[Any]) -> sql.Composable:
        _count("like", args, 2)
        name = self.subject("like", args[0])
        column, kind = self.column(name)
        pattern = args[1]
        if kind not in ("text", "list") or not isinstance(pattern, str):
            raise _mismatch(name, kind, "LIKE 只用于文字，样式写在引号里")
        if (len(pattern) - len(pattern.rstrip("\\"))) % 2:
            raise FilterError(f"字段“{name}”的 LIKE 样式以单个反斜杠结尾。", "请删除它或写成两个。", field=name)
        bound = self.literal(name, "text", pattern)
        if kind == "list":
            return sql.SQL("EXISTS (SELECT 1 FROM unnest({}) AS v WHERE v LIKE {})").format(column, bound)
        return sql.SQL("{} LIKE {}").format(column, bound)

    def is_null(self, args: list[Any]) -> sql.Composable:
        _count("isNull", args, 1)
        column, kind = self.column(self.subject("IS NULL", args[0]))
        if kind == "text":
            return sql.SQL("({0} IS NULL OR {0} = '')").format(column)
        if kind == "list":
            return sql.SQL("coalesce(cardinality({}), 0) = 0").format(column)
        return sql.SQL("{} IS NULL").format(column)

    def subject(self, op: str, node: Any) -> str:
        if not _is_property(node):
            raise FilterError(f"“{op}”的左边要是字段。", "请把字段写在前面。", operator=op)
        return _property(node)

    def temporal(self, op: str, args: list[Any]) -> sql.Composable:
        _count(op, args, 2)
        name = self.subject(op, args[0])
        column, kind = self.column(name)
        if kind != "date":
            raise _mismatch(name, kind, f"不能用 {op.upper()}")
        bounds = args[1].get("interval") if isinstance(args[1], dict) else None
        if bounds is None:
            if op == "t_during":
                raise _mismatch(name, kind, "T_DURING 后面要有 INTERVAL")
            sign = {"t_after": ">", "t_before": "<"}.get(op, "=")
            return sql.SQL("{} {} {}").format(column, sql.SQL(sign), self.literal(name, kind, args[1]))
        if op not in ("t_during", "t_intersects") or not isinstance(bounds, list) or len(bounds) != 2:
            raise _mismatch(name, kind, "区间写作 INTERVAL('起','止')，用于 T_DURING 或 T_INTERSECTS")
        signs = (">", "<") if op == "t_during" else (">=", "<=")
        tests = [
            sql.SQL("{} {} {}").format(column, sql.SQL(sign), self.literal(name, kind, bound))
            for sign, bound in zip(signs, bounds, strict=True)
            if bound != ".."
        ]
        return sql.SQL("({})").format(sql.SQL(" AND ").join(tests or [sql.SQL("{} IS NOT NULL").format(column)]))

    def spatial(self, op: str, args: list[Any]) -> sql.Composable:
        _count(op, args, 2)
        first, second = args
        if op == "s_intersects" and not _is_property(first):
            first, second = second, first
        name = self.subject(op, first)
        column, kind = self.column(name)
        if kind != "geom":
            raise _mismatch(name, kind, f"{op.upper()} 只用于 geom")
        shape = self.bind(_shape(second), "::bytea")
        return sql.SQL("{}({}, ST_GeomFromWKB({}, 4490))").format(sql.SQL(_SPATIAL[op]), column, shape)


def _is_property(node: Any) -> bool:
    return isinstance(node, dict) and "property" in node


def _property(node: Any) -> str:
    name = node["property"]
    if not isinstance(name, str):
        raise FilterError("筛选条件的字段名不是文字。", "请改正字段名。")
    return name


def _operation(node: Any) -> tuple[str, list[Any]]:
    if not isinstance(node, dict) or not isinstance(node.get("op"), str) or not isinstance(node.get("args"), list):
        raise FilterError(f"筛选条件里的 {_shown(node)} 不是条件。", "请写明字段和比较。")
    if not node["args"]:
        raise FilterError(f"“{node['op']}”后面没有内容。", "请补全筛选条件。")
    return node["op"].lower(), node["args"]


def _count(op: str, args: list[Any], wanted: int) -> None:
    if len(args) != wanted:
        raise FilterError(f"“{op}”需要 {wanted} 个值，写了 {len(args)} 个。", "请改正筛选条件。", operator=op)


def _shown(value: Any) -> str:
    if isinstance(value, dict) and isinstance(value.get("op"), str):
        return f"{value['op']}()"
    return "空值（请用 IS NULL）" if value is None else f"“{str(value)[:40]}”"


def _mismatch(name: str, kind: str, why: str) -> FilterError:
    return FilterError(f"字段“{name}”是{_KIND_NAMES[kind]}，{why}。", "请改正筛选条件。", field=name)


def _moment(name: str, value: Any) -> dt.date:
    """Return a date, or the China time of a timestamp without its zone."""
    text: Any = value
    if isinstance(value, dict) and len(value) == 1:
        text = value.get("date", value.get("timestamp"))
    if not isinstance(text, str):
        raise _mismatch(name, "date", f"不能与 {_shown(value)} 比较，日期写作 DATE('2026-06-30')")
    try:
        if (isinstance(value, dict) and "timestamp" in value) or "T" in text:
            moment = dt.datetime.fromisoformat(text)
            return moment.astimezone(CHINA).replace(tzinfo=None) if moment.tzinfo else moment
        return dt.date.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise _mismatch(name, "date", f"“{text[:40]}”不是日期，应写作 2026-06-30") from error


def _shape(node: Any) -> bytes:
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
            f"{_shown(node)} 不是几何。", "请用 WKT，例如 POLYGON((120 33,121 33,121 34,120 33))。"
        ) from error
    if shape is None or shape.is_empty:
        raise FilterError("筛选用的几何是空的。", "请画出范围。")
    west, south, east, north = shape.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise FilterError("筛选用的几何超出经纬度范围。", "坐标按经度、纬度书写，单位为度。")
    return bytes(shapely.to_wkb(shape if shape.is_valid else shapely.make_valid(shape)))
