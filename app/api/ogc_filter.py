"""An accepted filter as the published views understand it, so that /ogc counts what the API counts.

The views join lists with 、 and tipg renders CQL2 JSON itself; so list, emptiness and date tests are written
out in the plainest operators before tipg sees them.
"""

from __future__ import annotations

from typing import Any

from geo.errors import FilterError
from layers.registry import Catalogue
from layers.spec import Layer
from layers.store.cql2_text import parse_filter
from layers.store.filters import compile_filter

Json = dict[str, Any]
JOINT = "、"
TEXT_COLUMNS = frozenset(
    {"key", "name", "county_code", "unit_code", "township_code", "location_accuracy", "source_name"}
)


def published_filter(layer: Layer, cat: Catalogue, text: str) -> Json | None:
    """Check a filter as the API does and return it as CQL2 JSON over ``pub.<layer>``; None keeps everything.

    Raises
    ------
    FilterError
        As ``compile_filter``; a backslash in a LIKE is refused too, for tipg's engine reads it otherwise.
    """
    compile_filter(layer, cat, text, internal=False)
    tree = parse_filter(text)
    return None if tree is None else _rewrite(layer, tree)


def _kind(layer: Layer, name: str) -> str:
    spec = layer.field(name)
    if spec is None:
        return "text" if name in TEXT_COLUMNS else "date" if name == "data_date" else ""
    return {"list": "list", "date": "date", "text": "text", "code": "text"}.get(spec.type, "")


def _rewrite(layer: Layer, node: Json) -> Json:
    if "op" not in node:
        return node
    op, args = node["op"].lower(), node["args"]
    if op in ("and", "or", "not"):
        parts = [_rewrite(layer, a) for a in args]
        return {"op": op, "args": parts} if len(parts) > 1 or op == "not" else parts[0]
    if op in ("=", "<>", "<", "<=", ">", ">=") and "property" not in _as_dict(args[0]):
        op, args = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(op, op), args[::-1]
    name = next((a["property"] for a in map(_as_dict, args) if "property" in a), "")
    kind = _kind(layer, name)
    prop = {"property": name}
    if op == "isnull":
        empty: Json = {"op": "isNull", "args": [prop]}
        return _any([empty, {"op": "=", "args": [prop, ""]}]) if kind in ("text", "list") else empty
    if op == "like" and "\\" in args[1]:
        raise FilterError("这里的 LIKE 样式不能有反斜杠。", "请改用 % 和 _。", field=name)
    if kind == "list":
        return _list_test(prop, op, args[1])
    if kind == "date":
        return _date_test(prop, op, args[1:])
    return {"op": op, "args": [_literal(a) for a in args]}


def _as_dict(node: Any) -> Json:
    return node if isinstance(node, dict) else {}


def _any(tests: list[Json]) -> Json:
    return tests[0] if len(tests) == 1 else {"op": "or", "args": tests}


def _literal(node: Any) -> Any:
    box = _as_dict(node).get("bbox")
    if not isinstance(box, list):
        return node
    half = len(box) // 2
    w, s, e, n = box[0], box[1], box[half], box[half + 1]
    return {"type": "Polygon", "coordinates": [[[w, s], [e, s], [e, n], [w, n], [w, s]]]}


def _list_test(prop: Json, op: str, wanted: Any) -> Json:
    values = wanted if isinstance(wanted, list) else [wanted]
    tests: list[Json] = []
    for value in values:
        bare = value if op == "like" else value.replace("%", "").replace("_", "")
        if bare != value:
            raise FilterError("多值字段的值里不能有 % 和 _。", "请用词表里的词。", field=prop["property"])
        forms = [value, f"{value}{JOINT}%", f"%{JOINT}{value}", f"%{JOINT}{value}{JOINT}%"]
        tests += [{"op": "like", "args": [prop, form]} for form in forms]
    found = _any(tests)
    return {"op": "not", "args": [found]} if op == "<>" else found


def _date(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return {"timestamp" if "T" in value else "date": value}


def _date_test(prop: Json, op: str, rest: list[Any]) -> Json:
    interval = _as_dict(rest[0]).get("interval")
    if interval is not None:
        signs = (">", "<") if op == "t_during" else (">=", "<=")
        tests = [
            {"op": sign, "args": [prop, _date(bound)]}
            for sign, bound in zip(signs, interval, strict=True)
            if bound != ".."
        ]
        none = {"op": "not", "args": [{"op": "isNull", "args": [prop]}]}
        return {"op": "and", "args": tests} if len(tests) == 2 else tests[0] if tests else none
    sign = {"t_after": ">", "t_before": "<", "t_equals": "=", "t_intersects": "="}.get(op, op)
    values = [[_date(v) for v in a] if isinstance(a, list) else _date(a) for a in rest]
    return {"op": sign, "args": [prop, *values]}
