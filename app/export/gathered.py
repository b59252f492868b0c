"""Very many symbols of a layer as counts in discs, as the screen shows them where none could be told from another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.export.items import Drawn
from app.export.labels import Box
from app.export.sheet import MM, Sheet
from app.export.symbols import CIRCLE
from app.export.theme import Theme

SIDE_MM = 10.0  # of the squares whose things are counted together, at scale 1
LEAST_MM, MOST_MM = 1.7, 4.3
POINTS = 6.2


@dataclass(frozen=True)
class Disc:
    """A count on the page: its middle and radius in mm, and how many things it stands for."""

    x: float
    y: float
    radius: float
    n: int


def discs_of(drawn: Drawn, u: float) -> tuple[Disc, ...]:
    """Count a layer's symbols in squares; discs that would lie on each other become one. The sum is that of all."""
    xy = np.array([(i.x, i.y) for i in drawn.items if i.is_point])
    squares, of, n = np.unique(np.floor(xy / (SIDE_MM * u)), axis=0, return_inverse=True, return_counts=True)
    x, y = (np.bincount(of.ravel(), weights=values, minlength=len(squares)) / n for values in xy.T)
    kept: list[Disc] = []
    for i in np.argsort(-n, kind="stable").tolist():
        disc = Disc(float(x[i]), float(y[i]), radius_of(int(n[i])) * u, int(n[i]))
        j = next((j for j, k in enumerate(kept) if math.hypot(k.x - disc.x, k.y - disc.y) < k.radius + disc.radius), -1)
        if j < 0:
            kept.append(disc)
        else:
            kept[j] = Disc(kept[j].x, kept[j].y, kept[j].radius, kept[j].n + disc.n)
    return tuple(kept)


def radius_of(n: int) -> float:
    """Radius of the disc of a count, mm at scale 1: it grows with the number of digits."""
    return min(MOST_MM, max(LEAST_MM, 0.9 + 0.95 * math.log10(n + 1)))


def count_text(n: int) -> str:
    """What fits a disc: 1,234, from ten thousand on 1.2万."""
    return f"{n:,}" if n < 10_000 else f"{n / 10_000:.{1 if n < 1_000_000 else 0}f}万"


def draw_discs(
    sheet: Sheet, theme: Theme, drawn: Drawn, discs: Sequence[Disc], kind: str = "count"
) -> list[Box]:  # fmt: skip
    """Draw counts; return the boxes that nothing may be written over."""
    u, token = sheet.u, drawn.data.layer.style.color or "m-park"
    gid = f"{kind}-{drawn.data.layer.id}"
    sheet.marks(
        CIRCLE, [(d.x, d.y) for d in discs], [d.radius for d in discs], fill=theme["surface"] + "e6",
        edge=theme[token], mm=0.22 * u, gid=gid,
    )  # fmt: skip
    for d in discs:
        base = d.y + 0.36 * POINTS * u / MM
        sheet.text(d.x, base, count_text(d.n), POINTS * u, theme["m-label"], bold=True, ha="center", gid=gid)
    return [(d.x - d.radius, d.y - d.radius, d.x + d.radius, d.y + d.radius) for d in discs]
