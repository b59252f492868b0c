"""The map inside its frame: ground, areas, things, names, furniture, and a larger picture of what is crowded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import shapely

from app.export import blocks
from app.export.classes import AreaClasses
from app.export.context import Context
from app.export.crowd import crowd_of, draw_lens, place_lens
from app.export.data import MapData
from app.export.family_map import PIN_MM, draw_bubbles, draw_focus, draw_heat, draw_pins, free_pins
from app.export.frame import Frame, ScaleBar
from app.export.gathered import discs_of, draw_discs
from app.export.ground import Counties, draw_areas, draw_borders, draw_ground, draw_roads, on_page, union_of
from app.export.items import Drawn, multipoint
from app.export.labels import Box
from app.export.naming import write_labels
from app.export.sheet import Sheet
from app.export.special import Special, Window
from app.export.symbols import draw_layer, order_of
from app.export.theme import Theme


def draw_map(
    sheet: Sheet, theme: Theme, context: Context, counties: Counties, frame: Frame, drawn: tuple[Drawn, ...],
    areas: AreaClasses | None, bar: ScaleBar, data: MapData, special: Special,
) -> None:  # fmt: skip
    """Draw everything inside the frame, and the frame."""
    recipe = data.recipe
    focus = focus_of(recipe.extent, counties)
    sheet.clipped(frame.x, frame.y, frame.w, frame.h)
    sheet.rect(frame.x, frame.y, frame.w, frame.h, fill=theme["m-sea"], gid="map")
    draw_ground(sheet, theme, context, frame)
    shown = on_page(counties, frame)
    draw_areas(sheet, theme, shown, areas, focus)
    if special.heat is not None:
        draw_heat(sheet, theme, special.heat)
    draw_roads(sheet, theme, context, frame)
    draw_borders(sheet, theme, shown, focus)
    if recipe.shows("graticule"):
        blocks.draw_graticule(sheet, theme, frame)
    taken_by_circles = []
    if special.bubbles:
        taken_by_circles = draw_bubbles(sheet, theme, data.summary, special.bubbles)
    listed = special.listed(drawn)
    counted: list[Box] = []
    for one in sorted(listed, key=order_of):
        if one.is_dense:
            draw_layer(sheet, theme, replace(one, items=tuple(i for i in one.items if not i.is_point)))
            counted += draw_discs(sheet, theme, one, discs_of(one, sheet.u))
        else:
            draw_layer(sheet, theme, one)
    listed = tuple(one for one in listed if not one.is_dense)
    if special.focus is not None:
        draw_focus(sheet, theme, special.focus)
    if data.extras.card:
        focus = str(data.extras.card.get("county_code") or "")  # the inset shows where in the city it lies
    pins = free_pins(special.pins, sheet.u)
    spots = [(p.x, p.y) for p in pins] + [((a + c) / 2, (b + d) / 2) for a, b, c, d in counted]
    taken = _place_furniture(sheet, frame, bar, shown, listed, focus, spots, inset=recipe.shows("inset"))
    crowd = crowd_of(frame, listed, sheet.u) if recipe.shows("inset") and special.focus is None else None
    lens = None
    if crowd is not None:
        lens = place_lens(sheet, frame, crowd, shown, listed, list(taken.values()))
    if lens is not None:
        taken["lens"] = lens
    if recipe.shows("labels"):
        r = PIN_MM * sheet.u
        boxes = [*(b.box for b in taken.values()), *taken_by_circles, *counted]
        boxes += [(p.x - r, p.y - r, p.x + r, p.y + r) for p in pins]
        if special.focus is not None and shapely.get_dimensions(special.focus):
            boxes.append(special.focus.bounds)
        write_labels(sheet, theme, context, frame, shown, listed, boxes)
    draw_pins(sheet, theme, special.pins, pins)
    if lens is not None and crowd is not None:
        draw_lens(sheet, theme, context, counties, frame, listed, areas, crowd, lens)
    blocks.draw_scale(sheet, theme, frame, bar, taken["scale"])
    blocks.draw_north(sheet, theme, frame, taken["north"])
    if "inset" in taken:
        parts, inner, title = blocks.inset_parts(context, counties, focus)
        blocks.draw_inset(sheet, theme, frame, taken["inset"], parts, inner, title)
    sheet.unclipped()
    blocks.draw_frame(sheet, theme, frame)


def _place_furniture(
    sheet: Sheet, frame: Frame, bar: ScaleBar, shown: Counties, drawn: tuple[Drawn, ...], focus: str,
    spots: Sequence[tuple[float, float]], *, inset: bool,
) -> dict[str, blocks.Block]:  # fmt: skip
    u = sheet.u
    middle = union_of(shown, focus)
    symbols = multipoint([(i.x, i.y) for one in drawn for i in one.items] + list(spots))
    wanted = {
        "scale": (blocks.scale_size(bar, u), ("bottom right", "bottom left", "top right", "top left")),
        "north": (blocks.north_size(u), ("top right", "top left", "bottom right", "bottom left")),
        "inset": (blocks.inset_size(u), ("bottom left", "top left", "bottom right", "top right")),
    }
    if not inset:
        del wanted["inset"]
    placed: dict[str, blocks.Block] = {}
    for name, (size, corners) in wanted.items():
        placed[name] = blocks.stand(frame, size, corners, middle, symbols, list(placed.values()), 2.5 * u)
    return placed


def focus_of(extent: str | Window, counties: Counties) -> str:
    """The county that the map is of; empty when it is the city or a box."""
    return extent if isinstance(extent, str) and any(code == extent for code, _, _ in counties) else ""
