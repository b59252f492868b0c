"""CQL2 text into CQL2 JSON, in time linear in its length and with bounded depth.

The ``cql2`` package's parser ends the process on some inputs of 4,000 characters (``x=---…1``) and needs
minutes for others of forty (32 open brackets), so text from outside never reaches it: this reads the closed
part of the language that filters may use, and gives the same JSON that ``cql2`` gives.

Grammar: ``or := and (OR and)*``, ``and := not (AND not)*``, ``not := NOT not | "(" or ")" | predicate``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, NoReturn

import shapely
from shapely.errors import ShapelyError

from geo.errors import FilterError

MAX_CHARACTERS = 4000
MAX_DEPTH = 32

Json = dict[str, Any]

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
  | (?P<string>'(?:''|\\'|[^'])*')
  | "(?P<quoted>[^"]+)"
  | (?P<word>[^\W\d]\w*(?:[.:]\w+)*)
  | (?P<symbol><>|<=|>=|=|<|>|\(|\)|,)
    )""",
    re.VERBOSE,
)
_GEOMETRIES = frozenset(
    {"POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION"}
)
_COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})
_CURE = "请按 CQL2 文本书写，例如：level = '国家级' AND planned_mu >= 1000。"


def parse_filter(text: str) -> Json | None:
    """Return a filter as CQL2 JSON, or None for an empty one.

    Parameters
    ----------
    text : str
        CQL2 text, or CQL2 JSON (an object); at most 4,000 characters and 32 nested brackets or NOTs.

    Raises
    ------
    FilterError
        Too long, too deep, not CQL2; the message says where.
    """
    if len(text) > MAX_CHARACTERS:
        raise FilterError(f"筛选条件有 {len(text)} 个字符，最多 {MAX_CHARACTERS} 个。", "请缩短筛选条件。")
    if "\x00" in text or (not text.isprintable() and any(0xD800 <= ord(c) <= 0xDFFF for c in text)):
        raise FilterError("筛选条件含有不能使用的字符。", "请删除不可见字符。")
    if not text.strip():
        return None
    if text.lstrip().startswith("{"):
        return _parse_json(text)
    return _Parser(text).parse()


def _parse_json(text: str) -> Json:
    depth = deepest = 0
    for character in re.sub(r'"(?:\\.|[^"\\])*"', "", text):
        depth += (character in "[{") - (character in "]}")
        deepest = max(deepest, depth)
    if deepest > 2 * MAX_DEPTH:
        raise _too_deep()
    try:
        found = json.loads(text)
    except ValueError as error:
        raise FilterError("筛选条件不是有效的 CQL2 JSON。", _CURE) from error
    if not isinstance(found, dict):
        raise FilterError("筛选条件不是有效的 CQL2 JSON。", _CURE)
    return found


def _too_deep() -> FilterError:
    return FilterError(f"筛选条件的括号和 NOT 嵌套超过 {MAX_DEPTH} 层。", "请化简筛选条件。")


class _Parser:
    """Recursive descent over tokens; the recursion is bounded by ``MAX_DEPTH``."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[tuple[str, str, int, int]] = []
        position = 0
        end = len(text.rstrip())
        while position < end:
            found = _TOKEN.match(text, position)
            if found is None or found.lastgroup is None:
                self.wrong(position)
            self.tokens.append((found.lastgroup, found[found.lastgroup], found.start(found.lastgroup), found.end()))
            position = found.end()
        self.tokens.append(("end", "", end, end))
        self.at = 0
        self.depth = 0

    def wrong(self, position: int) -> NoReturn:
        rest = self.text[position : position + 12].strip() or "（末尾）"
        raise FilterError(f"筛选条件从第 {position + 1} 个字符“{rest}”起看不懂。", _CURE, position=position + 1)

    def wrong_here(self) -> NoReturn:
        self.wrong(self.tokens[self.at][2])

    def peek(self, *words: str) -> bool:
        kind, value = self.tokens[self.at][:2]
        return kind in ("word", "symbol") and value.upper() in words

    def take(self, *words: str) -> bool:
        found = self.peek(*words)
        self.at += found
        return found

    def expect(self, *words: str) -> None:
        if not self.take(*words):
            self.wrong_here()

    def parse(self) -> Json:
        found = self.any_of()
        if self.tokens[self.at][0] != "end":
            self.wrong_here()
        return found

    def nested(self, read: Callable[[], Json]) -> Json:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _too_deep()
        found = read()
        self.depth -= 1
        return found

    def any_of(self) -> Json:
        return self.chain("or", self.all_of)

    def all_of(self) -> Json:
        return self.chain("and", self.negation)

    def chain(self, op: str, read: Callable[[], Json]) -> Json:
        parts = [read()]
        while self.take(op.upper()):
            parts.append(read())
        return parts[0] if len(parts) == 1 else {"op": op, "args": parts}

    def negation(self) -> Json:
        if self.take("NOT"):
            return {"op": "not", "args": [self.nested(self.negation)]}
        if self.take("("):
            found = self.nested(self.any_of)
            self.expect(")")
            return found
        return self.predicate()

    def predicate(self) -> Json:
        left = self.operand()
        kind, value = self.tokens[self.at][:2]
        if kind == "symbol" and value in _COMPARISONS:
            self.at += 1
            return {"op": value, "args": [left, self.operand()]}
        if self.take("IS"):
            negated = self.take("NOT")
            self.expect("NULL")
            return self.maybe_not(negated, {"op": "isNull", "args": [left]})
        negated = self.take("NOT")
        if self.take("IN"):
            return self.maybe_not(negated, {"op": "in", "args": [left, self.listed()]})
        if self.take("BETWEEN"):
            low = self.operand()
            self.expect("AND")
            return self.maybe_not(negated, {"op": "between", "args": [left, low, self.operand()]})
        if self.take("LIKE"):
            return self.maybe_not(negated, {"op": "like", "args": [left, self.operand()]})
        if negated or not isinstance(left, dict):
            self.wrong_here()
        return left

    @staticmethod
    def maybe_not(negated: bool, node: Json) -> Json:
        return {"op": "not", "args": [node]} if negated else node

    def listed(self) -> list[Any]:
        self.expect("(")
        found = [self.operand()]
        while self.take(","):
            found.append(self.operand())
        self.expect(")")
        return found

    def operand(self) -> Any:
        kind, value, _, _ = self.tokens[self.at]
        if kind == "number":
            self.at += 1
            return float(value)
        if kind == "string":
            self.at += 1
            return value[1:-1].replace("''", "'").replace("\\'", "'")
        if kind == "quoted":
            self.at += 1
            return {"property": value}
        if kind != "word":
            self.wrong_here()
        self.at += 1
        return self.worded(value)

    def worded(self, word: str) -> Any:
        upper = word.upper()
        if upper in ("TRUE", "FALSE"):
            return upper == "TRUE"
        if upper == "NULL":
            return None
        if upper in _GEOMETRIES and (self.peek("(", "Z", "M", "ZM", "EMPTY")):
            return self.geometry()
        if not self.peek("("):
            if upper in ("AND", "OR", "NOT", "IN", "LIKE", "BETWEEN", "IS"):
                self.at -= 1
                self.wrong_here()
            return {"property": word}
        arguments = self.nested(lambda: {"args": self.listed()})["args"]
        if upper in ("DATE", "TIMESTAMP") and len(arguments) == 1:
            return {word.lower(): arguments[0]}
        if upper in ("INTERVAL", "BBOX"):
            return {word.lower(): arguments}
        return {"op": word.lower(), "args": arguments}

    def geometry(self) -> Json:
        start = self.tokens[self.at - 1][2]
        if not self.take("EMPTY"):
            self.take("Z", "M", "ZM")
            self.brackets()
        wkt = self.text[start : self.tokens[self.at - 1][3]]
        try:
            return dict(json.loads(shapely.to_geojson(shapely.force_2d(shapely.from_wkt(wkt)))))
        except (ShapelyError, ValueError):
            self.wrong(start)

    def brackets(self) -> None:
        self.expect("(")
        depth = 1
        while depth:
            if self.tokens[self.at][0] == "end":
                self.wrong_here()
            depth += self.peek("(") - self.peek(")")
            if self.depth + depth > MAX_DEPTH:
                raise _too_deep()
            self.at += 1
