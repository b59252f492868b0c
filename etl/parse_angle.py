"""Coordinates in cells: decimals, degrees-minutes-seconds, two numbers in one cell."""

from __future__ import annotations

import math
import re

from etl.fault import Fault
from etl.parse_text import compact, is_no_word, is_nothing, plain

_DMS = re.compile(
    r"^(?P<h1>[NSEWnsew东西南北]?[经纬]?)[:：]?(?P<d>-?\d{1,3}(?:\.\d+)?)[°º度d:](?:(?P<m>\d{1,2}(?:\.\d+)?)['′’‘分m:]?)?"
    r"(?:(?P<s>\d{1,2}(?:\.\d+)?)(?:[\"″”“秒s]|''|′′|'')?)?(?P<h2>[NSEWnsew东西南北]?[经纬]?)$"
)
_DECIMAL = re.compile(
    r"^(?P<h1>[NSEW东西北南]?[经纬]?)[:：]?(?P<v>[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?)[°度m米]?(?P<h2>[NSEW东西北南]?[经纬]?)$",
    re.I,
)
_SPACED = re.compile(
    r"^([NSEWnsew东西南北]?[经纬]?)[:：]?\s*(-?\d{1,3})\s+([0-5]?\d)\s+([0-5]?\d(?:\.\d+)?|60(?:\.0+)?)"
    r"\s*([NSEWnsew东西南北]?[经纬]?)$"
)
_HYPHENS = re.compile(
    r"^([NSEWnsew东西南北]?[经纬]?)[:：]?(\d{1,3})-([0-5]?\d)-([0-5]?\d(?:\.\d+)?)([NSEWnsew东西南北]?[经纬]?)$"
)
_TOGETHER = (  # E120.46°N33.20°, 东经120°27′北纬33°12′: nothing between, but each begins with its hemisphere
    re.compile(r"^((?:[EWew]|[东西]?经).+?)((?:[NSns]|[南北]?纬).+)$"),
    re.compile(r"^((?:[NSns]|[南北]?纬).+?)((?:[EWew]|[东西]?经).+)$"),
)
_WORDS = re.compile(r"([经纬])度(?!\d{1,3}分)")
_PAIR_SEPARATOR = re.compile(r"\s*[,，;；、|/\t]\s*|\s+")
_SOUTH_WEST = frozenset("SWsw南西")


def parse_coordinate(text: str | None) -> float | Fault | None:
    """Read one coordinate: ``120.16``, ``40514893.21``, ``120°09′36″``, ``东经120度9分36秒``, ``E120.16``.

    Returns
    -------
    float (degrees or metres as written), None for a cell that says nothing, or Fault ``coordinate_unreadable``.
    """
    if text is None or is_nothing(text) or is_no_word(text):
        return None
    if re.search(r"\d \d", plain(text)):
        spaced = _SPACED.match(plain(text))
        return _dms("{}{}°{}′{}″{}".format(*spaced.groups())) if spaced else Fault("coordinate_unreadable")
    text = _WORDS.sub(r"\1", text)
    hyphens = _HYPHENS.match(compact(text))
    if hyphens:
        return _dms("{}{}°{}′{}″{}".format(*hyphens.groups()))
    raw = compact(text).replace(",", "") if re.match(r"^\s*\d{1,3}(,\d{3})+(\.\d+)?\s*$", text) else compact(text)
    found = _DECIMAL.match(raw)
    if found:
        value = float(found.group("v"))
        if not math.isfinite(value):
            return Fault("coordinate_unreadable")
        negative = bool({*found.group("h1"), *found.group("h2")} & _SOUTH_WEST)
        return -value if negative else value
    return _dms(raw)


def _dms(raw: str) -> float | Fault:
    found = _DMS.match(raw)
    if found is None:
        return Fault("coordinate_unreadable")
    degrees = float(found.group("d"))
    minutes, seconds = float(found.group("m") or 0), float(found.group("s") or 0)
    if minutes > 60 or seconds > 60 or abs(degrees) > 180:  # 60.00″ is what rounding makes of 59.999″
        return Fault("coordinate_unreadable")
    value = abs(degrees) + minutes / 60 + seconds / 3600
    negative = degrees < 0 or bool({*found.group("h1"), *found.group("h2")} & _SOUTH_WEST)
    return -value if negative else value


def parse_pair(text: str | None) -> tuple[float, float] | Fault | None:
    """Read two coordinates from one cell, in the order in which they stand.

    ``北纬33°21′，东经120°9′`` and any pair whose hemispheres are named comes back longitude first.
    """
    if text is None or is_nothing(text) or is_no_word(text):
        return None
    raw = plain(text).strip("()[]（） ")
    raw = re.sub(r"(?i)^point\s*\(?", "", raw)
    parts = [p for p in _PAIR_SEPARATOR.split(raw) if p]
    if len(parts) != 2:
        together = next((m for pattern in _TOGETHER if (m := pattern.match(compact(raw)))), None)
        parts = [together.group(1).strip(",;"), together.group(2)] if together else parts
    if len(parts) != 2:
        split = re.match(r"^(.*?[NSEWnsew])\s*(.+)$", raw)
        parts = [split.group(1), split.group(2)] if split else parts
    if len(parts) != 2:
        return Fault("coordinate_unreadable")
    first, second = parse_coordinate(parts[0]), parse_coordinate(parts[1])
    if not isinstance(first, float) or not isinstance(second, float):
        return Fault("coordinate_unreadable")
    if re.search(r"[NnSs北南]|纬", parts[0]) and not re.search(r"[EeWw东西]|经", parts[0]):
        return second, first
    return first, second
