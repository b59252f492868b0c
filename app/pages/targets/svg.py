"""Small pictures as SVG text, coloured by theme tokens: the gauge of a target and its year.

A component carries the text in ``data-svg`` and ``markup`` puts it into the page as it is, so that a theme change
recolours it and a printer draws it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from dash import html

from app.i18n import t
from app.pages.targets.words import COLOURS, amount, quantity, shown

ROOM = 1.08  # of the target's place, so that what is beyond it can be seen
WIDTH, HEIGHT = 408, 132
LEFT, RIGHT, TOP, BOTTOM = 44, 40, 14, 104


def picture(svg: str, label: str, className: str = "") -> html.Div:  # noqa: N803 - as Dash names it
    """Return the place where an SVG is drawn, with what it says in words."""
    return html.Div(className=f"pic {className}".strip(), role="img", **{"data-svg": svg, "aria-label": label})


def gauge_label(row: Mapping[str, Any]) -> str:
    """Return what a gauge shows, in words."""
    parts = [t("targets.g_value", value=shown(row["value"], row["unit"]))]
    if row["due"] is not None:
        parts.append(t("targets.g_due", value=quantity(row["due"], row["unit"])))
    parts.append(t("targets.g_target", value=quantity(row["target"], row["unit"])))
    return t("list.comma").join(parts)


def gauge(row: Mapping[str, Any], className: str = "gauge") -> html.Div:  # noqa: N803
    """Return a target's bar: thick tick for what is due today (where anything is), thin one for the target."""
    target, value = float(row["target"]), row["value"]
    top = max(target * ROOM, float(value or 0) * 1.03) or 1.0

    def at(x: float) -> str:
        return f"{100 * min(max(x, 0.0), top) / top:.2f}%"

    colour = COLOURS[row["status"]]
    parts = [f'<rect x="0" y="8" width="{at(target)}" height="6" rx="1" fill="var(--surface-3)"/>']
    if row.get("band_width"):
        low, high = target - row["band_width"], target + row["band_width"]
        wide = 100 * (min(high, top) - max(low, 0.0)) / top
        parts.append(f'<rect x="{at(low)}" y="5" width="{wide:.2f}%" height="12" fill="var(--line-2)" opacity=".7"/>')
    if value is None:
        parts.append(f'<line x1="0" y1="11" x2="{at(target)}" y2="11" stroke="var(--ink-4)" stroke-dasharray="2 3"/>')
    else:
        parts.append(f'<rect x="0" y="8" width="{at(float(value))}" height="6" rx="1" fill="var(--{colour})"/>')
    if row["due"] is not None:
        parts.append(
            f'<line x1="{at(row["due"])}" y1="3" x2="{at(row["due"])}" y2="19" stroke="var(--ink)" stroke-width="2"/>'
        )
    parts.append(f'<line x1="{at(target)}" y1="5" x2="{at(target)}" y2="17" stroke="var(--ink-3)" stroke-width="1"/>')
    svg = f'<svg width="100%" height="22" aria-hidden="true">{"".join(parts)}</svg>'
    return picture(svg, gauge_label(row), className)


def _day_of_year(day: dt.date) -> int:
    return day.timetuple().tm_yday


class _Axes:
    """Places of days and values in the picture of a year."""

    def __init__(self, year: int, top: float) -> None:
        self.days = _day_of_year(dt.date(year, 12, 31))
        self.top = top or 1.0

    def x(self, day: dt.date | str) -> float:
        day = dt.date.fromisoformat(day) if isinstance(day, str) else day
        return LEFT + (WIDTH - LEFT - RIGHT) * _day_of_year(day) / self.days

    def y(self, value: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * max(0.0, value) / self.top

    def path(self, points: Sequence[tuple[dt.date | str, float]]) -> str:
        return "M" + "L".join(f"{self.x(d):.1f} {self.y(v):.1f}" for d, v in points)


def _text(x: float, y: float, words: str, anchor: str = "start", style: str = "cap") -> str:
    return f'<text class="{style}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _ground(axes: _Axes, year: int, target: float) -> list[str]:
    parts = []
    for share in (0.0, 0.5, 1.0):
        y = axes.y(target * share)
        parts.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="var(--line)"/>')
        parts.append(_text(LEFT - 6, y + 4, amount(round(target * share, 2)), "end"))
    for month in (1, 3, 6, 9, 12):
        end = dt.date(year + month // 12, month % 12 + 1, 1) - dt.timedelta(days=1)
        parts.append(_text(axes.x(end), HEIGHT - 10, t("targets.month", n=month), "middle"))
    return parts


def _schedule(row: Mapping[str, Any], axes: _Axes, year: int) -> list[str]:
    """The dashed line of what is due: straight, or in steps by quarters; none where nothing is due by a day."""
    if row["due"] is None:
        return []
    known = [(p["date"], float(p["due"])) for p in row["series"]["points"] if p["due"] is not None]
    points: list[tuple[dt.date | str, float]] = [(dt.date(year, 1, 1), 0.0)]
    if row["schedule"] == "quarterly":
        for day, due in known:
            points += [(day, points[-1][1]), (day, due)]
    points.append((dt.date(year, 12, 31), float(row["target"])))
    return [f'<path d="{axes.path(points)}" fill="none" stroke="var(--ink-2)" stroke-dasharray="3 3"/>']


def _fan(row: Mapping[str, Any], axes: _Axes, year: int) -> list[str]:
    made = row["series"]["forecast"]
    if not made:
        return []
    last, end = row["series"]["points"][-1], dt.date(year, 12, 31)
    start = (last["date"], float(last["value"]))
    area = axes.path([start, (end, made["high"]), (end, made["low"]), start])
    line = axes.path([start, (end, made["value"])])
    return [
        f'<path d="{area}Z" fill="var(--v3)" opacity=".16"/>',
        f'<path d="{line}" fill="none" stroke="var(--v3)" stroke-width="1.5" stroke-dasharray="1 3"/>',
        _text(WIDTH - RIGHT + 5, axes.y(made["value"]) + 4, amount(made["value"]), style="cap fc"),
    ]


def trend(row: Mapping[str, Any], year: int) -> html.Div | None:
    """Return the year so far: the figure, what was due, the forecast; None with fewer than two known points."""
    points = [(p["date"], float(p["value"])) for p in row["series"]["points"] if p["value"] is not None]
    if len(points) < 2:
        return None
    made = row["series"]["forecast"] or {"high": 0}
    target = float(row["target"])
    axes = _Axes(year, max(target, made["high"], *(v for _, v in points)) * 1.04)
    colour = COLOURS[row["status"]]
    begun = [(dt.date(year, 1, 1), 0.0)] if row["basis"] == "computed" else []  # a year's count begins at nothing
    day, value = points[-1]
    x, y = axes.x(day), axes.y(value)
    inside = y > TOP + 16
    parts = [
        *_ground(axes, year, target),
        *_schedule(row, axes, year),
        *_fan(row, axes, year),
        f'<path d="{axes.path([*begun, *points])}" fill="none" stroke="var(--{colour})" stroke-width="2"/>',
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="var(--{colour})"/>',
        _text(x - 2, y - 8 if inside else y + 16, amount(value), "end", "now"),
    ]
    svg = f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="100%" aria-hidden="true">{"".join(parts)}</svg>'
    said = t("list.comma").join(
        t("targets.tr_point", day=d, value=quantity(round(v, 2), row["unit"])) for d, v in points
    )
    return picture(svg, said, "tgx-trend")
