"""Small pictures as SVG: a value function over the sites' histogram, a waterfall, a radar, intervals of scores."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from dash.development.base_component import Component

from app.i18n import t
from app.pages.site.words import hue, plain, score
from app.pages.targets.svg import picture

Row = Mapping[str, Any]
WIDE, TALL = 252, 84


def _text(x: float, y: float, words: str, anchor: str = "start", style: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{style}">{escape(words)}</text>'


def _svg(width: float, height: float, parts: Sequence[str]) -> str:
    return f'<svg viewBox="0 0 {width:g} {height:g}" width="100%" aria-hidden="true">{"".join(parts)}</svg>'


def value_curve(criterion: Row, index: int) -> Component | None:
    """Return a criterion's curve over the histogram of the admitted sites; None without data."""
    shape, curve = criterion["histogram"], criterion["curve"]
    if not curve or not shape["counts"]:
        return None
    left, right, top, bottom = 22, WIDE - 8, 8, TALL - 20
    xs = [float(x) for x, _ in curve] + [float(e) for e in shape["edges"]]
    low, high = min(xs), max(xs)
    span = high - low or 1.0

    def at(x: float) -> float:
        return left + (right - left) * (x - low) / span if high > low else (left + right) / 2

    most = max(shape["counts"])
    parts = []
    for k, n in enumerate(shape["counts"]):
        a, b = at(shape["edges"][k]), at(shape["edges"][k + 1])
        wide = max(b - a - 0.8, 2.0) if high > low else 14.0
        x = a if high > low else a - 7
        tall = (bottom - top) * n / most
        parts.append(f'<rect x="{x:.1f}" y="{bottom - tall:.1f}" width="{wide:.1f}" height="{tall:.1f}" class="hb2"/>')
    for v in (0, 1):
        y = bottom - (bottom - top) * v
        parts.append(f'<line x1="{left}" x2="{right}" y1="{y}" y2="{y}" class="ax"/>')
        parts.append(_text(left - 5, y + 4, str(v), "end"))
    points = [(at(float(x)), bottom - (bottom - top) * float(v)) for x, v in curve]
    if len(points) == 1 or high == low:
        points = [(float(left), points[0][1]), (float(right), points[0][1])]
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    parts.append(f'<path d="{path}" fill="none" stroke="{hue(index)}" stroke-width="2"/>')
    if criterion["labels"]:
        named = [(i, w) for i, w in enumerate(criterion["labels"]) if low <= i <= high]
        parts += [_text(at(i), TALL - 6, w, "middle") for i, w in named]
    else:
        parts += [_text(left, TALL - 6, plain(low)), _text(right, TALL - 6, plain(high), "end")]
    n = sum(shape["counts"])
    said = t("site.p_curve", name=criterion["title"], n=n, low=plain(low), high=plain(high), unit=criterion["unit"])
    return picture(_svg(WIDE, TALL, parts), said, "vcurve")


def waterfall(row: Row, criteria: Sequence[Row], rival: Row | None) -> Component:
    """Return how a site's score adds up, each part beside what it could have been, and the rival's part."""
    height, left, right = 20, 92, 40
    wide = 324 - left - right
    parts, total, y = [], 0.0, 0.0
    top = max(sum(c["weight"] for c in criteria), 1e-9)
    for index, criterion in enumerate(criteria):
        part = row["contributions"].get(criterion["id"])
        if part is None:
            continue
        x, w = left + wide * total / top, wide * part / top
        could = wide * criterion["weight"] / top
        parts.append(_text(left - 6, y + 14, criterion["title"][:7], "end"))
        parts.append(
            f'<rect x="{x:.1f}" y="{y + 4:.1f}" width="{max(could, 0.5):.1f}" height="12" class="could"/>'
            f'<rect x="{x:.1f}" y="{y + 4:.1f}" width="{max(w, 0.5):.1f}" height="12" fill="{hue(index)}"/>'
        )
        if rival is not None and criterion["id"] in rival["contributions"]:
            z = x + wide * rival["contributions"][criterion["id"]] / top
            parts.append(f'<line x1="{z:.1f}" x2="{z:.1f}" y1="{y + 2:.1f}" y2="{y + 18:.1f}" class="rival"/>')
        parts.append(_text(324, y + 14, f"+{part:.3f}", "end", "now"))
        total += part
        y += height
    x = left + wide * total / top
    parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{y + 4:.1f}" class="sumline"/>')
    parts.append(_text(left - 6, y + 15, t("site.sum"), "end", "now"))
    parts.append(f'<rect x="{left}" y="{y + 5:.1f}" width="{wide * total / top:.1f}" height="12" class="total"/>')
    parts.append(_text(324, y + 15, f"{total:.3f}", "end", "now"))
    words = [f"{c['title']} {row['contributions'][c['id']]:.3f}" for c in criteria if c["id"] in row["contributions"]]
    return picture(_svg(324, y + 22, parts), t("list.comma").join([*words, f"{total:.3f}"]), "wfall")


def radar(rows: Sequence[Row], criteria: Sequence[Row], names: Sequence[str]) -> Component | None:
    """Return sites' values on spokes, one polygon a site; None with fewer than three criteria."""
    shown = [c for c in criteria if c["id"] in rows[0]["utilities"]]
    if len(shown) < 3:
        return None
    width, height, r = 324, 214, 74
    cx, cy = width / 2, height / 2
    angles = [2 * math.pi * k / len(shown) - math.pi / 2 for k in range(len(shown))]

    def at(k: int, value: float) -> tuple[float, float]:
        return cx + r * value * math.cos(angles[k]), cy + r * value * math.sin(angles[k])

    def ring(values: Sequence[float]) -> str:
        return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in (at(k, v) for k, v in enumerate(values))) + "Z"

    parts = [f'<path d="{ring([v] * len(shown))}" class="ax" fill="none"/>' for v in (0.25, 0.5, 0.75, 1.0)]
    for k, criterion in enumerate(shown):
        x, y = at(k, 1.0)
        parts.append(f'<line x1="{cx}" y1="{cy}" x2="{x:.1f}" y2="{y:.1f}" class="ax"/>')
        lx, ly = at(k, 1.13)
        side = math.cos(angles[k])
        anchor = "middle" if abs(side) < 0.25 else "start" if side > 0 else "end"
        parts.append(_text(lx, ly + 4, criterion["title"][:7], anchor))
    dashes = ("", "5 3", "2 3", "7 2 2 2")
    for i, row in enumerate(rows):
        values = [float(row["utilities"].get(c["id"], 0.0)) for c in shown]
        parts.append(
            f'<path d="{ring(values)}" fill="{hue(i)}" fill-opacity="{0.16 if i == 0 else 0.05}" stroke="{hue(i)}"'
            f' stroke-width="2" stroke-dasharray="{dashes[i % 4]}"/>'
        )
    said = t("list.comma").join(names)
    return picture(_svg(width, height, parts), t("site.p_radar", names=said), "radar")


def intervals(ranked: Sequence[Row], chosen: int | None) -> Component | None:
    """Return the scores of the first sites on one line, with their 90 % intervals."""
    rows = [r for r in ranked[:12] if r["score_low"] is not None]
    if len(rows) < 2:
        return None
    low = min(r["score_low"] for r in rows)
    high = max(r["score_high"] for r in rows)
    span = high - low or 1.0
    left, right, width = 6, 318, 324

    def at(v: float) -> float:
        return left + (right - left) * (v - low) / span

    parts = [f'<line x1="{left}" x2="{right}" y1="12" y2="12" class="ax"/>']
    for row in reversed(rows):
        a, b, x = at(row["score_low"]), at(row["score_high"]), at(row["score"])
        parts.append(f'<line x1="{a:.1f}" x2="{b:.1f}" y1="12" y2="12" class="ival"/>')
        style = "dot3" if row["rank"] <= 3 else "dotn"
        more = " sel" if row["id"] == chosen else ""
        parts.append(f'<circle cx="{x:.1f}" cy="12" r="{5 if more else 4}" class="{style}{more}"/>')
    parts.append(_text(left, 31, t("site.p_score", value=f"{low:.2f}")))
    parts.append(_text(right, 31, f"{high:.2f}", "end"))
    parts.append(_text(width / 2 + 30, 31, t("site.p_interval"), "middle"))
    said = t("list.comma").join(f"{r['name']} {score(r['score'])}" for r in rows)
    return picture(_svg(width, 36, parts), said, "ivals")
