"""What the page says of a target: its comparator, its status, its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from app.i18n import t
from app.pages import el
from app.pages.format import DASH
from layers.targets_judge import STATUS_NAMES, number, quantity

__all__ = ["COLOURS", "amount", "comparator", "quantity", "share_text", "shown", "sign", "status_name", "status_tag"]

# The token of each status, and the tag's. A status is always said in words beside its colour.
COLOURS = {
    "met": "reed", "on_track": "sea", "behind": "flat", "pending_list": "amber", "unmet_strive": "ink-4",
    "no_data": "line-2", "info": "line-2",
}  # fmt: skip
_TAGS = {"met": "reed", "on_track": "sea", "behind": "flat", "pending_list": "amber"}
_SIGNS = {"at_least": "≥", "more_than": ">", "about": "≈", "exactly": "="}


def amount(value: float | int | None) -> str:
    """Write a figure as the reasons do: thousands separated, at most two decimals; a dash for none."""
    if value is None:
        return DASH
    return number(int(value) if float(value).is_integer() else float(value))


def shown(value: float | int | None, unit: str) -> str:
    """Write a figure with its unit; a dash for none."""
    return DASH if value is None else quantity(value, unit)


def sign(row: Mapping[str, Any]) -> str:
    """Return the comparator's sign before the target's number."""
    words = _SIGNS.get(row["judge"], "")
    return t("targets.strive_sign", sign=words) if row["strive"] else words


def comparator(row: Mapping[str, Any]) -> str:
    """Return in words how a value is held against the target."""
    target, unit = row["target"], row["unit"]
    if row["kind"] == "threshold":
        return t("targets.c_threshold", target=quantity(target, unit))
    if row["kind"] == "milestone":
        return t("targets.c_milestone")
    if row["judge"] == "about":
        low, high = (quantity(round(target + s * row["band_width"], 6), unit) for s in (-1, 1))
        return t("targets.c_about", target=quantity(target, unit), low=low, high=high)
    name = "c_bare" if row["comparator"] == "=" and row["judge"] == "at_least" else f"c_{row['judge']}"
    text = t(f"targets.{name}", target=quantity(target, unit))
    return t("targets.c_strive", text=text) if row["strive"] else text


def status_name(status: str) -> str:
    """Return a status in words."""
    return STATUS_NAMES[status]  # type: ignore[index]


def status_tag(status: str) -> html.Span:
    """Return a status as a label."""
    return el.tag(status_name(status), f"st-{status} {_TAGS.get(status, '')}".strip())


def share_text(value: float | None) -> str:
    """Write a share in whole per cent; a dash for none."""
    return DASH if value is None else f"{value:.0f}"
