"""Small charts of plain boxes, coloured by theme tokens: no picture to load, none to redraw on a theme change."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component


def area_curve(values: Sequence[float]) -> Component:
    """Return a small filled curve of a series that starts at zero."""
    top = max(values) or 1
    last = len(values) - 1 or 1
    line = [(100 * i / last, 100 - 100 * max(0.0, v) / top) for i, v in enumerate(values)]
    outline = ", ".join(f"{x:.1f}% {y:.1f}%" for x, y in line)
    band = outline + ", " + ", ".join(f"{x:.1f}% {min(100, y + 7):.1f}%" for x, y in reversed(line))
    return html.Div(
        [
            html.I(className="fill", style={"clipPath": f"polygon({outline}, 100% 100%, 0% 100%)"}),
            html.I(className="line", style={"clipPath": f"polygon({band})"}),
        ],
        className="curve",
        **{"aria-hidden": "true"},
    )
