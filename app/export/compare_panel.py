"""The words and tables beside the map of a comparison, as stacked parts."""

from __future__ import annotations

from collections.abc import Sequence

from app.export.compared import Compared, Line
from app.export.family_panel import GAP, grid, paragraph, sentences
from app.export.panel import Part
from app.export.recipe import Recipe
from app.export.sheet import Sheet, text_width
from app.export.theme import Theme

NAME = 0.23  # of the width: the column of names
HEAD = 7.4
WIDE = {"位次": 0.55, "占比 %": 0.85, "较": 1.25, "变化": 1.1}


def _heads(sheet: Sheet, theme: Theme, heads: Line, shares: Sequence[float]) -> Part:
    """Return the line of heads; a long one is written smaller, never cut."""

    def draw(x: float, y: float, width: float, s: float) -> None:
        right = x
        for i, text in enumerate(heads):
            right += shares[i] * width
            name, _, unit = text.partition("（")
            room = shares[i] * width - 1.0 * s
            for row, part in enumerate((name, unit.rstrip("）"))):
                size = 7.4 * s * min(1.0, room / max(0.1, text_width(part, 7.4 * s)))
                at, ha = (x, "left") if i == 0 else (right, "right")
                sheet.text(at, y + (2.9 + 3.2 * row) * s, part, size, theme["ink-3"], ha=ha)
        sheet.line([(x, y + HEAD * s), (x + width, y + HEAD * s)], theme["ink-3"], 0.12 * s)

    return Part(HEAD, draw)


def _table(sheet: Sheet, theme: Theme, heads: Line, rows: Sequence[Line], marked: Sequence[int]) -> list[Part]:
    wide = [WIDE.get(x.partition("（")[0], 1.0) for x in heads[1:]]
    shares = (NAME, *((1 - NAME) * w / sum(wide) for w in wide))
    body = grid(sheet, theme, heads, rows, shares, last_bold=True, marked=marked)
    return [_heads(sheet, theme, heads, shares), *body[1:]]


def compare_parts(sheet: Sheet, theme: Theme, recipe: Recipe, found: Compared, most: int) -> list[Part]:
    """Return head, findings and the two tables; where there is no room (``most`` 0) the second is left out and told."""
    parts: list[Part] = []
    if recipe.shows("headline"):
        parts += sentences(sheet, theme, found.head, "")
        for number, text in enumerate(found.findings if most > 3 else found.findings[:3], 1):
            parts += paragraph(sheet, theme, f"{number}. {text}")
        parts.append(Part(1.2, lambda *_: None))
    if not recipe.shows("table"):
        return parts
    parts += _table(sheet, theme, found.heads, found.rows, found.marked)
    listed = found.more_rows if most else ()
    if listed:
        parts += _table(sheet, theme, found.more_heads, listed, found.marked)
    hidden = found.unlisted + (0 if listed else max(0, len(found.more_heads) - 1))
    if hidden:
        parts += [*paragraph(sheet, theme, f"另有 {hidden} 项指标不在这张纸上，见对比页导出的工作簿。"), GAP]
    return parts
