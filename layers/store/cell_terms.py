"""What the cell pyramid tells apart: its levels, sums and terms, and which filters it can answer."""

from __future__ import annotations

from psycopg import sql

from layers.spec import FieldSpec, Layer
from layers.store.cql2_text import parse_filter

LEVELS = (6, 8, 10, 12, 14, 16)
FINEST = LEVELS[-1]


def summed(layer: Layer) -> tuple[FieldSpec, ...]:
    """Return the fields whose sums the cells hold, in the order of ``known`` and ``sums``."""
    return tuple(f for f in layer.fields if f.role == "extensive")


def term_field(layer: Layer) -> str:
    """Return the field by whose values cells are counted apart: the one that colours the layer, '' for none."""
    spec = layer.field(layer.style.color_by) if layer.style.color_by else None
    return spec.id if spec is not None and spec.is_categorical and spec.type == "code" and not spec.internal else ""


def simple_terms(layer: Layer, text: str) -> dict[str, list[str]] | None:
    """Return a filter as values of what the pyramid tells apart; None when it asks for anything else.

    The pyramid tells apart county_code, unit_code and the field that colours the layer.
    """
    tree = parse_filter(text or "")
    if tree is None:
        return {}
    known = {"county_code": "county_code", "unit_code": "unit_code"}
    if term_field(layer):
        known[term_field(layer)] = "term"
    found: dict[str, list[str]] = {}
    for node in tree["args"] if tree.get("op") == "and" else [tree]:
        op, args = node.get("op"), node.get("args")
        if op not in ("=", "in") or not isinstance(args, list) or len(args) != 2 or not isinstance(args[0], dict):
            return None
        column = known.get(str(args[0].get("property")))
        values = args[1] if op == "in" else [args[1]]
        plain = isinstance(values, list) and values and all(isinstance(v, str) and v for v in values)
        if column is None or column in found or not plain:
            return None
        found[column] = values
    return found


def cell_tests(wanted: dict[str, list[str]], demo: bool) -> tuple[sql.Composed, dict[str, object]]:
    """Return the test over alias ``c`` of the cells for such a filter, and its parameters."""
    tests: list[sql.Composable] = [sql.SQL("TRUE") if demo else sql.SQL("NOT c.is_demo")]
    params: dict[str, object] = {}
    for column, values in wanted.items():
        tests.append(sql.SQL("c.{} = ANY({})").format(sql.Identifier(column), sql.Placeholder(f"only_{column}")))
        params[f"only_{column}"] = values
    return sql.SQL(" AND ").join(tests), params
