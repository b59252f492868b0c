"""What the comparison's picture holds, in shown units; it is drawn in the drawing process."""

from __future__ import annotations

from app.export.comparison import Drawn, Sheet
from app.i18n import t
from app.pages.compare.model import Scene
from app.pages.compare.words import MOST_PINS, told, with_unit
from app.pages.format import day


def sheet_of(scene: Scene, filter_text: str) -> Sheet:
    """Return what the picture holds."""
    state, main = scene.state, scene.main
    token = {c: f"v{i + 1}" for i, c in enumerate(state.pins[:MOST_PINS])}
    rows = sorted(scene.order(), key=lambda r: (r.value is None, -(r.value or 0), r.code))
    values = tuple(
        (r.name, None if r.value is None else r.value / main.how.factor, main.how.text(r.value), token.get(r.code, ""))
        for r in rows
    )
    panels = []
    for column in [c for c in scene.columns if c.series][:6]:
        factor = column.how.factor
        lines = tuple(
            (
                token.get(c, ""),
                tuple((p.day, None if (v := p.values.get(c)) is None else v / factor) for p in column.series),
            )
            for c in sorted(scene.codes, key=lambda c: c in token)
        )
        panels.append(Drawn(with_unit(column.name, column.how.unit), lines))
    marked = [r.name for r in scene.all_areas if r.code in token]
    subtitle = [t("compare.p_day", day=day(scene.day)), t("compare.filter", text=filter_text)]
    if marked:
        subtitle.append(t("compare.p_marked", areas=t("list.comma").join(marked)))
    foot = [t("compare.p_total", value=told(main, main.rollup.total.value)), t("compare.x_internal")]
    if state.demo:
        foot.insert(0, t("demo.included"))
    return Sheet(
        main.title, t("list.dot").join(subtitle), t("list.dot").join(foot), main.how.unit, values, tuple(panels)
    )
