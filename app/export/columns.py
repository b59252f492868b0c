"""What stands beside the map: the words, the table and the legend of the family, fitted to their columns."""

from __future__ import annotations

from app.export import panel
from app.export.classes import AreaClasses
from app.export.compare_panel import compare_parts
from app.export.data import MapData
from app.export.family_panel import (
    card_parts,
    change_parts,
    heat_part,
    nested_part,
    place_parts,
    rank_parts,
    stage_parts,
)
from app.export.items import Drawn
from app.export.legend import Section, area_section, layer_sections, section_parts, thin_key
from app.export.sheet import Sheet
from app.export.special import Special, Window
from app.export.theme import Theme
from geo.errors import InputError


def sections_of(
    sheet: Sheet, theme: Theme, data: MapData, drawn: tuple[Drawn, ...], areas: AreaClasses | None
) -> list[Section]:
    """List the legend's sections: areas, layers, then the signs they share."""
    found = [area_section(sheet, theme, data.summary, areas)] if areas is not None else []
    found += layer_sections(sheet, theme, drawn)
    extra = thin_key(sheet, theme, drawn)
    singles = [key for s in found if not s.title for key in s.keys]
    found = [s for s in found if s.title]
    if singles or extra:
        last = found.pop() if found and found[-1].title == "其他" else Section("其他", "", ())
        found.append(Section("其他", "", (*singles, *last.keys, *([extra] if extra else []))))
    return found


def _words(sheet: Sheet, theme: Theme, data: MapData, most: int) -> list[panel.Part]:
    """The text and the table of the family."""
    family, recipe = data.recipe.family, data.recipe
    made: list[panel.Part] = []
    if data.extras.place is not None:
        return place_parts(sheet, theme, data, data.extras.place, most)
    if family == "change":
        made = change_parts(sheet, theme, data)
    elif family == "compare":
        return compare_parts(sheet, theme, recipe, data.extras.compared, most)
    elif family == "stages":
        made = stage_parts(sheet, theme, data)
    elif family == "rank":
        made = rank_parts(sheet, theme, data)
    elif family == "single":
        layer = next(i.layer for i in data.layers if i.layer.id == data.extras.card["layer"])
        made = card_parts(sheet, theme, data, layer)
    else:
        made = panel.headline(sheet, theme, data.summary) if recipe.shows("headline") else []
        made += panel.table(sheet, theme, data.summary, data.extras.highlight) if recipe.shows("table") else []
        return made
    return made if recipe.shows("table") else []


def draw_columns(
    sheet: Sheet, theme: Theme, data: MapData, sections: list[Section], columns: list[Window], special: Special
) -> None:
    """Write the columns, all made smaller alike until they fit."""
    u = sheet.u
    keys = nested_part(sheet, theme, data.summary, special.bubbles)
    keys += heat_part(sheet, theme, special.heat) if special.heat is not None else []
    keys += section_parts(sheet, theme, sections, columns[-1][2] / u)
    for most in (6, 3, 0):  # an area's page says fewer of the targets rather than nothing
        words = _words(sheet, theme, data, most)
        stacks = [words, keys] if len(columns) == 2 else [[*words, *keys]]
        try:
            scale = panel.scale_for([(parts, box[3] / u) for parts, box in zip(stacks, columns, strict=True)])
            break
        except InputError:
            if most == 0 or (data.extras.place is None and data.extras.compared is None):
                raise
    for parts, (x, y, w, _) in zip(stacks, columns, strict=True):
        panel.stack(parts, x, y, w, scale * u)
