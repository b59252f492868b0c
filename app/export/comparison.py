"""A comparison as a picture for a document: ranked bars and small multiples. Runs in the drawing process."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass
from typing import Any

Known = tuple[tuple[dt.date, float | None], ...]


@dataclass(frozen=True)
class Drawn:
    """One panel of lines: its title, and for each area its colour token ("" is grey) and its points."""

    title: str
    lines: tuple[tuple[str, Known], ...]


@dataclass(frozen=True)
class Sheet:
    """All that the picture holds, in shown units; plain, so that it can go to another process."""

    title: str
    subtitle: str
    foot: str
    measure: str
    bars: tuple[tuple[str, float | None, str, str], ...]
    panels: tuple[Drawn, ...]


def draw_sheet(sheet: Sheet, dpi: int = 200) -> bytes:
    """Return the picture as PNG; runs in the drawing process."""
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from app.export.theme import load_theme

    theme = load_theme()
    with mpl.rc_context({"font.sans-serif": ["Noto Sans CJK SC"], "font.family": "sans-serif", "font.size": 9}):
        figure = Figure(figsize=(11.0, 5.6), dpi=dpi, facecolor="white")
        FigureCanvasAgg(figure)
        figure.text(0.03, 0.945, sheet.title, fontsize=14, fontweight="bold", color=theme["ink"])
        figure.text(0.03, 0.9, sheet.subtitle, fontsize=8.5, color=theme["ink-2"])
        figure.text(0.03, 0.025, sheet.foot, fontsize=8, color=theme["ink-2"])
        bars = figure.add_axes((0.1, 0.1, 0.27, 0.74))
        names = [b[0] for b in sheet.bars][::-1]
        values = [b[1] or 0.0 for b in sheet.bars][::-1]
        colors = [theme[b[3]] if b[3] else theme["line-2"] for b in sheet.bars][::-1]
        bars.barh(names, values, color=colors, height=0.62)
        top = max((abs(v) for v in values), default=0) or 1.0
        for i, bar in enumerate(reversed(sheet.bars)):
            bars.text((bar[1] or 0.0) + top * 0.02, i, bar[2], va="center", fontsize=8.5, color=theme["ink"])
        bars.set_xlim(min(0.0, *values) if values else 0.0, top * 1.22)
        bars.set_title(sheet.measure, fontsize=8.5, loc="left", color=theme["ink-2"])
        bars.tick_params(length=0, labelbottom=False)
        for side in ("top", "right", "bottom"):
            bars.spines[side].set_visible(False)
        for i, drawn in enumerate(sheet.panels):
            _draw_panel(figure, drawn, i, theme)
        out = io.BytesIO()
        figure.savefig(out, format="png", metadata={"Title": sheet.title, "Description": sheet.foot})
    return out.getvalue()


def _draw_panel(figure: Any, drawn: Drawn, i: int, theme: Any) -> None:
    axes = figure.add_axes((0.45 + 0.185 * (i % 3), 0.54 - 0.42 * (i // 3), 0.15, 0.3))
    for token, points in drawn.lines:
        known = [(d, v) for d, v in points if v is not None]
        if known:
            color = theme[token or "line-2"]
            axes.plot([d for d, _ in known], [v for _, v in known], color=color, lw=1.8 if token else 0.9)
    days = [d for _, points in drawn.lines[:1] for d, _ in points]
    axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
    axes.set_title(drawn.title, fontsize=8.5, loc="left")
    if days:
        axes.set_xticks([days[0], days[-1]], [f"{d.year}.{d.month}" for d in (days[0], days[-1])], fontsize=7)
    axes.tick_params(axis="y", labelsize=7, length=0)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
