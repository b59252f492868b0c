"""Ranked bars, small multiples on one scale and sparklines, as HTML and SVG coloured by theme tokens."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.compare.model import Column, Point, Scene
from app.pages.compare.words import MOST_PINS, colour_of, pressed, sign_of, told, value_link

W, H = 196, 112
LEFT, RIGHT, TOP, BOTTOM = 4, 46, 8, 92
GAP = 12  # px between two labels
MOST_PANELS = 6
LONGEST = 4  # signs of a name that stands at a line's end


def bars(scene: Scene) -> Component:
    """Return the areas as bars of the main measure, the largest first, with the mean of those compared."""
    column = scene.main
    rows = scene.order()
    rows.sort(key=lambda r: (r.value is None, -(r.value or 0), r.code))
    known = [r.value for r in rows if r.value is not None]
    top = max((abs(v) for v in known), default=0) or 1
    mean = sum(known) / len(known) if known else None
    lines = []
    for r in rows:
        colour = colour_of(scene, r.code)
        width = 100 * abs(r.value) / top if r.value is not None else 0
        name = html.Button(
            [sign_of(scene, r.code), r.name], type="button", className="bn",
            title=t("compare.pin", area=r.name), **pressed(bool(colour)), **el.op(("toggle", "pins", r.code)),
        )  # fmt: skip
        fill = html.I(style={"width": f"{width:.1f}%"} | ({"background": colour} if colour else {}))
        line = [name, html.Span(fill, className="bt"), html.Span(value_link(column, r.code), className="bv")]
        kind = "br mine" if r.code == scene.state.mine else "br"
        lines.append(html.Div(line, className=f"{kind} on" if colour else kind, **{"data-area": r.code}))
    head = el.row(
        html.H2(column.title), html.Span(column.how.unit, className="unit"), el.spacer(),
        html.Span(t("compare.bars_note", n=len(rows)), className="cap"),
    )  # fmt: skip
    foot = None
    if mean is not None and len(known) > 1:
        at = f"{100 * max(mean, 0) / top:.1f}%"
        foot = html.Div(
            html.Span(html.I(style={"left": at}), className="bt"), className="bm", **{"aria-hidden": "true"}
        )
    text = t("compare.mean", n=len(known), value=told(column, mean)) if mean is not None else ""
    return html.Section(
        [head, html.Div([*lines, foot], className="bars"), html.P(text, className="cap")], className="cb"
    )


@dataclass(frozen=True)
class Line:
    """One line of a panel: its colour ("" is grey), its points, what stands at its end."""

    code: str
    points: Sequence[tuple[dt.date, float | None]]
    colour: str = ""
    label: str = ""
    strong: bool = False


def _place_labels(wanted: Sequence[float]) -> list[float]:
    """Move labels apart so that none covers another, keeping their order and the picture's bounds."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    at = [0.0] * len(wanted)
    last = TOP - GAP
    for i in order:
        last = at[i] = max(wanted[i], last + GAP)
    low = BOTTOM + 4.0
    for i in reversed(order):
        at[i] = low = min(at[i], low)
        low -= GAP
    return at


def panel(lines: Sequence[Line], low: float, high: float, label: str) -> html.Div:
    """Return one panel: lines over the same months on the scale from ``low`` to ``high``."""
    days = [d for d, _ in lines[0].points] if lines else []
    span = (high - low) or 1.0
    first, length = (days[0], max((days[-1] - days[0]).days, 1)) if days else (dt.date.min, 1)

    def x(day: dt.date) -> float:
        return LEFT + (W - LEFT - RIGHT) * (day - first).days / length

    def y(value: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * (value - low) / span

    parts = [f'<line x1="{LEFT}" y1="{y(0 if low <= 0 <= high else low):.1f}" x2="{W - RIGHT}"'
             f' y2="{y(0 if low <= 0 <= high else low):.1f}" stroke="var(--line-2)"/>']  # fmt: skip
    labels: list[tuple[float, str, str]] = []
    for line in sorted(lines, key=lambda z: bool(z.colour)):
        known = [(d, v) for d, v in line.points if v is not None]
        if not known:
            continue
        path = "M" + "L".join(f"{x(d):.1f} {y(v):.1f}" for d, v in known)
        width = 2.4 if line.strong else 1.8 if line.colour else 1
        style = f'stroke="{line.colour or "var(--line-2)"}" stroke-width="{width}"'
        parts.append(f'<g data-area="{escape(line.code)}"><path class="ln" d="{path}" fill="none" {style}/></g>')
        if line.label:
            labels.append((y(known[-1][1]) + 4, line.label, line.colour or "var(--ink-2)"))
    for at, (_, text, colour) in zip(_place_labels([z[0] for z in labels]), labels, strict=True):
        parts.append(f'<text class="e" x="{W - RIGHT + 5}" y="{at:.1f}" style="fill:{colour}">{escape(text)}</text>')
    if days:
        for day, anchor in ((days[0], "start"), (days[-1], "end")):
            at = LEFT if anchor == "start" else W - RIGHT
            parts.append(f'<text x="{at}" y="{H - 4}" text-anchor="{anchor}">{day.year}.{day.month}</text>')
    svg = f'<svg viewBox="0 0 {W} {H}" width="100%" aria-hidden="true">{"".join(parts)}</svg>'
    return html.Div(className="pic", role="img", **{"data-svg": svg, "aria-label": label})


def _of(points: Sequence[Point], code: str) -> list[tuple[dt.date, float | None]]:
    return [(p.day, p.values.get(code)) for p in points]


def _scale(values: Sequence[float | None]) -> tuple[float, float]:
    known = [v for v in values if v is not None]
    return min(0.0, min(known, default=0.0)), max(known, default=0.0) or 1.0


def _lines(scene: Scene, column: Column) -> list[Line]:
    last = column.series[-1].values
    marked = any(colour_of(scene, c) or c == scene.state.mine for c in scene.codes)
    known = [(-v, c) for c in scene.codes if (v := last.get(c)) is not None]
    first = min(known)[1] if known and not marked else ""  # nothing is marked: name the largest
    names = {r.code: r.name for r in scene.all_areas}
    found = []
    for code in scene.codes:
        tone = colour_of(scene, code) or ("var(--ink)" if code == scene.state.mine else "")
        tone = tone or ("var(--ink-3)" if code == first else "")
        value = column.how.text(last.get(code)) if tone and last.get(code) is not None else ""
        label = names.get(code, "") if code == first and len(names.get(code, "")) <= LONGEST else value
        found.append(Line(code, _of(column.series, code), tone, label, code == scene.state.mine))
    return found


def _by_measure(scene: Scene) -> list[Component]:
    made = []
    for column in [c for c in scene.columns if c.series][:MOST_PANELS]:
        lines = _lines(scene, column)
        low, high = _scale([v for line in lines for _, v in line.points])
        said = t("compare.panel", measure=column.title, n=len(lines))
        title = html.H3([column.name, html.Span(column.how.unit, className="unit")])
        made.append(html.Div([title, panel(lines, low, high, said)], className="smc"))
    return made


def _by_area(scene: Scene, column: Column) -> list[Component]:
    every = _lines(scene, column)
    low, high = _scale([v for line in every for _, v in line.points])
    made = []
    for r in scene.order():
        line = next(x for x in every if x.code == r.code)
        last = line.points[-1][1] if line.points else None
        own = Line(r.code, line.points, line.colour or "var(--ink-2)", column.how.text(last), line.strong)
        rest = [Line(x.code, x.points) for x in every if x.code != r.code]
        title = html.H3([sign_of(scene, r.code), r.name])
        said = t("compare.panel_area", area=r.name, measure=column.title, value=told(column, last))
        made.append(html.Div([title, panel([*rest, own], low, high, said)], className="smc", **{"data-area": r.code}))
    return made


def multiples(scene: Scene) -> Component:
    """Return small multiples of the past year: by measure, or by area on one scale."""
    state = scene.state
    dated = [c for c in scene.columns if c.series]
    kinds = [("", t("compare.by_measure")), ("area", t("compare.by_area"))]
    choice = el.segments(kinds, "area" if state.by_area else "", t("compare.multiples"), "multi")
    legend = [
        html.Span([sign_of(scene, c), next((r.name for r in scene.all_areas if r.code == c), c)], className="lg")
        for c in state.pins[:MOST_PINS]
        if c in scene.codes
    ]
    n_rest = len(scene.codes) - len(legend)
    if n_rest:
        legend.append(html.Span([html.I(className="ln0"), t("compare.rest", n=n_rest)], className="lg dim"))
    head = el.row(html.H2(t("compare.months")), choice, el.spacer(), *legend, className="gap2 wrap")
    if not dated:
        return html.Section([head, el.empty(t("compare.no_dates"))], className="csm")
    if state.by_area:
        column = scene.main if scene.main.series else dated[0]
        parts, note = _by_area(scene, column), t("compare.one_scale", measure=column.title, unit=column.how.unit)
    else:
        parts, note = _by_measure(scene), t("compare.same_scale")
    kind = "smg many" if state.by_area else "smg"
    return html.Section([head, html.Div(parts, className=kind), html.P(note, className="cap")], className="csm")


def spark(points: Sequence[tuple[dt.date, float | None]], colour: str = "", label: str = "") -> Component | str:
    """Return a line without axes, as wide as a word; nothing for fewer than two known points."""
    known = [v for _, v in points if v is not None]
    if len(known) < 2:
        return ""
    low, high = min(known), max(known)
    span, step = (high - low) or 1.0, 60 / (len(known) - 1)
    path = "M" + "L".join(f"{2 + i * step:.1f} {16 - 13 * (v - low) / span:.1f}" for i, v in enumerate(known))
    last = f'<circle cx="62" cy="{16 - 13 * (known[-1] - low) / span:.1f}" r="2" fill="{colour or "var(--ink-2)"}"/>'
    line = f'<path d="{path}" fill="none" stroke="{colour or "var(--ink-3)"}" stroke-width="1.3"/>'
    svg = f'<svg width="66" height="20" aria-hidden="true">{line}{last}</svg>'
    return html.Span(className="spk", role="img", **{"data-svg": svg, "aria-label": label})


def sparks(column: Column, code: str, colour: str) -> Component | str:
    """Return a column's sparkline of an area."""
    points = _of(column.series, code)
    ends: Mapping[str, str] = {}
    if points:
        ends = {"a": told(column, points[0][1]), "b": told(column, points[-1][1])}
    label = t("compare.spark", first=ends.get("a", ""), last=ends.get("b", ""))
    return spark(points, colour, label)
