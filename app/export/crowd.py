"""A larger picture of the one place where symbols lie on each other, in a free corner of the map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from scipy.spatial import cKDTree

from app.export import blocks
from app.export.classes import AreaClasses
from app.export.context import Context
from app.export.frame import Frame
from app.export.ground import Counties, draw_areas, draw_borders, draw_ground, draw_roads, on_page, union_of
from app.export.items import Drawn, multipoint, read_items
from app.export.labels import Box
from app.export.naming import write_labels
from app.export.sheet import Sheet
from app.export.symbols import draw_layer, order_of
from app.export.theme import Theme

TIMES = 3.0  # how much larger
SIDE_MM = 15.0  # of the crowded square at scale 1
FEWEST, TIGHT = 14, 0.55  # symbols in the square; the part of them that touch another
MOST_ASKED = 4000


@dataclass(frozen=True)
class Crowd:
    """A square of the page (mm) and how many symbols are in it."""

    x: float
    y: float
    side: float
    n: int


def crowd_of(frame: Frame, drawn: Sequence[Drawn], u: float) -> Crowd | None:
    """Find the most crowded square; None where symbols can be told apart everywhere."""
    items = [i for d in drawn for i in d.items if i.is_point]
    if len(items) < FEWEST:
        return None
    points = np.array([(i.x, i.y) for i in items])
    radii = np.array([i.radius for i in items])
    side = SIDE_MM * u
    tree = cKDTree(points)
    asked = points[:: len(points) // MOST_ASKED + 1]  # of very many, every so-many-th stands for its neighbours
    near = tree.query_ball_point(asked, side / 2, p=np.inf, return_length=True)
    best = int(np.argmax(near))
    if near[best] < FEWEST:
        return None
    middle = np.clip(
        asked[best], (frame.x + side / 2, frame.y + side / 2),
        (frame.x + frame.w - side / 2, frame.y + frame.h - side / 2),
    )  # fmt: skip
    inside = np.flatnonzero((np.abs(points - middle) <= side / 2).all(axis=1))
    gaps = cKDTree(points[inside]).query(points[inside], k=2)[0][:, 1] if len(inside) > 1 else np.array([np.inf])
    if len(inside) < FEWEST or float((gaps < 1.4 * radii[inside]).mean()) < TIGHT:
        return None
    return Crowd(float(middle[0]), float(middle[1]), side, len(inside))


def place_lens(
    sheet: Sheet, frame: Frame, crowd: Crowd, shown: Counties, drawn: Sequence[Drawn],
    taken: Sequence[blocks.Block],
) -> blocks.Block | None:  # fmt: skip
    """Find a free corner or edge for the larger picture; None when it would hide the city or symbols."""
    u, size = sheet.u, TIMES * crowd.side
    gap = 2.5 * u
    city = union_of(shown)
    points = multipoint([(i.x, i.y) for d in drawn for i in d.items])
    best: tuple[float, blocks.Block] | None = None
    for x in (frame.x + frame.w - gap - size, frame.x + gap):
        for y in np.linspace(frame.y + gap, frame.y + frame.h - gap - size, 9):
            block = blocks.Block(float(x), float(y), size, size)
            box = shapely.box(*block.box)
            if any(box.intersects(shapely.box(*o.box)) for o in taken):
                continue
            hidden = box.intersection(city).area / size**2
            under = len(shapely.get_parts(box.intersection(points)))
            if hidden > 0.06 or under > 2:
                continue
            cost = 4 * hidden + under + abs(float(y) + size / 2 - crowd.y) / frame.h
            if best is None or cost < best[0]:
                best = (cost, block)
    return best[1] if best else None


def draw_lens(
    sheet: Sheet, theme: Theme, context: Context, counties: Counties, frame: Frame, drawn: Sequence[Drawn],
    areas: AreaClasses | None, crowd: Crowd, block: blocks.Block,
) -> None:  # fmt: skip
    """Draw the crowded square again, larger, with a line from where it lies."""
    u, ink = sheet.u, theme["ink-2"]
    half = crowd.side / 2
    source: Box = (crowd.x - half, crowd.y - half, crowd.x + half, crowd.y + half)
    east = frame.east + (crowd.x - frame.x - frame.w / 2) * frame.ratio / 1000
    north = frame.north - (crowd.y - frame.y - frame.h / 2) * frame.ratio / 1000
    large = Frame(block.x, block.y, block.w, block.h, frame.ratio / TIMES, east, north)
    sheet.rect(source[0], source[1], crowd.side, crowd.side, edge=ink, mm=0.3 * u, gid="lens-source")
    right = block.x > crowd.x
    edge = source[2] if right else source[0]
    side = block.x if right else block.x + block.w
    for top in (True, False):
        start = (edge, source[1] if top else source[3])
        sheet.line([start, (side, block.y if top else block.y + block.h)], ink, 0.16 * u)
    outer, window = sheet.clip, (block.x, block.y, block.w, block.h)
    sheet.clipped(*window)
    sheet.rect(*window, fill=theme["m-sea"], gid="lens")
    draw_ground(sheet, theme, context, large)
    shown = on_page(counties, large)
    draw_areas(sheet, theme, shown, areas, "")
    draw_roads(sheet, theme, context, large)
    draw_borders(sheet, theme, shown, "")
    inner = [read_items(d.data, large, u) for d in drawn]
    for one in sorted(inner, key=order_of):
        draw_layer(sheet, theme, one, "lens")
    text = f"放大 {TIMES:g} 倍，1 : {large.ratio:,.0f}，{crowd.n} 处"
    strip = (block.x, block.y + block.h - 4.2 * u, block.x + block.w, block.y + block.h)
    write_labels(sheet, theme, context, large, shown, inner, [strip])
    sheet.rect(strip[0], strip[1], block.w, 4.2 * u, fill=theme["surface"])
    sheet.text(block.x + block.w / 2, block.y + block.h - 1.2 * u, text, 6.6 * u, ink, ha="center", gid="lens-text")
    sheet.clip = outer
    sheet.rect(*window, edge=ink, mm=0.35 * u)
