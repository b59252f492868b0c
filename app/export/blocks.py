"""The furniture of the map: graticule, scale bar, north arrow, inset locator, and the corners they stand in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from matplotlib.path import Path

from app.export.context import Context
from app.export.frame import Frame, ScaleBar
from app.export.sheet import Sheet, outline
from app.export.theme import Theme


@dataclass(frozen=True)
class Block:
    """A rectangle of the sheet that is taken, mm."""

    x: float
    y: float
    w: float
    h: float

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        return (self.x, self.y, self.x + self.w, self.y + self.h)


def stand(
    frame: Frame, size: tuple[float, float], corners: Sequence[str], focus: shapely.Geometry,
    symbols: shapely.MultiPoint, taken: Sequence[Block], gap: float,
) -> Block:  # fmt: skip
    """Choose the corner where a block hides least of the focus and of symbols (page mm); the first of equals wins.

    A corner that is taken offers the place beside and above or below what stands there.
    """
    best: tuple[float, Block] | None = None
    for rank, corner in enumerate(corners):
        for block in _spots(frame, size, corner, taken, gap):
            if any(shapely.box(*block.box).intersects(shapely.box(*other.box)) for other in taken):
                continue
            box = shapely.box(*block.box)
            hidden = box.intersection(focus).area / (size[0] * size[1])
            cost = 100 * hidden + 4 * len(shapely.get_parts(box.buffer(1.0).intersection(symbols))) + rank
            if best is None or cost < best[0]:
                best = (cost, block)
    if best is None:
        return next(iter(_spots(frame, size, corners[0], (), gap)))
    return best[1]


def _spots(
    frame: Frame, size: tuple[float, float], corner: str, taken: Sequence[Block], gap: float
) -> list[Block]:  # fmt: skip
    w, h = size
    x = frame.x + gap if "left" in corner else frame.x + frame.w - gap - w
    y = frame.y + gap if "top" in corner else frame.y + frame.h - gap - h
    found = [Block(x, y, w, h)]
    for other in taken:
        above = other.y + other.h + gap if "top" in corner else other.y - gap - h
        found.append(Block(x, above, w, h))
    return [b for b in found if b.y >= frame.y and b.y + b.h <= frame.y + frame.h]


def draw_graticule(sheet: Sheet, theme: Theme, frame: Frame) -> None:
    """Thin lines over the map; ticks and their degrees are drawn by ``draw_frame``."""
    for line in frame.graticule()[0]:
        sheet.line(line, theme["ink-4"], 0.1 * sheet.u, alpha=0.35, gid="graticule")


def draw_frame(sheet: Sheet, theme: Theme, frame: Frame) -> None:
    """The line round the map and the degrees on all four sides."""
    u, ink = sheet.u, theme["ink"]
    sheet.rect(frame.x, frame.y, frame.w, frame.h, edge=ink, mm=0.4 * u, gid="frame")
    for tick in frame.graticule()[1]:
        x, y, out = tick.x_mm, tick.y_mm, 1.1 * u
        if tick.edge in ("top", "bottom"):
            down = out if tick.edge == "bottom" else -out
            sheet.line([(x, y), (x, y + down)], ink, 0.25 * u)
            at = y + 4.0 * u if tick.edge == "bottom" else y - 1.7 * u
            sheet.text(x, at, tick.text, 6.8 * u, theme["ink-2"], ha="center")
        else:
            right = out if tick.edge == "right" else -out
            sheet.line([(x, y), (x + right, y)], ink, 0.25 * u)
            at = x + 4.0 * u if tick.edge == "right" else x - 1.7 * u
            if min(y - frame.y, frame.y + frame.h - y) < 6.0 * u:  # would meet the figures of the other edge
                continue
            sheet.text(at, y, tick.text, 6.8 * u, theme["ink-2"], ha="center", rotation=90)


def scale_size(bar: ScaleBar, u: float) -> tuple[float, float]:
    """Width and height of the block with bar and ratio."""
    return max(bar.length_mm + 15 * u, 40 * u), 14.5 * u


def draw_scale(sheet: Sheet, theme: Theme, frame: Frame, bar: ScaleBar, block: Block) -> None:
    """A bar in four parts, its figures in km or m, and the ratio."""
    u, ink = sheet.u, theme["ink"]
    sheet.rect(block.x, block.y, block.w, block.h, fill=theme["surface"], alpha=0.86, gid="scale-block")
    left = block.x + 4.5 * u
    top = block.y + 5.4 * u
    in_km = bar.ground_m >= 1000
    total = bar.ground_m / 1000 if in_km else bar.ground_m
    height = 1.2 * u
    sheet.rect(left, top, bar.length_mm, height, fill=ink, gid="scale-bar")
    part = bar.length_mm / 4
    inset = 0.2 * u
    sheet.rect(left + part, top + inset, part, height - 2 * inset, fill=theme["surface"])
    for share in (0.0, 0.25, 0.5, 1.0):
        sheet.text(left + share * bar.length_mm, block.y + 4.2 * u, f"{total * share:g}", 6.8 * u, ink, ha="center")
    sheet.text(left + bar.length_mm + 1.6 * u, top + height, "km" if in_km else "m", 6.8 * u, ink)
    ratio = f"1 : {frame.ratio:,.0f}"
    sheet.text(block.x + block.w - 3 * u, block.y + 12.2 * u, ratio, 8.2 * u, ink, ha="right", gid="ratio")


def north_size(u: float) -> tuple[float, float]:
    """Width and height of the north arrow."""
    return 10 * u, 16.5 * u


def draw_north(sheet: Sheet, theme: Theme, frame: Frame, block: Block) -> None:
    """An arrow that points to true north where it stands."""
    u, ink = sheet.u, theme["ink"]
    cx, cy = block.x + block.w / 2, block.y + 6.2 * u
    angle = np.radians(frame.north_at(cx, cy))
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])

    def placed(points: list[tuple[float, float]]) -> Path:
        turned = np.array(points) * u @ turn
        closed = np.vstack([turned, turned[:1]]) + np.array([cx, cy])
        return Path(closed, [1, *[2] * (len(points) - 1), 79])

    sheet.shape(placed([(0, -6), (-2.7, 5.2), (0, 3.2)]), fill=ink, edge=ink, mm=0.2 * u, gid="north-arrow")
    sheet.shape(placed([(0, -6), (2.7, 5.2), (0, 3.2)]), fill=theme["surface"], edge=ink, mm=0.2 * u)
    sheet.text(cx, block.y + 15.6 * u, "北", 9 * u, ink, bold=True, ha="center", halo=theme["surface"])


def inset_size(u: float) -> tuple[float, float]:
    """Width and height of the inset locator."""
    return 25 * u, 24 * u


def draw_inset(
    sheet: Sheet, theme: Theme, frame: Frame, block: Block, parts: Sequence[tuple[str, shapely.Geometry]],
    focus: str, title: str,
) -> None:  # fmt: skip
    """A small map of the whole with the focus filled and the frame of the large map on it."""
    u = sheet.u
    sheet.rect(block.x, block.y, block.w, block.h, fill=theme["surface"], edge=theme["ink-3"], mm=0.2 * u, gid="inset")
    whole = shapely.total_bounds([g for _, g in parts])
    window = (block.x + 1.2 * u, block.y + 1.2 * u, block.w - 2.4 * u, block.h - 5.4 * u)
    need = max((whole[2] - whole[0]) / window[2], (whole[3] - whole[1]) / window[3]) * 1000
    small = Frame.fit(window, tuple(whole), ratio=need)
    for code, geom in parts:
        path = outline(shapely.transform(shapely.simplify(geom, small.ratio / 4000), small.to_page))
        fill = theme["q5"] if code == focus else theme["line-2"]
        sheet.shape(path, fill=fill, edge=theme["surface"], mm=0.12 * u)
    west, south, east, north = frame.bounds
    corners = small.to_page([(west, north), (east, south)])
    (x0, y0), (x1, y1) = np.clip(
        corners, (block.x + 0.4, block.y + 0.4), (block.x + block.w - 0.4, block.y + block.h - 0.4)
    )
    sheet.rect(x0, y0, x1 - x0, y1 - y0, edge=theme["flat"], mm=0.3 * u)
    sheet.text(block.x + block.w / 2, block.y + block.h - 1.3 * u, title, 6.2 * u, theme["ink-2"], ha="center")


def inset_parts(
    context: Context, counties: Sequence[tuple[str, str, shapely.Geometry]], county: str
) -> tuple[list[tuple[str, shapely.Geometry]], str, str]:  # fmt: skip
    """What the inset shows: the city among the province's, or a county in the city."""
    if county:
        return [(code, geom) for code, _, geom in counties], county, "在盐城市的位置"
    return [(code, geom) for code, _, geom in context.cities], counties[0][0][:4] + "00", "在江苏省的位置"
