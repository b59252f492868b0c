"""The words beside the map: the total, who leads, the table of areas, and the legend, as stacked parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.export.data import AreaValue, Summary
from app.export.sheet import Sheet, fitted, text_width, wrapped
from app.export.theme import Theme
from app.pages.format import DASH, number, share
from geo.errors import InputError

SMALLEST = 0.68

Draw = Callable[[float, float, float, float], None]  # x, y, width, scale


@dataclass(frozen=True)
class Part:
    """A part of a column: its height at scale 1 (A4 mm) and how it is drawn."""

    height: float
    draw: Draw


def scale_for(columns: Sequence[tuple[Sequence[Part], float]]) -> float:
    """Return what every part is multiplied by so that each column keeps within its height.

    Raises
    ------
    InputError
        The words would be too small to read.
    """
    scale = min([1.0, *(height / need for parts, height in columns if (need := sum(p.height for p in parts)))])
    if scale < SMALLEST:
        raise InputError("图例和表格在这张纸上放不下。", "请减少图层、加筛选条件，或改用 A3。", field="layers")
    return scale


def stack(parts: Sequence[Part], x: float, y: float, width: float, scale: float) -> None:
    """Draw parts one below the other."""
    for part in parts:
        part.draw(x, y, width, scale)
        y += part.height * scale


def headline(sheet: Sheet, theme: Theme, summary: Summary) -> list[Part]:
    """The total and a sentence on who leads."""
    total = summary.total
    unit = "" if summary.is_count else f" {summary.shown.unit}"
    text = (
        f"合计 {summary.shown.text(total.value)}{unit}"
        if summary.extensive
        else f"全市 {summary.shown.text(total.value)}{unit}"
    )
    text = f"{text} {summary.noun}" if summary.is_count else f"{text}，{total.n:,} {summary.noun}"
    sentence = unsaid(summary) + leaders(summary)

    def title(x: float, y: float, width: float, s: float) -> None:
        size = 13.5 * s
        size *= min(1.0, width / text_width(text, size, bold=True))
        sheet.text(x, y + 5.2 * s, text, size, theme["ink"], bold=True)

    parts = [Part(7.4, title)]
    if sentence:
        lines = wrapped([(sentence, theme["ink-2"], False)], 8.8, 78.0)

        def words(x: float, y: float, width: float, s: float) -> None:
            for i, line in enumerate(wrapped([(sentence, theme["ink-2"], False)], 8.8 * s, max(width, 78.0 * s))):
                sheet.runs(x, y + (3.6 + 4.8 * i) * s, line, 8.8 * s)

        parts.append(Part(4.8 * len(lines) + 2.0, words))
    return parts


def unsaid(summary: Summary) -> str:
    """Say how many records of the total state no value, as the screen does."""
    return f"其中 {summary.total.missing:,} 条没有填写。" if summary.total.missing and not summary.is_count else ""


def leaders(summary: Summary) -> str:
    """Say who has most, and what the first three have together; nothing when nothing can be said."""
    known = sorted((r for r in summary.rows if r.value), key=lambda r: (-float(r.value or 0), r.code))
    if not known:
        return "" if summary.total.n else "没有符合条件的记录。"
    first, unit = known[0], summary.shown.unit

    def said(row: AreaValue) -> str:
        return f"{row.name} {summary.shown.text(row.value)} {unit}"

    if not summary.extensive:
        return f"最高 {said(first)}，最低 {said(known[-1])}。"
    total = summary.total.value
    text = f"{said(first)}，占 {share(first.value, total)}%，居首"
    if len(known) >= 3:
        three = sum(float(r.value or 0) for r in known[:3])
        text += f"；{known[1].name}、{known[2].name}次之，三地合占 {share(three, total)}%"
    return f"{text}。"


def table(sheet: Sheet, theme: Theme, summary: Summary, marked: Sequence[str] = ()) -> list[Part]:
    """Areas by value with bars; outside and unlocated hatched above the total; ``marked`` codes are set off."""
    ordered = sorted(summary.rows, key=lambda r: (r.value is None, -float(r.value or 0), r.code))
    apart = [summary.outside, summary.unlocated]
    most = max((float(r.value) for r in (*ordered, *apart) if r.value), default=0.0)
    row = 4.95

    everything = (*ordered, *apart, summary.total)
    names = min(38.0, max(22.0, *(text_width(r.name, 8.6) for r in everything)) + 3.0)
    counts = max(7.5, *(text_width(f"{r.n:,}", 8.6, bold=True) for r in everything)) + 3.0

    def columns(x: float, width: float, s: float) -> tuple[float, float, float]:
        right = x + width
        return x + names * s, right - (0 if summary.is_count else counts * s), right

    def head(x: float, y: float, width: float, s: float) -> None:
        _, value, right = columns(x, width, s)
        base = y + row * 0.72 * s
        place = "县（市、区）" if summary.axis == "属地口径" else "责任板块"
        sheet.text(x, base, place, 7.8 * s, theme["ink-3"])
        if not summary.is_count:
            sheet.text(value, base, summary.shown.unit, 7.8 * s, theme["ink-3"], ha="right")
        sheet.text(right, base, summary.noun, 7.8 * s, theme["ink-3"], ha="right")
        sheet.line([(x, y + row * s), (x + width, y + row * s)], theme["ink-3"], 0.15 * s)

    def line(item: AreaValue, *, hatched: bool = False, bold: bool = False) -> Draw:
        def draw(x: float, y: float, width: float, s: float) -> None:
            bar, value, right = columns(x, width, s)
            base = y + row * 0.72 * s
            if item.code in marked:
                sheet.rect(x - 0.8 * s, y, width + 1.6 * s, row * s, fill=theme["sea-s"], gid="marked-row")
            ink = theme["ink-2"] if hatched else theme["ink"]
            sheet.text(x, base, fitted(item.name, 8.6 * s, (names - 1) * s, bold=bold), 8.6 * s, ink, bold=bold)
            if item.value and most and not bold:
                longest = value - bar - 15 * s
                size = max(0.3, float(item.value) / most * longest)
                if hatched:
                    sheet.rect(bar, y + 1.7 * s, size, 1.7 * s, edge=theme["ink-3"], mm=0.15 * s, hatch="//////")
                else:
                    sheet.rect(bar, y + 1.7 * s, size, 1.7 * s, fill=theme["q4"])
            shown = number(item.value, summary.shown.digits, summary.shown.factor) if item.value is not None else DASH
            sheet.text(value, base, shown, 8.6 * s, ink, ha="right", bold=bold)
            if not summary.is_count:
                sheet.text(right, base, f"{item.n:,}", 8.6 * s, ink, ha="right", bold=bold)
            if not bold:
                sheet.line([(x, y + row * s), (x + width, y + row * s)], theme["line-2"], 0.12 * s)
            else:
                sheet.line([(x, y), (x + width, y)], theme["ink"], 0.22 * s)

        return draw

    parts = [Part(row, head), *(Part(row, line(r)) for r in ordered)]
    parts += [Part(row, line(r, hatched=True)) for r in apart if r.n or r.value or summary.extensive]
    return [*parts, Part(row, line(summary.total, bold=True)), Part(2.6, lambda *_: None)]
