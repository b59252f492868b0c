"""From gathered data to a report map: composition of the sheet, and the file in three formats.

Pure: the same data, theme, fonts and surroundings give the same sheet. Grid is EPSG:4549.
"""

from __future__ import annotations

import functools
import io
import json
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
import orjson
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg

from app.export.classes import AreaClasses, areas_of, only
from app.export.columns import draw_columns, sections_of
from app.export.compared import chosen_rows
from app.export.context import Context, project
from app.export.data import MapData
from app.export.family_map import focus_shape
from app.export.figures import figures_of, text_of
from app.export.frame import BACK, Frame, ScaleBar
from app.export.ground import Counties
from app.export.items import Drawn, read_items
from app.export.legend import Section
from app.export.mapping import draw_map
from app.export.margins import FOOT, draw_footer, draw_title, footer_lines
from app.export.papers import PAPERS
from app.export.png import write_png
from app.export.sheet import Sheet
from app.export.special import Special, Window, bounds_of, special_of
from app.export.theme import Theme
from geo.errors import InputError

SETTINGS = {
    "pdf.fonttype": 3, "svg.fonttype": "none", "svg.hashsalt": "yuantu",
    "text.hinting": "no_hinting",  # as wide as measured
}  # fmt: skip
FORMATS = {"png": "image/png", "pdf": "application/pdf", "svg": "image/svg+xml"}


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
    special: Special

    def about(self) -> dict[str, Any]:
        """Return where the map lies on the sheet (mm) and on the ground (degrees), for a page that drags it."""
        frame, paper = self.frame, self.sheet.paper
        west, south, east, north = frame.bounds
        lon, lat = BACK.transform([west, east, west, east], [south, south, north, north])
        box = [max(lon[0], lon[2]), max(lat[0], lat[1]), min(lon[1], lon[3]), min(lat[2], lat[3])]
        return {
            "paper": [paper.width_mm, paper.height_mm], "frame": [frame.x, frame.y, frame.w, frame.h],
            "ratio": frame.ratio, "box": [round(float(v), 6) for v in box],
            "on_map": {d.data.layer.id: len(d.items) for d in self.drawn},
        }  # fmt: skip


@functools.lru_cache(maxsize=4)
def read_counties(geojson: bytes) -> Counties:
    """Return code, name and shape (EPSG:4549) of the areas; read once while the boundaries stay the same."""
    features = orjson.loads(geojson)["features"]
    if not features:
        raise InputError("没有县（市、区）界线，画不出报告图。", "请先导入 boundary 图层。", field="extent")
    shapes = project(shapely.from_geojson([json.dumps(f["geometry"]) for f in features]))
    return Counties(
        (str(f["properties"]["code"]), str(f["properties"]["name"]), g) for f, g in zip(features, shapes, strict=True)
    )


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
    thing = focus_shape(data)
    bounds = bounds_of(thing) if thing is not None and recipe.extent == "city" else _bounds(recipe.extent, counties)
    # the footer says how many things are beyond the frame, which its own height decides
    lines = max(2, len(footer_lines(sheet, theme, data, (), context)))
    while True:
        window, columns = _windows(sheet, lines)
        frame = Frame.fit(window, bounds, margin=0.024, lead=_lead(recipe.extent) if thing is None else 0.5)
        drawn = tuple(read_items(item, frame, sheet.u) for item in data.layers)
        footer = footer_lines(sheet, theme, data, drawn, context)
        if len(footer) <= lines:
            break
        lines = len(footer)
    areas = None
    if recipe.is_filled:
        rule, codes = recipe.classes, {code for code, _, _ in counties}
        signed = recipe.family == "change"
        areas = areas_of(data.summary, theme, rule.scheme, rule.k, codes, signed=signed, fills=recipe.fills)
        areas = only(areas, chosen_rows(sorted(codes), data.extras.compared))
    bar = frame.scale_bar(42 * sheet.u)
    special = special_of(data, frame, counties, drawn, sheet.u, thing)
    draw_map(sheet, theme, context, counties, frame, drawn, areas, bar, data, special)
    sections = sections_of(sheet, theme, data, special.listed(drawn), areas)
    draw_columns(sheet, theme, data, sections, columns, special)
    draw_title(sheet, theme, data)
    draw_footer(sheet, footer, recipe.page, theme)
    return Report(sheet, data, frame, bar, drawn, areas, tuple(sections), special)


def write(report: Report, fmt: str) -> bytes:
    """Return the sheet as a PNG, PDF or SVG with the recipe inside.

    PDF has Type 3 outlines with a ToUnicode map: Noto CJK is a CFF font, which matplotlib's type 42 would
    embed under a wrong name that some viewers refuse.
    """
    recipe = report.data.recipe
    if fmt not in FORMATS:
        raise InputError(f"没有格式“{fmt}”。", f"可用：{'、'.join(FORMATS)}。", field="format")
    title, text, held = recipe.title, recipe.canonical(), text_of(figures_of(report.data))
    if fmt == "png":
        told = {"Title": title, "Software": "Yuantu", "yuantu-recipe": text, "yuantu-figures": held}
        return write_png(pixels_of(report.sheet, recipe.dpi), recipe.dpi, told)
    metadata: dict[str, dict[str, str | None]] = {
        "pdf": {"Title": title, "Creator": "Yuantu", "Producer": None, "Subject": held, "Keywords": text},
        "svg": {"Title": title, "Creator": "Yuantu", "Description": text, "Source": held, "Date": None},
    }
    out = io.BytesIO()
    with mpl.rc_context(SETTINGS):
        report.sheet.figure.savefig(out, format=fmt, metadata=metadata[fmt])
    return out.getvalue()


def pixels_of(sheet: Sheet, dpi: float) -> np.ndarray:
    """Return the sheet as rows × columns × 3."""
    figure = sheet.figure
    figure.dpi = dpi
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[:, :, :3]


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


def _bounds(extent: str | Window, counties: Counties) -> Window:
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
