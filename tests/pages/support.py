"""Small records whose sums a reader can do by hand, and ways to look into components."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dash.development.base_component import Component

from app.pages.view import Rollup, RollupRow

YI = 100_000_000


def rollup(*values: float | None, outside: float = 0, unlocated: float = 0) -> Rollup:
    """Areas A, B, C … with these values; one thing for each that has a value."""
    rows = tuple(RollupRow(f"32090{i}", chr(ord("A") + i), v, 1 if v is not None else 0) for i, v in enumerate(values))
    known = [v for v in values if v is not None]
    total = sum(known) + outside + unlocated
    n = len(known) + bool(outside) + bool(unlocated)
    return Rollup(
        rows,
        RollupRow("outside", "界外", outside, int(bool(outside))),
        RollupRow("unlocated", "未定位", unlocated, int(bool(unlocated))),
        RollupRow("", "合计", total, n),
    )


def walk(node: Any) -> Iterator[Component]:
    """Every component below a component, a list, or nothing."""
    if isinstance(node, (list, tuple)):
        for child in node:
            yield from walk(child)
    elif isinstance(node, Component):
        yield node
        yield from walk(getattr(node, "children", None))


def text(node: Any) -> str:
    """What a person reads in a component."""
    if isinstance(node, (list, tuple)):
        return "".join(text(child) for child in node)
    if isinstance(node, Component):
        return text(getattr(node, "children", None))
    return "" if node is None else str(node)


def links(node: Any) -> dict[str, str]:
    """The links of a component: text to address."""
    return {text(c): c.href for c in walk(node) if getattr(c, "href", None)}


def attribute(component: Component, name: str) -> Any:
    """A data- or aria- attribute."""
    return getattr(component, name, None)
