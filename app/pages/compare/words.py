"""How the page writes numbers, names and links to rows."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.compare.model import Column, Scene
from app.pages.format import DASH
from app.pages.map.model import PIN_SIGNS

MOST_PINS = len(PIN_SIGNS)


def sign_of(scene: Scene, code: str) -> Component | None:
    """Return the sign of a marked area, in its colour; None for others."""
    if code not in scene.state.pins[:MOST_PINS]:
        return None
    at = scene.state.pins.index(code)
    return html.Span(PIN_SIGNS[at], className="sig", style={"color": f"var(--v{at + 1})"}, **{"aria-hidden": "true"})


def colour_of(scene: Scene, code: str) -> str:
    """Return the colour of a marked area; "" for others."""
    return f"var(--v{scene.state.pins.index(code) + 1})" if code in scene.state.pins[:MOST_PINS] else ""


def signed(column: Column, change: float | None) -> str:
    """Write a change with its sign."""
    if change is None:
        return DASH
    text = column.how.text(change)
    return text if change <= 0 or text in ("0", "0.0") else f"+{text}"


def percent(change: float | None, was: float | None) -> str:
    """Write a change in per cent of what was; a dash where nothing was."""
    if change is None or not was:
        return DASH
    return f"{100 * change / was:+.1f}%"


def value_link(column: Column, code: str, text: str = "") -> Component | str:
    """Return a value that shows its rows; plain text where there are none."""
    row = column.row(code)
    shown = text or column.how.text(row.value)
    if row.value is None and column.measure is not None and column.measure.aggregate == "density":
        return html.Span(shown, title=t("compare.no_size"))
    if not row.n:
        return shown
    return html.Button(
        shown, type="button", className="lk", title=t("compare.rows_of", area=row.name, measure=column.title),
        **el.op(("set", "rows", f"{code}@{column.key}")),
    )  # fmt: skip


def told(column: Column, value: float | None) -> str:
    """Write a value with its unit."""
    how = column.how
    return f"{how.text(value)} {how.unit}".strip()


def pressed(on: bool) -> dict[str, Any]:
    """Return the state of a button that is in or out."""
    return {"aria-pressed": "true" if on else "false"}


def with_unit(name: str, unit: str) -> str:
    """Write a name with its unit in brackets."""
    return t("compare.with_unit", name=name, unit=unit) if unit else name
