"""Conditions of a filter: read from a URL, written as a chip, compiled to CQL2 text."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app.i18n import t
from app.pages.format import quantity
from layers.registry import Catalogue
from layers.spec import FieldSpec, Layer

NONE = "-"  # stands for "no value" among the terms of a condition


@dataclass(frozen=True)
class Condition:
    """One field of one layer held to some terms, or to a range of stored values.

    ``terms`` holds alternatives ("-" is "no value"); ``low`` and ``high`` are inclusive, None is open.
    """

    layer: str
    field: str
    terms: tuple[str, ...] = ()
    low: float | str | None = None
    high: float | str | None = None

    def query(self) -> tuple[str, str]:
        """Return the URL parameter that holds this condition."""
        key = f"f.{self.layer}.{self.field}"
        if self.terms:
            return key, ",".join(self.terms)
        return key, f"{_plain(self.low)}~{_plain(self.high)}"


def _plain(value: float | str | None) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def filter_fields(layer: Layer) -> list[FieldSpec]:
    """Return the fields people filter by: terms, yes or no, numbers and dates that are public."""
    return [
        f
        for f in layer.fields
        if f.filter is not False
        and not f.internal
        and (f.filter or f.is_categorical or f.is_number or f.type in ("boolean", "date"))
    ]


def parse_condition(cat: Catalogue, layer: Layer, field_id: str, text: str) -> Condition | None:
    """Read a condition from the URL; None when the field or every value of it is unknown."""
    spec = layer.field(field_id)
    if spec is None or spec.internal or not text:
        return None
    if spec.is_number or spec.type == "date":
        if text == NONE:
            return Condition(layer.id, field_id, (NONE,))
        low, mark, high = text.partition("~")
        if not mark:
            return None
        found = Condition(layer.id, field_id, (), _bound(spec, low), _bound(spec, high))
        return None if found.low is None and found.high is None else found
    if spec.type == "boolean":
        known: tuple[str, ...] = ("1", "0", NONE)
    elif spec.is_categorical:
        known = (*cat.terms(spec), NONE)
    else:
        return Condition(layer.id, field_id, (text,))
    asked = text.split(",")
    terms = tuple(k for k in known if k in asked)
    return Condition(layer.id, field_id, terms) if terms else None


def _bound(spec: FieldSpec, text: str) -> float | str | None:
    try:
        if spec.type == "date":
            return dt.date.fromisoformat(text).isoformat()
        return float(text)
    except ValueError:
        return None


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _clause(spec: FieldSpec, condition: Condition) -> str:
    if condition.terms:
        terms = [x for x in condition.terms if x != NONE]
        parts = []
        if spec.type == "boolean":
            parts += [f"{spec.id} = {'true' if x == '1' else 'false'}" for x in terms]
        elif len(terms) == 1 or spec.type == "list":
            parts += [f"{spec.id} = {_quote(x)}" for x in terms]
        elif terms:
            parts.append(f"{spec.id} IN ({', '.join(map(_quote, terms))})")
        if NONE in condition.terms:
            parts.append(f"{spec.id} IS NULL")
        return parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"
    write = (lambda v: f"DATE('{v}')") if spec.type == "date" else _plain
    bounds = [(">=", condition.low), ("<=", condition.high)]
    return " AND ".join(f"{spec.id} {sign} {write(value)}" for sign, value in bounds if value is not None)


def to_cql2(layer: Layer, conditions: tuple[Condition, ...], axis: str = "county", areas: tuple[str, ...] = ()) -> str:
    """Compile the conditions on one layer, and the chosen areas, to CQL2 text; "" is everything."""
    clauses = []
    for condition in conditions:
        spec = layer.field(condition.field)
        if condition.layer == layer.id and spec is not None:
            clauses.append(_clause(spec, condition))
    if areas:
        codes = ", ".join(map(_quote, areas))
        clauses.append(f"{axis}_code = {codes}" if len(areas) == 1 else f"{axis}_code IN ({codes})")
    return " AND ".join(clauses)


def label(cat: Catalogue, condition: Condition) -> str:
    """Return the sentence on a condition's chip, such as 总投资 ≥ 10.0 亿元."""
    spec = cat.layer(condition.layer).field(condition.field)
    title = spec.title if spec else condition.field
    if condition.terms:
        words = {NONE: t("filter.none")}
        if spec is not None and spec.type == "boolean":
            words |= {"1": t("filter.yes"), "0": t("filter.no")}
        return t("filter.is", field=title, terms=t("list.or").join(words.get(x, x) for x in condition.terms))
    how = quantity(spec) if spec is not None and spec.is_number else None

    def shown(value: float | str) -> str:
        return how.text(float(value)) if how else str(value)

    unit = f" {how.unit}" if how and how.unit else ""
    if condition.low is None and condition.high is not None:
        return t("filter.most", field=title, high=shown(condition.high), unit=unit)
    if condition.high is None and condition.low is not None:
        return t("filter.least", field=title, low=shown(condition.low), unit=unit)
    return t("filter.between", field=title, low=shown(condition.low or 0), high=shown(condition.high or 0), unit=unit)
