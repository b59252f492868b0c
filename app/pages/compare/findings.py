"""Sentences made from the numbers on the screen by stated rules, each leading to its rows."""

from __future__ import annotations

from statistics import median
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.compare.model import FEW_RECORDS, Column, Scene
from app.pages.compare.words import MOST_PINS, percent, sign_of, signed, told, value_link
from app.pages.format import day, share
from geo.findings import LIMIT, find_outliers, largest, most_changed


def _name(scene: Scene, code: str) -> str:
    return next((r.name for r in scene.all_areas if r.code == code), code)


def _line(scene: Scene, code: str, *parts: Component | str | None) -> html.Div:
    sign = sign_of(scene, code) or html.Span("○", className="sig dim", **{"aria-hidden": "true"})
    return html.Div([sign, html.P(list(parts))], className="fd", **{"data-area": code})


def largest_share(scene: Scene) -> Component | None:
    """Rule 1: the area with the largest share of the first measure that adds up."""
    column = next((c for c in scene.columns if c.additive), None)
    found = largest(column.values(scene.codes)) if column else None
    if column is None or found is None:
        return None
    code, value = found
    total = column.rollup.total.value
    rest = [v for c, v in column.values(scene.codes).items() if c != code and v is not None]
    mean = sum(rest) / len(rest) if rest else 0
    times = t("compare.f_times", n=len(rest), mean=told(column, mean), times=f"{value / mean:.1f}") if mean > 0 else ""
    text = t("compare.f_share", share=share(value, total)) if total and column.rollup.partition else ""
    return _line(
        scene, code, html.B(_name(scene, code)), column.title, " ", value_link(column, code), f" {column.how.unit}",
        t("compare.f_first"), text, times, t("compare.stop"),
    )  # fmt: skip


def biggest_change(scene: Scene) -> Component | None:
    """Rule 2: the area whose value changed most since the other day, in the first measure that has dates."""
    column = next((c for c in scene.columns if c.before), None)
    found = most_changed(column.values(scene.codes), column.before) if column else None
    if column is None or found is None:
        return None
    code, change = found
    words = "compare.f_up" if change > 0 else "compare.f_down"
    return _line(
        scene, code, t("compare.f_since", day=day(scene.versus)), html.B(_name(scene, code)),
        t(words, measure=column.title), value_link(column, code, signed(column, change).lstrip("+-")),
        f" {column.how.unit}", t("compare.f_pct", pct=percent(change, column.before.get(code))), t("compare.stop"),
    )  # fmt: skip


def outlier(scene: Scene) -> Component:
    """Rule 3: of all measures, the area farthest from the median, measured in MADs."""
    far: list[tuple[float, Column, str, float]] = []
    for column in scene.columns:
        fit = {r.code: r.value for r in column.fit(scene.codes)}
        far += [(abs(x.score), column, x.code, x.middle) for x in find_outliers(fit)]
    if not far:
        return html.Div([html.Span("—", className="sig dim"), html.P(t("compare.f_none", limit=LIMIT))], className="fd")
    score, column, code, middle = max(far, key=lambda x: x[0])
    value = column.row(code).value or 0
    words = t("compare.f_far", side=t("compare.above" if value > middle else "compare.below"),
              middle=told(column, middle), score=f"{score:.1f}")  # fmt: skip
    more = t("compare.f_more", n=len(far) - 1) if len(far) > 1 else ""
    return _line(
        scene, code, html.B(_name(scene, code)), column.title, " ", value_link(column, code), f" {column.how.unit}",
        words, more, t("compare.stop"),
    )  # fmt: skip


def own(scene: Scene, code: str) -> Component | None:
    """Return the sentence on a marked area: its value, rank and distance from the median of the others."""
    column = scene.main
    row = column.row(code)
    if row.value is None or code not in scene.codes:
        return None
    rank, n = column.ranks(scene.codes), len(scene.codes)
    others = [v for c, v in column.values(scene.codes).items() if c != code and v is not None]
    text = t("compare.finding_rank", rank=rank[code], n=len(rank)) if code in rank else ""
    if others:
        middle = median(others)
        gap = row.value - middle
        if gap:
            side = t("compare.higher" if gap > 0 else "compare.lower")
            text += t("compare.f_peers", n=n - 1, side=side, gap=told(column, abs(gap)))
        else:
            text += t("compare.f_level", n=n - 1)
    mine = el.tag(t("compare.mine"), "sea") if code == scene.state.mine else None
    return _line(
        scene, code, html.B(_name(scene, code)), mine, column.title, " ", value_link(column, code),
        f" {column.how.unit}", text, t("compare.stop"),
    )  # fmt: skip


def sentences(scene: Scene) -> list[Component]:
    """Return the three findings and a sentence for each marked area."""
    marked = [c for c in dict.fromkeys((scene.state.mine, *scene.state.pins[:MOST_PINS])) if c]
    lines = [largest_share(scene), biggest_change(scene), outlier(scene), *(own(scene, c) for c in marked)]
    return [x for x in lines if x is not None]


def told_findings(scene: Scene) -> tuple[str, ...]:
    """Return the sentences as plain text, without their signs, as they stand in a report."""
    return tuple(_words(x.children[1]) for x in sentences(scene))


def _words(node: Any) -> str:
    if isinstance(node, (list, tuple)):
        return "".join(_words(child) for child in node)
    if hasattr(node, "children"):
        return _words(node.children)
    return "" if node is None else str(node)


def findings(scene: Scene) -> Component:
    """Return the sentences and their rules."""
    lines = sentences(scene)
    few = 0
    for column in scene.columns:
        if not column.additive:
            few = max(few, sum(1 for r in column.rollup.rows if r.code in scene.codes and r.n < FEW_RECORDS))
    note = html.P(t("compare.few", n=few, least=FEW_RECORDS), className="note") if few else None
    rules = html.Details(
        [
            html.Summary(t("compare.rules"), className="cap"),
            html.P(t("compare.rules_text", limit=LIMIT), className="cap"),
        ]
    )
    head = el.row(html.H2(t("compare.findings")), el.spacer(), html.Span(t("compare.findings_note"), className="cap"))
    return html.Section([head, *lines, note, rules], className="fnd")
