"""How the page writes figures, criteria and limits, and the colours of criteria."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.format import DASH, number
from layers.site_words import percent

N_HUES = 8
SIGNS = {"<=": "≤", ">=": "≥", "<": "<", ">": ">", "=": "=", "<>": "≠"}


def hue(index: int) -> str:
    """Return the colour of the criterion at a position."""
    return f"var(--v{index % N_HUES + 1})"


def figure(value: float | None, unit: str = "", labels: list[str] | None = None) -> str:
    """Write a criterion's figure with its unit, or its label; a dash for none."""
    if value is None:
        return DASH
    if labels and 0 <= round(value) < len(labels):
        return labels[round(value)]
    return f"{plain(value)} {unit}".strip()


def plain(value: float | None) -> str:
    """Write a number with as many digits as it deserves."""
    if value is None:
        return DASH
    size = abs(value)
    return number(value, 0 if size >= 1000 or float(value).is_integer() else 1 if size >= 10 else 2)


def score(value: float | None) -> str:
    """Write a score or a value between 0 and 1."""
    return DASH if value is None else f"{value:.3f}"


def share(value: float | None) -> str:
    """Write a share as a percentage."""
    return DASH if value is None else percent(value)


def entered(value: Any) -> str:
    """Write a number as it stands in an input."""
    return "" if value is None else f"{value:.12g}" if isinstance(value, float) else str(value)


def demo_tag(row: Mapping[str, Any]) -> Component | None:
    """Return the label of demonstration data, unless the site's own name says it."""
    said = str(row.get("name", "")).startswith(t("demo.tag"))
    return el.demo_tag() if row["is_demo"] and not said else None


__all__ = ["SIGNS", "demo_tag", "entered", "figure", "hue", "plain", "score", "share"]
