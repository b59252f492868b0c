"""The legend: an entry for everything that is drawn, and for nothing that is not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import shapely

from app.export.classes import AreaClasses
from app.export.data import Summary
from app.export.gathered import Disc, draw_discs, radius_of
from app.export.ground import NODATA_HATCH, NODATA_PLAIN
from app.export.items import BLANK, Drawn, Item, level_of, radius_mm, thinned
from app.export.panel import Part
from app.export.sheet import Sheet, fitted, text_width
from app.export.symbols import CIRCLE, DASHES, draw_layer, order_of
from app.export.theme import Theme
from app.pages.format import number

KeyDraw = Callable[[float, float, float], None]  # centre x, centre y, scale


@dataclass(frozen=True)
class Key:
    """An entry: how its sign is drawn round a point, and what it says."""

    draw: KeyDraw
    text: str
    amber: bool = False


@dataclass(frozen=True)
class Section:
    """A titled group of entries."""

    title: str
    note: str
    keys: tuple[Key, ...]
    columns: int = 3
    wide: bool = False


def area_section(sheet: Sheet, theme: Theme, summary: Summary, areas: AreaClasses) -> Section:
    """The classes as they are filled, how many areas are in each, zero and no data apart."""
    keys = []
    hatched = areas.fills == "hatch"
    for item in areas.classes:
        hatch = item.hatch if hatched else ""
        keys.append(Key(_swatch(sheet, theme, item.color, hatch), f"{item.text}（{len(item.codes)}）"))
    if areas.none:
        keys.append(
            Key(_swatch(sheet, theme, "", NODATA_PLAIN if hatched else NODATA_HATCH), f"无数据（{len(areas.none)}）")
        )
    n = sum(1 for c in areas.classes if c.text != "0")
    bounds = "" if summary.is_count or areas.is_signed else "，含上界"
    grades = "" if areas.is_signed else f" {n} 级"
    note = f"{summary.shown.unit} · {areas.scheme}{grades}{bounds}（县数）" if n else f"{summary.shown.unit}（县数）"
    title = summary.title if summary.is_count else f"{summary.title}"
    return Section(title, note, tuple(keys), wide=True)


def layer_sections(sheet: Sheet, theme: Theme, drawn: Sequence[Drawn]) -> list[Section]:
    """Colours and sizes of each layer that is drawn, then the signs they share."""
    found: list[Section] = []
    for one in sorted(drawn, key=order_of, reverse=True):
        if one.is_dense:
            found.append(_counts(sheet, theme, one))
        elif one.items:
            found += _colors(sheet, theme, one)
            found += _sizes(sheet, theme, one)
    alone = [one for one in drawn if one.items and not one.is_dense]
    other = [key for one in alone for key in _marks(sheet, theme, one)]
    shared = _shared(sheet, theme, [i for one in alone for i in one.items])
    shared += _demo(sheet, theme, [i for one in drawn for i in one.items])
    if other or shared:
        found.append(Section("其他", "", (*other, *shared)))
    return found


def section_parts(sheet: Sheet, theme: Theme, sections: Sequence[Section], width: float) -> list[Part]:
    """Lay sections out as parts of a column ``width`` mm wide at scale 1."""
    parts: list[Part] = []
    for section in sections:
        parts.append(Part(6.6, _title(sheet, theme, section)))
        columns = _columns(section, width)
        for start in range(0, len(section.keys), columns):
            parts.append(Part(4.7, _row(sheet, theme, section.keys[start : start + columns], columns, section.wide)))
        parts.append(Part(1.6, lambda *_: None))
    return parts


def _columns(section: Section, width: float) -> int:
    lead = 9.5 if section.wide else 6.0
    for columns in range(section.columns, 1, -1):
        room = width / columns - lead
        if all(text_width(key.text, 7.9) <= room for key in section.keys):
            return columns
    return 2


def _title(sheet: Sheet, theme: Theme, section: Section):
    def draw(x: float, y: float, width: float, s: float) -> None:
        sheet.line([(x, y), (x + width, y)], theme["line-2"], 0.15 * s)
        sheet.text(x, y + 4.3 * s, section.title, 8.6 * s, theme["ink"], bold=True)
        if section.note:
            at = x + text_width(section.title, 8.6 * s, bold=True) + 2.2 * s
            sheet.text(at, y + 4.3 * s, fitted(section.note, 7.8 * s, x + width - at), 7.8 * s, theme["ink-3"])

    return draw


def _row(sheet: Sheet, theme: Theme, keys: Sequence[Key], columns: int, wide: bool):
    def draw(x: float, y: float, width: float, s: float) -> None:
        lead = 9.5 if wide else 6.0
        for i, key in enumerate(keys):
            left = x + i * width / columns
            key.draw(left + (lead - 1.8) / 2 * s, y + 2.2 * s, s)
            color = theme["amber-t"] if key.amber else theme["ink"]
            text = fitted(key.text, 7.9 * s, width / columns - lead * s - 0.5)
            sheet.text(left + lead * s, y + 3.15 * s, text, 7.9 * s, color)

    return draw


def _swatch(sheet: Sheet, theme: Theme, fill: str, hatch: str) -> KeyDraw:
    def draw(x: float, y: float, s: float) -> None:
        box = (x - 3.6 * s, y - 1.6 * s, 7.2 * s, 3.2 * s)
        sheet.rect(*box, fill=fill or theme["surface"], gid="legend-class")
        if hatch:
            sheet.rect(*box, edge=theme["ink-4"], hatch=hatch)
        sheet.rect(*box, edge=theme["m-line"], mm=0.2 * s)

    return draw


def _sign(sheet: Sheet, theme: Theme, drawn: Drawn, item: Item) -> KeyDraw:
    """Draw an item itself, moved to the legend: the same function as on the map."""

    def draw(x: float, y: float, s: float) -> None:
        kept = shapely.Point(x, y)
        if not item.is_point:
            kept = shapely.box(x - 1.9 * s, y - 1.2 * s, x + 1.9 * s, y + 1.2 * s)
        if item.shape.geom_type.endswith("LineString"):
            kept = shapely.LineString([(x - 2.2 * s, y), (x + 2.2 * s, y)])
        draw_layer(sheet, theme, Drawn(drawn.data, (replace(item, x=x, y=y, shape=kept),), 0), "key")

    return draw


def _plain(drawn: Drawn, sheet: Sheet, **props: object) -> Item:
    """A typical thing of a layer: known exactly, not stalled, no recognitions, middle size."""
    first = next((i for i in drawn.items if not i.is_point), drawn.items[0])
    kept = {k: v for k, v in first.props.items() if k in ("name",)}
    radius = {"circle": 1.15, "dot": 0.6}.get(drawn.data.layer.style.symbol, first.radius / sheet.u) * sheet.u
    shape = first.shape if not first.is_point else shapely.Point(0, 0)
    return replace(first, props=kept | props, radius=radius, shape=shape)


def _colors(sheet: Sheet, theme: Theme, drawn: Drawn) -> list[Section]:
    data, style = drawn.data, drawn.data.layer.style
    counts = drawn.counts(style.color_by) if style.color_by else {}
    spec = data.layer.field(style.color_by) if style.color_by else None
    amount = f"图上 {len(drawn.items):,} {data.layer.noun}"
    if not counts or spec is None:
        token = replace(_plain(drawn, sheet), token=style.color or "m-park", icon="dot")
        return [
            Section("", "", (Key(_sign(sheet, theme, drawn, token), f"{data.layer.title}（{len(drawn.items):,}）"),))
        ]
    known = {v.value: v for v in data.values}
    terms = [v.value for v in data.values if v.value in counts] + sorted(set(counts) - set(known))
    keys = []
    for term in terms:
        value = known.get(term)
        icon = style.icons.get(term) or (value.icon if value else "") or "dot"
        token = value.color if value and value.color else style.color
        item = replace(_plain(drawn, sheet, **{style.color_by: term}), token=token, icon=icon)
        keys.append(Key(_sign(sheet, theme, drawn, item), f"{term}（{counts[term]:,}）"))
    blank = sum(1 for i in drawn.items if i.props.get(style.color_by) in (None, ""))
    if blank:
        item = replace(_plain(drawn, sheet), token=BLANK, icon="dot")
        keys.append(Key(_sign(sheet, theme, drawn, item), f"未填写（{blank:,}）"))
    title = spec.title if spec.title.startswith(data.layer.title[:2]) else f"{data.layer.title} · {spec.title}"
    return [Section(title, amount, tuple(keys))]


def _sizes(sheet: Sheet, theme: Theme, drawn: Drawn) -> list[Section]:
    data, style = drawn.data, drawn.data.layer.style
    spec = data.layer.field(style.size_by) if style.size_by else None
    if style.symbol != "circle" or spec is None or not any(style.size_at):
        return []
    if not any(isinstance(i.props.get(style.size_by), int | float) for i in drawn.items):
        return []
    keys = []
    for value in sorted(style.size_at):
        radius = radius_mm(style, value, sheet.u)

        def draw(x: float, y: float, s: float, radius: float = radius) -> None:
            del s
            ring = replace(drawn.items[0], props={}, x=x, y=y, radius=radius, shape=shapely.Point(x, y))
            sheet_marks(sheet, theme, ring)

        keys.append(Key(draw, number(value, 0, data.size.factor)))
    return [Section(f"{spec.title}", f"圆面积与数值成正比，{data.size.unit}", tuple(keys))]


def sheet_marks(sheet: Sheet, theme: Theme, ring: Item) -> None:
    """An empty circle of the legend of sizes."""

    sheet.marks(CIRCLE, [(ring.x, ring.y)], ring.radius, edge=theme["stage-line"], mm=0.2 * sheet.u, gid="legend-size")


def _marks(sheet: Sheet, theme: Theme, drawn: Drawn) -> list[Key]:
    """Recognitions of factories and parks that occur on the map."""
    data, style = drawn.data, drawn.data.layer.style
    keys = []
    for field in (*style.pips, style.ring_by):
        spec = data.layer.field(field) if field else None
        level = max((level_of(data, i.props, field) for i in drawn.items), default=0) if spec else 0
        if spec and level:
            best = next(i.props[field] for i in drawn.items if level_of(data, i.props, field) == level)
            item = replace(_plain(drawn, sheet, **{field: best}), token=style.color or "m-park")
            n = sum(1 for i in drawn.items if level_of(data, i.props, field))
            keys.append(
                Key(
                    _sign(sheet, theme, drawn, item), f"{spec.title.removesuffix('级别').removesuffix('等级')}（{n:,}）"
                )
            )
    return keys


def _shared(sheet: Sheet, theme: Theme, items: Sequence[Item]) -> list[Key]:
    """Signs that mean the same on every layer."""
    keys = []
    u = sheet.u

    def ring(x: float, y: float, dashed: bool) -> None:
        dash = [tuple(d * u for d in DASHES)] if dashed else []
        sheet.marks(
            CIRCLE, [(x, y)], 1.15 * u, fill=theme["surface"], edge=theme["stage-line"], mm=0.32 * u, dash_each=dash
        )

    stalled = sum(1 for i in items if i.is_stalled)
    hollow = sum(1 for i in items if i.is_hollow)
    sketched = sum(1 for i in items if i.is_sketched)
    if stalled:
        keys.append(Key(lambda x, y, _: ring(x, y, dashed=True), f"三未项目（{stalled:,}）"))
    if hollow:
        keys.append(Key(lambda x, y, _: ring(x, y, dashed=False), f"空心：镇、县级（{hollow:,}）"))
    if sketched:

        def dashed_box(x: float, y: float, s: float) -> None:
            sheet.rect(
                x - 2 * s, y - 1.4 * s, 4 * s, 2.8 * s, edge=theme["m-park"], mm=0.25 * s, dashes=(1.0 * s, 0.6 * s)
            )

        keys.append(Key(dashed_box, f"虚线：示意位置（{sketched:,}）"))
    return keys


def _demo(sheet: Sheet, theme: Theme, items: Sequence[Item]) -> list[Key]:
    demo = sum(1 for i in items if i.is_demo)

    def amber(x: float, y: float, s: float) -> None:
        sheet.rect(x - 2 * s, y - 1.4 * s, 4 * s, 2.8 * s, fill=theme["amber-s"], edge=theme["amber-l"], mm=0.2 * s)

    return [Key(amber, f"演示数据（{demo:,}）", amber=True)] if demo else []


def _counts(sheet: Sheet, theme: Theme, drawn: Drawn) -> Section:
    """The discs of a layer whose symbols are too many to be told apart."""
    disc = Disc(0, 0, radius_of(10) * sheet.u, 12)

    def draw(x: float, y: float, s: float) -> None:
        del s
        draw_discs(sheet, theme, drawn, [replace(disc, x=x, y=y)], "key")

    layer = drawn.data.layer
    return Section(layer.title, f"图上 {len(drawn.items):,} {layer.noun}", (Key(draw, "圆中数字：那一带的数量"),), 2)


def thin_key(sheet: Sheet, theme: Theme, drawn: Sequence[Drawn]) -> Key | None:
    """The small mark that stands for symbols that would lie on each other, when there is one."""
    u = sheet.u
    gaps = {"icon": 3.0, "square": 2.1}
    n = 0
    for one in drawn:
        gap = gaps.get(one.data.layer.style.symbol)
        points = tuple(i for i in one.items if i.is_point)
        if gap:
            n += int((~thinned(points, gap * u)).sum())
    if not n:
        return None

    def dot(x: float, y: float, s: float) -> None:
        del s
        sheet.marks(CIRCLE, [(x, y)], 0.38 * u, fill=theme["m-poi"], edge=theme["m-halo"], mm=0.14 * u)

    return Key(dot, f"小点：密集处简化（{n:,}）")
