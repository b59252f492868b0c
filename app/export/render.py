"""From gathered data to a report map: composition of the sheet, and the file in three formats.

Pure: the same data, theme, fonts and surroundings give the same sheet. Grid is EPSG:4549.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass

import matplotlib as mpl
import shapely

from app.export import blocks, panel
from app.export.classes import AreaClasses, class_areas
from app.export.context import Context, project
from app.export.data import MapData
from app.export.frame import Frame, ScaleBar
from app.export.ground import County, draw_areas, draw_borders, draw_ground, draw_roads
from app.export.items import Drawn, read_items
from app.export.legend import Section, area_section, layer_sections, section_parts, thin_key
from app.export.margins import FOOT, draw_footer, draw_title, footer_lines
from app.export.naming import write_labels
from app.export.papers import PAPERS
from app.export.sheet import Sheet
from app.export.symbols import draw_layer, order_of
from app.export.theme import Theme
from geo.errors import InputError

FORMATS = {"png": "image/png", "pdf": "application/pdf", "svg": "image/svg+xml"}


Window = tuple[float, float, float, float]


@dataclass(frozen=True)
class Report:
    """A composed sheet and what is on it, so that a reader can check the one against the other."""

    sheet: Sheet
    data: MapData
    frame: Frame
    bar: ScaleBar
    drawn: tuple[Drawn, ...]
    areas: AreaClasses | None
    sections: tuple[Section, ...]


def read_counties(geojson: bytes) -> list[County]:
    """Return code, name and shape (EPSG:4549) of the areas."""
    features = json.loads(geojson)["features"]
    if not features:
        raise InputError("没有县（市、区）界线，画不出报告图。", "请先导入 boundary 图层。", field="extent")
    shapes = project(shapely.from_geojson([json.dumps(f["geometry"]) for f in features]))
    return [
        (str(f["properties"]["code"]), str(f["properties"]["name"]), g) for f, g in zip(features, shapes, strict=True)
    ]


def compose(data: MapData, context: Context, theme: Theme) -> Report:
    """Lay out and draw the whole sheet.

    Raises
    ------
    InputError
        The extent names an unknown area, or the legend does not fit the paper.
    MachineError
        The font or a colour is missing.
    """
    recipe = data.recipe
    sheet = Sheet(PAPERS[recipe.paper])
    counties = read_counties(data.counties)
    bounds = _bounds(recipe.extent, counties)
    lines = 2  # the footer says how many things are beyond the frame, which its own height decides
    while True:
        window, columns = _windows(sheet, lines)
        frame = Frame.fit(window, bounds, margin=0.024, lead=_lead(recipe.extent))
        drawn = tuple(read_items(item, frame, sheet.u) for item in data.layers)
        footer = footer_lines(sheet, theme, data, drawn, context)
        if len(footer) <= lines:
            break
        lines = len(footer)
    areas = None
    if recipe.is_filled:
        rule = recipe.classes
        areas = class_areas(data.summary, theme, rule.scheme, rule.k, {code for code, _, _ in counties})
    bar = frame.scale_bar(42 * sheet.u)
    _draw_map(sheet, theme, context, counties, frame, drawn, areas, bar, recipe.extent)
    sections = _sections(sheet, theme, data, drawn, areas)
    _draw_columns(sheet, theme, data, sections, columns)
    draw_title(sheet, theme, data)
    draw_footer(sheet, footer)
    return Report(sheet, data, frame, bar, drawn, areas, tuple(sections))


def write(report: Report, fmt: str) -> bytes:
    """Return the sheet as a PNG, PDF or SVG with the recipe inside.

    PDF has Type 3 outlines with a ToUnicode map: Noto CJK is a CFF font, which matplotlib's type 42 would
    embed under a wrong name that some viewers refuse.
    """
    recipe = report.data.recipe
    if fmt not in FORMATS:
        raise InputError(f"没有格式“{fmt}”。", f"可用：{'、'.join(FORMATS)}。", field="format")
    title, text = recipe.title, recipe.canonical()
    metadata: dict[str, dict[str, str | None]] = {
        "png": {"Title": title, "Software": "Yuantu", "yuantu-recipe": text},
        "pdf": {"Title": title, "Creator": "Yuantu", "Producer": None, "Subject": "report map", "Keywords": text},
        "svg": {"Title": title, "Creator": "Yuantu", "Description": text, "Date": None},
    }
    settings = {"pdf.fonttype": 3, "svg.fonttype": "none", "svg.hashsalt": "yuantu", "hatch.linewidth": 0.4}
    settings |= {"text.hinting": "no_hinting"}  # as wide as measured, at any resolution
    out = io.BytesIO()
    with mpl.rc_context(settings):
        report.sheet.figure.savefig(out, format=fmt, dpi=recipe.dpi, metadata=metadata[fmt])
    return out.getvalue()


def _windows(sheet: Sheet, footer_lines: int) -> tuple[Window, list[Window]]:
    """The window of the map and the columns of words, page mm."""
    u, paper = sheet.u, sheet.paper
    margin, side = 10.5 * u, 82 * u
    top, bottom = 26.0 * u, paper.height_mm - (FOOT + 3.7 * footer_lines) * u - 6.5 * u
    left, ticks = margin + 4.6 * u, 4.6 * u
    if paper.is_portrait:
        words = 92 * u
        window = (left, top, paper.width_mm - left - margin - ticks, bottom - top - words)
        y = bottom - words + 8.5 * u
        half = (paper.width_mm - 2 * margin - 7 * u) / 2
        return window, [(margin, y, half, words - 8 * u), (margin + half + 7 * u, y, half, words - 8 * u)]
    right = paper.width_mm - margin - side
    window = (left, top, right - 3.5 * u - ticks - left, bottom - top)
    return window, [(right, top - 2 * u, side, bottom - top + 4 * u)]


def _bounds(extent: str | Window, counties: list[County]) -> Window:
    if isinstance(extent, str):
        shapes = [g for code, _, g in counties if extent in ("city", code, code[:4] + "00")]
        if not shapes:
            known = "、".join(f"{code}（{name}）" for code, name, _ in counties)
            raise InputError(f"没有代码为“{extent}”的地方。", f"可用：city、{known}。", field="extent")
    else:
        shapes = [project(shapely.segmentize(shapely.box(*extent), 0.02))]
    west, south, east, north = shapely.total_bounds(shapes)
    return (float(west), float(south), float(east), float(north))


def _lead(extent: str | Window) -> float:
    """The city stands left of the middle: the sea is to its east, and has room for bar and arrow."""
    return 0.36 if extent == "city" else 0.5


def _focus(extent: str | Window, counties: list[County]) -> str:
    """The county that the map is of; empty when it is the city or a box."""
    return extent if isinstance(extent, str) and any(code == extent for code, _, _ in counties) else ""


def _draw_map(
    sheet: Sheet, theme: Theme, context: Context, counties: list[County], frame: Frame, drawn: tuple[Drawn, ...],
    areas: AreaClasses | None, bar: ScaleBar, extent: str | Window,
) -> None:  # fmt: skip
    sheet.clipped(frame.x, frame.y, frame.w, frame.h)
    sheet.rect(frame.x, frame.y, frame.w, frame.h, fill=theme["m-sea"], gid="map")
    draw_ground(sheet, theme, context, frame)
    shown = [(code, name, shapely.transform(g, frame.to_page)) for code, name, g in counties]
    draw_areas(sheet, theme, shown, areas, _focus(extent, counties))
    draw_roads(sheet, theme, context, frame)
    draw_borders(sheet, theme, shown, _focus(extent, counties))
    blocks.draw_graticule(sheet, theme, frame)
    for one in sorted(drawn, key=order_of):
        draw_layer(sheet, theme, one)
    taken = _place_furniture(sheet, frame, bar, shown, drawn, _focus(extent, counties))
    write_labels(sheet, theme, context, frame, shown, drawn, [b.box for b in taken.values()])
    blocks.draw_scale(sheet, theme, frame, bar, taken["scale"])
    blocks.draw_north(sheet, theme, frame, taken["north"])
    parts, focus, title = blocks.inset_parts(context, counties, _focus(extent, counties))
    blocks.draw_inset(sheet, theme, frame, taken["inset"], parts, focus, title)
    sheet.unclipped()
    blocks.draw_frame(sheet, theme, frame)


def _place_furniture(
    sheet: Sheet, frame: Frame, bar: ScaleBar, shown: list[County], drawn: tuple[Drawn, ...], focus: str
) -> dict[str, blocks.Block]:  # fmt: skip
    u = sheet.u
    middle = shapely.union_all([g for code, _, g in shown if focus in ("", code)])
    symbols = shapely.MultiPoint([(i.x, i.y) for one in drawn for i in one.items])
    wanted = {
        "scale": (blocks.scale_size(bar, u), ("bottom right", "bottom left", "top right", "top left")),
        "north": (blocks.north_size(u), ("top right", "top left", "bottom right", "bottom left")),
        "inset": (blocks.inset_size(u), ("bottom left", "top left", "bottom right", "top right")),
    }
    placed: dict[str, blocks.Block] = {}
    for name, (size, corners) in wanted.items():
        placed[name] = blocks.stand(frame, size, corners, middle, symbols, list(placed.values()), 2.5 * u)
    return placed


def _sections(
    sheet: Sheet, theme: Theme, data: MapData, drawn: tuple[Drawn, ...], areas: AreaClasses | None
) -> list[Section]:
    found = [area_section(sheet, theme, data.summary, areas)] if areas is not None else []
    found += layer_sections(sheet, theme, drawn)
    extra = thin_key(sheet, theme, drawn)
    singles = [key for s in found if not s.title for key in s.keys]
    found = [s for s in found if s.title]
    if singles or extra:
        last = found.pop() if found and found[-1].title == "其他" else Section("其他", "", ())
        found.append(Section("其他", "", (*singles, *last.keys, *([extra] if extra else []))))
    return found


def _draw_columns(sheet: Sheet, theme: Theme, data: MapData, sections: list[Section], columns: list[Window]) -> None:
    u = sheet.u
    words = panel.headline(sheet, theme, data.summary) + panel.table(sheet, theme, data.summary)
    keys = section_parts(sheet, theme, sections, columns[-1][2] / u)
    stacks = [words, keys] if len(columns) == 2 else [[*words, *keys]]
    scale = panel.scale_for([(parts, box[3] / u) for parts, box in zip(stacks, columns, strict=True)])
    for parts, (x, y, w, _) in zip(stacks, columns, strict=True):
        panel.stack(parts, x, y, w, scale * u)
