"""How numbers, units and dates are written: 1,234.5 亿元, 412.5 亩, a dash for no data, 0 for zero."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

from layers.spec import FieldSpec, FigureSeries, Measure

DASH = "—"
_SCALES = {"亿": 1e8, "万": 1e4, "千": 1e3}
_PAIRS = {("m²", "km²"): 1e6, ("m²", "hm²"): 1e4, ("m²", "亩"): 2000 / 3}
_WHOLE = frozenset("个家处项宗条天")


@dataclass(frozen=True)
class Quantity:
    """How a stored number is shown: divided by ``factor``, rounded to ``digits``, followed by ``unit``."""

    unit: str = ""
    factor: float = 1.0
    digits: int = 1
    grouped: bool = True

    def text(self, value: float | None) -> str:
        """Return the shown number without its unit; a dash when there is none."""
        text = number(value, self.digits, self.factor)
        return text if self.grouped else text.replace(",", "")


def factor_of(unit: str, display_unit: str) -> float:
    """Return what a number in ``unit`` is divided by to be shown in ``display_unit``."""
    if not display_unit or display_unit == unit:
        return 1.0
    if (unit, display_unit) in _PAIRS:
        return _PAIRS[unit, display_unit]
    head = display_unit[:1]
    return _SCALES[head] if head in _SCALES and display_unit[1:] == unit else 1.0


def quantity(item: FieldSpec | FigureSeries | Measure | None, noun: str = "") -> Quantity:
    """Return how a field, a series or a measure is shown; None is the count of things, in their noun."""
    if item is None:
        return Quantity(noun, 1.0, 0)
    shown = item.display_unit or item.unit
    whole = shown in _WHOLE or (isinstance(item, FieldSpec) and item.type == "integer")
    is_year = item.id.endswith("year")
    return Quantity(shown, factor_of(item.unit, shown), 0 if whole else 1, not is_year)


def number(value: float | None, digits: int = 1, factor: float = 1.0) -> str:
    """Write a number with thousands separators; small numbers keep two significant digits."""
    if value is None or math.isnan(float(value)):
        return DASH
    shown = float(value) / factor
    if digits and 0 < abs(shown) < 10**-digits:
        digits = min(6, 1 - math.floor(math.log10(abs(shown))))
    text = f"{shown:,.{digits}f}"
    return text[1:] if text.startswith("-") and not any(c in "123456789" for c in text) else text


def share(part: float | None, whole: float | None) -> str:
    """Write part of whole in per cent with one decimal; a dash when there is no whole."""
    if part is None or not whole:
        return DASH
    return f"{100 * float(part) / float(whole):.1f}"


def day(value: dt.date | str | None) -> str:
    """Write a date as 2026-03-05; a dash when there is none."""
    if not value:
        return DASH
    return value.isoformat()[:10] if isinstance(value, dt.date) else str(value)[:10]


def degrees(lon: float, lat: float) -> str:
    """Write a place in degrees."""
    return f"{lon:.4f}°E {lat:.4f}°N"


def as_date(value: dt.date | str | None) -> dt.date | None:
    """Read a date that may have come through JSON."""
    if isinstance(value, dt.datetime):
        return value.date()
    if value is None or isinstance(value, dt.date):
        return value
    return dt.date.fromisoformat(value[:10])
