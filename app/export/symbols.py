"""Drawing the things of a layer, on the map and as keys of the legend, by the same functions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.path import Path

from app.export.items import DRAWN_FROM_BELOW, PX, Drawn, Item, level_of, thinned
from app.export.sheet import Sheet, outline
from app.export.svgpath import icon_outline
from app.export.theme import Theme

CIRCLE = Path.unit_circle()
_SIDE = 0.72
SQUARE = Path(
    [(-1, -_SIDE), (-1, _SIDE), (-1, 1), (-_SIDE, 1), (_SIDE, 1), (1, 1), (1, _SIDE), (1, -_SIDE), (1, -1),
     (_SIDE, -1), (-_SIDE, -1), (-1, -1), (-1, -_SIDE)],
    [1, 2, 3, 3, 2, 3, 3, 2, 3, 3, 2, 3, 3],
)  # fmt: skip
LEAF = Path([(0, 0), (0, 0.75), (0.4, 1.05), (1, 1.05), (1, 0.38), (0.7, 0), (0, 0)], [1, 4, 4, 4, 4, 4, 4])
DIAMOND = Path([(0, 1), (1, 0), (0, -1), (-1, 0), (0, 1)], [1, 2, 2, 2, 79])
BLOCK = Path([(-1, -1), (-1, 1), (1, 1), (1, -1), (-1, -1)], [1, 2, 2, 2, 79])
DASHES = (0.45, 0.7)  # mm; the round ends take a third of a gap
SMALL_MM = 3.4


def draw_layer(sheet: Sheet, theme: Theme, drawn: Drawn, kind: str = "layer") -> None:
    """Draw everything of a layer: areas, lines, then symbols; ``kind`` begins their ids in the SVG."""
    gid = f"{kind}-{drawn.data.layer.id}"
    symbol = drawn.data.layer.style.symbol
    areas = [i for i in drawn.items if not i.is_point]
    points = [i for i in drawn.items if i.is_point]
    for item in reversed(areas):
        draw_area(sheet, theme, drawn, item, outline(item.shape), gid)
    if points:
        _POINTS[symbol](sheet, theme, drawn, points, gid)


def order_of(drawn: Drawn) -> int:
    """Rank of a layer in drawing order, from below."""
    return DRAWN_FROM_BELOW.index(drawn.data.layer.style.symbol)


def line_mm(drawn: Drawn, item: Item) -> float:
    """Width of an outline: the higher the level, the heavier."""
    field = drawn.data.layer.style.line_by
    terms = drawn.data.levels.get(field, ())
    level = level_of(drawn.data, item.props, field) if field else 0
    return (1.0 + (1.4 * level / len(terms) if terms else 0.3)) * 0.22


def draw_area(sheet: Sheet, theme: Theme, drawn: Drawn, item: Item, path: Path, gid: str = "") -> None:
    """Draw a polygon or a line in its layer's style."""
    style, u = drawn.data.layer.style, sheet.u
    color = theme[item.token]
    width = line_mm(drawn, item) * u
    left, top, right, bottom = item.shape.bounds
    is_small = max(right - left, bottom - top) < SMALL_MM * u  # too small for dashes and hatches to be read
    dashes = (1.3 * u, 0.8 * u) if item.is_sketched and not is_small else ()
    if is_small:
        width = min(width, 0.25 * u)
    if item.shape.geom_type.endswith("LineString"):
        sheet.shape(path, edge=theme["m-halo"], mm=width + 0.5 * u, round_cap=True)
        sheet.shape(path, edge=color, mm=width + 0.15 * u, dashes=dashes, gid=gid, round_cap=True)
        return
    if style.symbol == "hatch":
        sheet.shape(path, edge=color, mm=0.25 * u, hatch="/////", hatch_color=color, gid=gid)
        return
    if style.ring_by and level_of(drawn.data, item.props, style.ring_by):
        sheet.shape(path, edge=theme["reed"], mm=width + (0.8 if is_small else 1.1) * u)
        sheet.shape(path, edge=theme["m-halo"], mm=width + 0.3 * u)
    sheet.shape(path, fill=color, alpha=0.45 if is_small else 0.15)
    if item.is_sketched and not is_small:
        sheet.shape(path, hatch="////", hatch_color=color + "66")
    sheet.shape(path, edge=color, mm=width, dashes=dashes, gid=gid)


def _edge(theme: Theme, token: str) -> str:
    return theme["stage-line"] if len(token) == 2 and token[0] == "s" and token[1].isdigit() else theme["m-park"]


def _circles(sheet: Sheet, theme: Theme, drawn: Drawn, items: Sequence[Item], gid: str) -> None:
    del drawn
    u = sheet.u
    items = sorted(items, key=lambda i: -i.radius)
    xy = [(i.x, i.y) for i in items]
    widths = [(0.32 if i.is_stalled or i.is_hollow else 0.2) * u for i in items]
    fills = [theme["surface"] + "b0" if i.is_hollow else theme[i.token] for i in items]
    hollow = [i for i in items if i.is_hollow and i.radius >= 0.9 * u]
    sheet.marks(
        CIRCLE, xy, [i.radius for i in items], fill=fills, edge=[_edge(theme, i.token) for i in items], mm=widths,
        gid=gid, dash_each=[tuple(d * u for d in DASHES) if i.is_stalled else () for i in items],
    )  # fmt: skip
    if hollow:
        sheet.marks(
            CIRCLE, [(i.x, i.y) for i in hollow], [i.radius - 0.38 * u for i in hollow],
            edge=[theme[i.token] for i in hollow], mm=0.4 * u,
        )  # fmt: skip


def _dots(sheet: Sheet, theme: Theme, drawn: Drawn, items: Sequence[Item], gid: str) -> None:
    del drawn
    u = sheet.u
    fills = ["none" if i.is_hollow else theme[i.token] for i in items]
    edges = [theme[i.token] if i.is_hollow else theme["m-halo"] for i in items]
    radii = [i.radius - (0.1 * u if i.is_hollow else 0) for i in items]
    sheet.marks(CIRCLE, [(i.x, i.y) for i in items], radii, fill=fills, edge=edges, mm=0.15 * u, gid=gid)


def _squares(sheet: Sheet, theme: Theme, drawn: Drawn, items: Sequence[Item], gid: str) -> None:
    """Factories: a rounded square with pips by level and small marks for green, zero carbon and 5G."""
    u = sheet.u
    whole = thinned(tuple(items), 2.1 * u)
    full = [i for i, w in zip(items, whole, strict=True) if w][::-1]
    _thin(sheet, theme, [i for i, w in zip(items, whole, strict=True) if not w], gid)
    sheet.marks(
        SQUARE, [(i.x, i.y) for i in full], [i.radius for i in full],
        fill=[theme["surface"] + ("90" if i.is_hollow else "ff") for i in full], edge=[theme[i.token] for i in full],
        mm=0.24 * u, gid=gid, dash_each=[tuple(d * u for d in DASHES) if i.is_hollow else () for i in full],
    )  # fmt: skip
    for field in drawn.data.layer.style.pips:
        groups: dict[int, list[Item]] = {}
        for item in full:
            level = level_of(drawn.data, item.props, field)
            if level:
                groups.setdefault(level, []).append(item)
        for level, same in sorted(groups.items()):
            _mark(sheet, theme, np.array([(i.x, i.y) for i in same]), field, level)


def _mark(sheet: Sheet, theme: Theme, at: np.ndarray, field: str, level: int) -> None:
    """Draw the mark of a recognition beside many symbols at once (``at``, n × 2)."""
    p = PX * 1.1 * sheet.u
    if field.startswith("green"):
        sheet.marks(
            LEAF, np.add(at, (4.6 * p, -1.4 * p)), 4.2 * p, fill=theme["reed"], edge=theme["m-halo"], mm=0.5 * p
        )
    elif field.startswith("zero"):
        sheet.marks(CIRCLE, np.add(at, (7 * p, 1.2 * p)), 1.9 * p, fill=theme["m-halo"], edge=theme["reed"], mm=1.3 * p)
    elif field.startswith("fiveg"):
        sheet.marks(BLOCK, np.add(at, (7 * p, 6 * p)), 2 * p, fill=theme["sea"], mm=0.0)
    else:
        for i in range(min(4, level)):
            half = (1.8 + 1.2 * i) / 1.2  # a bar's height in its widths
            bar = Path([(-1, -half), (-1, half), (1, half), (1, -half), (-1, -half)], [1, 2, 2, 2, 79])
            centre = ((1.8 * i - 3.4 + 0.6) * p, (3.2 - (1.8 + 1.2 * i) / 2) * p)
            sheet.marks(bar, np.add(at, centre), 0.6 * p, fill=theme["m-park"], mm=0.0)


def _thin(sheet: Sheet, theme: Theme, items: Sequence[Item], gid: str) -> None:
    """Symbols that would lie on a better one: only a small mark that something is here."""
    u = sheet.u
    for hollow in (False, True):
        xy = [(i.x, i.y) for i in items if i.is_hollow == hollow]
        if xy:
            fill, edge = ("none", theme["m-poi"]) if hollow else (theme["m-poi"], theme["m-halo"])
            sheet.marks(CIRCLE, xy, 0.38 * u, fill=fill, edge=edge, mm=0.14 * u, gid=gid)


def _icons(sheet: Sheet, theme: Theme, drawn: Drawn, items: Sequence[Item], gid: str) -> None:
    """Facilities: a pictogram on a small plate, dashed when its place is only approximate."""
    del drawn
    u = sheet.u
    whole = thinned(tuple(items), 3.0 * u)
    full = [i for i, w in zip(items, whole, strict=True) if w][::-1]
    _thin(sheet, theme, [i for i, w in zip(items, whole, strict=True) if not w], gid)
    inks = {i.token: theme["m-poi"] if i.token == "m-park" else theme[i.token] for i in full}
    sheet.marks(
        SQUARE, [(i.x, i.y) for i in full], [i.radius for i in full], fill=theme["surface"],
        edge=[inks[i.token] for i in full], mm=0.2 * u, gid=gid,
        dash_each=[tuple(d * u for d in DASHES) if i.is_hollow or i.is_sketched else () for i in full],
    )  # fmt: skip
    for name, token in sorted({(i.icon, i.token) for i in full}):
        same = [i for i in full if (i.icon, i.token) == (name, token)]
        vertices, codes = icon_outline(name)
        centred = Path(np.column_stack([vertices[:, 0] - 7, 7 - vertices[:, 1]]) / 7, codes)
        sheet.marks(centred, [(i.x, i.y) for i in same], same[0].radius * 0.78, edge=inks[token], mm=0.22 * u)


def _park_points(sheet: Sheet, theme: Theme, drawn: Drawn, items: Sequence[Item], gid: str) -> None:
    """Parks and other areas of which only a point is known."""
    u, style = sheet.u, drawn.data.layer.style
    for item in reversed(items):
        xy, color = [(item.x, item.y)], theme[item.token]
        if style.ring_by and level_of(drawn.data, item.props, style.ring_by):
            sheet.marks(SQUARE, xy, item.radius + 0.5 * u, edge=theme["reed"], mm=0.4 * u)
        sheet.marks(SQUARE, xy, item.radius, fill=theme["surface"] + ("a0" if item.is_hollow else "f2"))
        fill = "none" if item.is_hollow else color + "50"
        sheet.marks(SQUARE, xy, item.radius, fill=fill, edge=color, mm=line_mm(drawn, item) * u, gid=gid)
        if "化工" in str(item.props.get("kind") or ""):
            at = [(item.x + item.radius, item.y - item.radius)]
            sheet.marks(DIAMOND, at, 0.6 * u, fill=theme["surface"], edge=theme["m-park"], mm=0.22 * u)


_POINTS = {
    "circle": _circles,
    "dot": _dots,
    "square": _squares,
    "icon": _icons,
    "polygon": _park_points,
    "hatch": _park_points,
    "line": _dots,
}
