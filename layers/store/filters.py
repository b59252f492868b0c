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

from psycopg import sql

from geo.errors import FilterError
from layers.registry import Catalogue
from layers.spec import Layer
from layers.store.cql2_text import parse_filter
from layers.store.filter_literals import (
    check_count,
    is_property,
    literal_date,
    literal_shape,
    mismatch,
    operation,
    property_name,
    shown,
)
from layers.store.slices import columns_of

MAX_NODES = 2000
_COMMON_KINDS = {"id": "number", "source_row": "number", "is_demo": "boolean", "data_date": "date"}
_FIELD_KINDS = {
    "text": "text", "code": "text", "list": "list", "integer": "number", "number": "number", "cny": "number",
    "date": "date", "boolean": "boolean",
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
    return replace(chosen, where=where, params=chosen.params | {"drawn": literal_shape(geometry)}, geometry=True)


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
            column, kind = self.column(property_name(node))
            if kind != "boolean":
                raise mismatch(property_name(node), kind, "请写明比较，例如 = 或 IS NULL")
            return sql.Composed([column])
        op, args = operation(node)
        if op in ("and", "or"):
            return sql.SQL("({})").format(sql.SQL(_JOINS[op]).join([self.test(a) for a in args]))
        if op == "not":
            check_count(op, args, 1)
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
        check_count(op, args, 2)
        left, right = args
        if not is_property(left):
            if not is_property(right):
                raise FilterError("筛选条件比较了两个固定的值。", "请让比较的一边是字段。")
            left, right = right, left
            op = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(op, op)
        name = property_name(left)
        column, kind = self.column(name)
        sign = sql.SQL(_COMPARE[op])
        if kind == "geom":
            raise mismatch(name, kind, "请用 S_INTERSECTS 或 S_WITHIN")
        if kind == "list":
            if op not in ("=", "<>") or is_property(right):
                raise mismatch(name, kind, "只能用 =（包含）、<>、IN、LIKE 和 IS NULL")
            found = sql.SQL("{} = ANY({})").format(self.literal(name, "text", right), column)
            return found if op == "=" else sql.SQL("NOT ({})").format(found)
        if kind == "boolean" and op not in ("=", "<>"):
            raise mismatch(name, kind, "只能用 = 和 <>")
        if is_property(right):
            other, other_kind = self.column(property_name(right))
            if other_kind != kind:
                raise mismatch(name, kind, f"不能与字段“{property_name(right)}”比较")
            return sql.SQL("{} {} {}").format(column, sign, other)
        return sql.SQL("{} {} {}").format(column, sign, self.literal(name, kind, right))

    def literal(self, name: str, kind: str, value: Any) -> sql.Composable:
        if kind == "number" and isinstance(value, (int, float)) and not isinstance(value, bool):
            if not math.isfinite(value):
                raise mismatch(name, kind, "数字太大")
            whole = int(value)
            exact = whole == value and abs(whole) < 2**63
            return self.bind(whole if exact else float(value), "::bigint" if exact else "::double precision")
        if kind == "text" and isinstance(value, str):
            return self.bind(value, "::text")
        if kind == "boolean" and isinstance(value, bool):
            return self.bind(value, "::boolean")
        if kind == "date":
            moment = literal_date(name, value)
            return self.bind(moment, "::timestamp" if isinstance(moment, dt.datetime) else "::date")
        raise mismatch(name, kind, f"不能与 {shown(value)} 比较")

    def member(self, args: list[Any]) -> sql.Composable:
        check_count("in", args, 2)
        name = self.subject("in", args[0])
        column, kind = self.column(name)
        if kind == "geom" or not isinstance(args[1], list) or not args[1]:
            raise mismatch(name, kind, "IN 后面要有一列固定的值")
        inner = "text" if kind == "list" else kind
        values = sql.SQL(", ").join([self.literal(name, inner, v) for v in args[1]])
        if kind == "list":
            return sql.SQL("{} && ARRAY[{}]").format(column, values)
        return sql.SQL("{} IN ({})").format(column, values)

    def between(self, args: list[Any]) -> sql.Composable:
        check_count("between", args, 3)
        name = self.subject("between", args[0])
        column, kind = self.column(name)
        if kind not in ("number", "date", "text"):
            raise mismatch(name, kind, "不能用 BETWEEN")
        low, high = (self.literal(name, kind, v) for v in args[1:])
        return sql.SQL("{} BETWEEN {} AND {}").format(column, low, high)

    def like(self, args: list[Any]) -> sql.Composable:
        check_count("like", args, 2)
        name = self.subject("like", args[0])
        column, kind = self.column(name)
        pattern = args[1]
        if kind not in ("text", "list") or not isinstance(pattern, str):
            raise mismatch(name, kind, "LIKE 只用于文字，样式写在引号里")
        if (len(pattern) - len(pattern.rstrip("\\"))) % 2:
            raise FilterError(f"字段“{name}”的 LIKE 样式以单个反斜杠结尾。", "请删除它或写成两个。", field=name)
        bound = self.literal(name, "text", pattern)
        if kind == "list":
            return sql.SQL("EXISTS (SELECT 1 FROM unnest({}) AS v WHERE v LIKE {})").format(column, bound)
        return sql.SQL("{} LIKE {}").format(column, bound)

    def is_null(self, args: list[Any]) -> sql.Composable:
        check_count("isNull", args, 1)
        column, kind = self.column(self.subject("IS NULL", args[0]))
        if kind == "text":
            return sql.SQL("({0} IS NULL OR {0} = '')").format(column)
        if kind == "list":
            return sql.SQL("coalesce(cardinality({}), 0) = 0").format(column)
        return sql.SQL("{} IS NULL").format(column)

    def subject(self, op: str, node: Any) -> str:
        if not is_property(node):
            raise FilterError(f"“{op}”的左边要是字段。", "请把字段写在前面。", operator=op)
        return property_name(node)

    def temporal(self, op: str, args: list[Any]) -> sql.Composable:
        check_count(op, args, 2)
        name = self.subject(op, args[0])
        column, kind = self.column(name)
        if kind != "date":
            raise mismatch(name, kind, f"不能用 {op.upper()}")
        bounds = args[1].get("interval") if isinstance(args[1], dict) else None
        if bounds is None:
            if op == "t_during":
                raise mismatch(name, kind, "T_DURING 后面要有 INTERVAL")
            sign = {"t_after": ">", "t_before": "<"}.get(op, "=")
            return sql.SQL("{} {} {}").format(column, sql.SQL(sign), self.literal(name, kind, args[1]))
        if op not in ("t_during", "t_intersects") or not isinstance(bounds, list) or len(bounds) != 2:
            raise mismatch(name, kind, "区间写作 INTERVAL('起','止')，用于 T_DURING 或 T_INTERSECTS")
        signs = (">", "<") if op == "t_during" else (">=", "<=")
        tests = [
            sql.SQL("{} {} {}").format(column, sql.SQL(sign), self.literal(name, kind, bound))
            for sign, bound in zip(signs, bounds, strict=True)
            if bound != ".."
        ]
        return sql.SQL("({})").format(sql.SQL(" AND ").join(tests or [sql.SQL("{} IS NOT NULL").format(column)]))

    def spatial(self, op: str, args: list[Any]) -> sql.Composable:
        check_count(op, args, 2)
        first, second = args
        if op == "s_intersects" and not is_property(first):
            first, second = second, first
        name = self.subject(op, first)
        column, kind = self.column(name)
        if kind != "geom":
            raise mismatch(name, kind, f"{op.upper()} 只用于 geom")
        shape = self.bind(literal_shape(second), "::bytea")
        return sql.SQL("{}({}, ST_GeomFromWKB({}, 4490))").format(sql.SQL(_SPATIAL[op]), column, shape)
