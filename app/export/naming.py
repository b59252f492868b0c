"""Names on the map, in order of importance: counties inside themselves, the sea, places, neighbours."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
import shapely

from app.export.context import Context
from app.export.frame import Frame
from app.export.ground import Counties, union_of
from app.export.items import Drawn, Item
from app.export.labels import Box, Placed, Placer, Wanted
from app.export.sheet import MM, Sheet, fitted, text_width
from app.export.theme import Theme
from geo.geometry import point_on

SEA = ("黄　海", ((121.05, 33.95), (121.4, 33.5), (120.75, 34.5), (121.9, 34.3), (121.3, 32.9)))
MOST = {"icon": 14, "polygon": 14, "circle": 10, "square": 8, "hatch": 6, "line": 6, "dot": 0}
MOST_ALL = 40


def write_labels(
    sheet: Sheet, theme: Theme, context: Context, frame: Frame, counties: Counties, drawn: Sequence[Drawn],
    taken: Sequence[Box],
) -> list[Placed]:  # fmt: skip
    """Write every label that finds room; what has no room is left out, never written over another."""
    u = sheet.u
    placer = Placer((frame.x + 0.8 * u, frame.y + 0.8 * u, frame.x + frame.w - 0.8 * u, frame.y + frame.h - 0.8 * u))
    for box in taken:
        placer.block(box)
    symbols = [i for one in drawn for i in one.items if i.is_point]
    if symbols:
        placer.block_discs(np.array([(i.x, i.y) for i in symbols]), [i.radius for i in symbols])
    placed = _counties(sheet, theme, placer, frame, counties)
    placed += _things(sheet, theme, placer, drawn)
    _sea(sheet, theme, placer, frame)
    _neighbours(sheet, theme, placer, context, frame, counties)
    return placed


def _size(text: str, points: float, *, bold: bool = False) -> tuple[float, float]:
    return text_width(text, points, bold=bold), points * 1.05 / MM


def _write(sheet: Sheet, theme: Theme, placed: Placed, points: float, color: str, *, bold: bool = False) -> None:
    left, top, right, bottom = placed.box
    if placed.leader is not None:
        w = placed.wanted
        length = np.hypot(placed.leader[0] - w.x, placed.leader[1] - w.y)
        share = min(1.0, w.radius / length)  # from the symbol's edge
        start = (w.x + share * (placed.leader[0] - w.x), w.y + share * (placed.leader[1] - w.y))
        sheet.line([start, placed.leader], theme["m-label"], 0.16 * sheet.u)
    base = bottom - (bottom - top) * 0.19
    middle, text = (left + right) / 2, placed.wanted.text
    sheet.text(
        middle, base, text, points, color, bold=bold, ha="center", halo=theme["m-halo"], halo_mm=0.42 * sheet.u,
        gid="label",
    )  # fmt: skip


Seen = tuple[str, shapely.Geometry, shapely.Point]


@functools.lru_cache(maxsize=48)
def _seen_within(frame: Frame, counties: Counties) -> tuple[Seen, ...]:
    """What is seen of each county, the smallest first, with the point that stands for it."""
    window = shapely.box(frame.x, frame.y, frame.x + frame.w, frame.y + frame.h)
    found = []
    for _, name, geom in sorted(counties, key=lambda c: c[2].area):
        seen = shapely.intersection(geom, window)
        if not seen.is_empty and (seen.area >= 0.03 * geom.area or seen.area >= 60):
            shapely.prepare(seen)
            found.append((name, seen, point_on(seen)))
    return tuple(found)


@functools.lru_cache(maxsize=48)
def _seen_beyond(context: Context, frame: Frame, counties: Counties) -> tuple[Seen, ...]:
    """What is seen of each neighbouring city."""
    own = union_of(counties).buffer(1.0)
    window = shapely.box(frame.x, frame.y, frame.x + frame.w, frame.y + frame.h)
    prefix = counties[0][0][:4]
    found = []
    for code, name, geom in context.cities:
        seen = shapely.transform(geom, frame.to_page).intersection(window).difference(own)
        if code[:4] != prefix and not seen.is_empty:
            shapely.prepare(seen)
            found.append((name, seen, point_on(seen)))
    return tuple(found)


def _counties(sheet: Sheet, theme: Theme, placer: Placer, frame: Frame, counties: Counties) -> list[Placed]:
    found = []
    for name, seen, middle in _seen_within(frame, counties):
        for points in (10.0, 8.5, 7.5):
            size = points * sheet.u
            spaced = "\u2009".join(name)
            w, h = _size(spaced, size, bold=True)
            placed = placer.inside(Wanted(spaced, w, h, float(middle.x), float(middle.y), 0.0), seen)
            if placed is not None:
                _write(sheet, theme, placed, size, theme["m-label"], bold=True)
                found.append(placed)
                break
    return found


def _things(sheet: Sheet, theme: Theme, placer: Placer, drawn: Sequence[Drawn]) -> list[Placed]:
    """The first of each layer, then the second of each: no layer takes all the room."""
    points = 7.4 * sheet.u
    written = dict.fromkeys(range(len(drawn)), 0)
    found: list[Placed] = []
    for turn in range(4 * max(MOST.values())):
        for number, one in enumerate(drawn):
            most = MOST[one.data.layer.style.symbol]
            if turn >= min(4 * most, len(one.items)) or written[number] >= most or len(found) >= MOST_ALL:
                continue
            item = one.items[turn]
            text = fitted(_name(item), points, 40 * sheet.u)
            if not text:
                continue
            w, h = _size(text, points)
            radius = item.radius if item.is_point else 1.2 * sheet.u
            wanted = Wanted(text, w, h, item.x, item.y, radius)
            placed = placer.at_symbol(wanted, far=written[number] < most // 2)
            if placed is not None:
                _write(sheet, theme, placed, points, theme["m-label"])
                found.append(placed)
                written[number] += 1
    return found


def _name(item: Item) -> str:
    """Say 演示 in the name of every 演示 record, also where the record's own name omits it."""
    return item.name if not item.is_demo or "演示" in item.name else f"演示·{item.name}"


def _sea(sheet: Sheet, theme: Theme, placer: Placer, frame: Frame) -> None:
    points = 13.0 * sheet.u
    text, spots = SEA
    w, h = _size(text, points)
    for x, y in frame.place(*zip(*spots, strict=True)):
        box = (x - w / 2, y - h / 2, x + w / 2, y + h / 2)
        if placer.is_free(box, 2.0) and placer.covered(box) == 0:
            sheet.text(x, y + h * 0.3, text, points, theme["m-label-2"], ha="center", gid="label")
            placer.block(box)
            return


def _neighbours(sheet: Sheet, theme: Theme, placer: Placer, context: Context, frame: Frame, counties: Counties) -> None:
    points = 8.0 * sheet.u
    for name, seen, middle in _seen_beyond(context, frame, counties):
        if seen.area < 150 * sheet.u:
            continue
        w, h = _size(name, points)
        placed = placer.inside(Wanted(name, w, h, float(middle.x), float(middle.y), 0.0), seen)
        if placed is not None:
            _write(sheet, theme, placed, points, theme["m-label-2"])
