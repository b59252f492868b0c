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
from app.export.context import INLAND, Context, project
from app.export.data import MapData
from app.export.frame import CRS_TEXT, Frame, ScaleBar
from app.export.items import Drawn, read_items
from app.export.legend import NODATA_HATCH, Section, area_section, layer_sections, section_parts, source_note, thin_key
from app.export.naming import write_labels
from app.export.papers import PAPERS
from app.export.sheet import Run, Sheet, outline, text_width, wrapped
from app.export.symbols import draw_layer, order_of
from app.export.theme import Theme
from geo.errors import InputError

FORMATS = {"png": "image/png", "pdf": "application/pdf", "svg": "image/svg+xml"}
UNPLACED_UNITS = ("320971", "3209YN")

_FOOT = 6.2  # from the last line's base to the edge, mm of A4

County = tuple[str, str, shapely.Geometry]
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
    lines = 3  # the footer says how many things are beyond the frame, which its own height decides
    while True:
        window, columns = _windows(sheet, lines)
        frame = Frame.fit(window, bounds, margin=0.024, lead=_lead(recipe.extent))
        drawn = tuple(read_items(item, frame, sheet.u) for item in data.layers)
        footer = _footer_lines(sheet, theme, data, drawn, context)
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
    _draw_title(sheet, theme, data)
    _draw_footer(sheet, footer)
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
    top, bottom = 26.0 * u, paper.height_mm - (_FOOT + 3.7 * footer_lines) * u - 6.5 * u
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
    _draw_ground(sheet, theme, context, frame)
    shown = [(code, name, shapely.transform(g, frame.to_page)) for code, name, g in counties]
    _draw_areas(sheet, theme, shown, areas, _focus(extent, counties))
    _draw_roads(sheet, theme, context, frame)
    _draw_borders(sheet, theme, shown, _focus(extent, counties))
    blocks.draw_graticule(sheet, theme, frame)
    for one in sorted(drawn, key=order_of):
        draw_layer(sheet, theme, one)
    taken = _place_furniture(sheet, frame, bar, shown, _focus(extent, counties))
    write_labels(sheet, theme, context, frame, shown, drawn, [b.box for b in taken.values()])
    blocks.draw_scale(sheet, theme, frame, bar, taken["scale"])
    blocks.draw_north(sheet, theme, frame, taken["north"])
    parts, focus, title = blocks.inset_parts(context, counties, _focus(extent, counties))
    blocks.draw_inset(sheet, theme, frame, taken["inset"], parts, focus, title)
    sheet.unclipped()
    blocks.draw_frame(sheet, theme, frame)


def _place_furniture(
    sheet: Sheet, frame: Frame, bar: ScaleBar, shown: list[County], focus: str
) -> dict[str, blocks.Block]:  # fmt: skip
    u = sheet.u
    middle = shapely.union_all([g for code, _, g in shown if focus in ("", code)])
    wanted = {
        "scale": (blocks.scale_size(bar, u), ("bottom right", "bottom left", "top right", "top left")),
        "north": (blocks.north_size(u), ("top right", "top left", "bottom right", "bottom left")),
        "inset": (blocks.inset_size(u), ("bottom left", "top left", "bottom right", "top right")),
    }
    placed: dict[str, blocks.Block] = {}
    for name, (size, corners) in wanted.items():
        placed[name] = blocks.stand(frame, size, corners, middle, list(placed.values()), 2.5 * u)
    return placed


def _draw_ground(sheet: Sheet, theme: Theme, context: Context, frame: Frame) -> None:
    u = sheet.u
    window = shapely.box(*frame.bounds).buffer(frame.ratio / 200)
    tolerance = frame.ratio / 12000

    def page(geom: shapely.Geometry) -> shapely.Geometry:
        cut = shapely.intersection(geom, window)
        return shapely.transform(shapely.simplify(cut, tolerance), frame.to_page)

    inland = project(shapely.segmentize(shapely.box(*INLAND), 0.2))
    sheet.shape(outline(page(inland)), fill=theme["m-land"])
    for _, _, geom in (*context.cities, *context.near):
        if geom.intersects(window):
            sheet.shape(outline(page(geom)), fill=theme["m-land"])
    for _, _, geom in context.near:
        if geom.intersects(window):
            sheet.shape(outline(page(geom)), edge=theme["m-land-line"], mm=0.2 * u)
    sheet.shape(outline(page(context.urban)), fill=theme["m-urban"])
    sheet.shape(outline(page(context.rivers)), edge=theme["m-water"], mm=0.3 * u)
    sheet.shape(outline(page(context.lakes)), fill=theme["m-water"])


def _draw_areas(sheet: Sheet, theme: Theme, shown: list[County], areas: AreaClasses | None, focus: str) -> None:
    for code, _, geom in shown:
        if areas is None:
            sheet.shape(outline(geom), fill=theme["m-county" if focus in ("", code) else "m-land"])
            continue
        color = areas.color_of(code)
        sheet.shape(outline(geom), fill=color or theme["surface"], gid=f"area-{code}")
        if color is None:
            sheet.shape(outline(geom), hatch=NODATA_HATCH, hatch_color=theme["ink-4"])


def _draw_roads(sheet: Sheet, theme: Theme, context: Context, frame: Frame) -> None:
    u = sheet.u
    window = shapely.box(*frame.bounds)
    tolerance = frame.ratio / 8000
    for geom, name in ((context.roads, "m-road"), (context.rails, "m-rail")):
        cut = shapely.simplify(shapely.intersection(geom, window), tolerance)
        lines = shapely.get_parts(cut)
        lines = lines[shapely.get_dimensions(lines) == 1]
        path = outline(shapely.transform(shapely.multilinestrings(list(lines)), frame.to_page)) if len(lines) else None
        if path is None:
            continue
        sheet.shape(path, edge=theme[name], mm=0.3 * u, round_cap=True)
        if name == "m-rail":
            sheet.shape(path, edge=theme["m-halo"], mm=0.22 * u, dashes=(1.0 * u, 1.0 * u))


def _draw_borders(sheet: Sheet, theme: Theme, shown: list[County], focus: str) -> None:
    u = sheet.u
    borders = shapely.union_all([shapely.boundary(g) for _, _, g in shown])
    sheet.shape(outline(shapely.line_merge(borders)), edge=theme["m-halo"], mm=0.75 * u)
    sheet.shape(outline(shapely.line_merge(borders)), edge=theme["m-line"], mm=0.3 * u)
    whole = shapely.union_all([g for code, _, g in shown if focus in ("", code)])
    sheet.shape(outline(shapely.boundary(whole)), edge=theme["m-line"], mm=0.45 * u, gid="city-border")


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


def _draw_title(sheet: Sheet, theme: Theme, data: MapData) -> None:
    u, recipe = sheet.u, data.recipe
    left, right = 10.5 * u, sheet.paper.width_mm - 10.5 * u
    mark, ink = ("内部使用", theme["flat-t"])
    if recipe.map_approval_no:
        mark, ink = f"审图号：{recipe.map_approval_no.removeprefix('审图号').lstrip('：: ')}", theme["ink-2"]
    size = 11.0 * u
    width = text_width(mark, size, bold=True) + (8 if not recipe.map_approval_no else 5) * u
    sheet.rect(right - width, 7.2 * u, width, 7.2 * u, edge=ink, mm=0.4 * u, gid="marking")
    sheet.text(right - width / 2, 12.3 * u, mark, size, ink, bold=True, ha="center", gid="marking-text")
    room = right - width - 6 * u - left
    points = 20.0 * u * min(1.0, room / text_width(recipe.title, 20.0 * u, bold=True))
    sheet.text(left, 13.6 * u, recipe.title, points, theme["ink"], bold=True, gid="title")
    text = recipe.subtitle or _subtitle(data)
    size = 10.2 * u
    tag = 24 * u if data.has_demo else 0
    size *= min(1.0, (right - left - tag) / text_width(text, size))
    sheet.text(left, 20.4 * u, text, size, theme["ink-2"], gid="subtitle")
    if data.has_demo:
        x = left + text_width(text, size) + 3.5 * u
        w = text_width("演示数据", 8.6 * u) + 3.4 * u
        sheet.rect(x, 16.7 * u, w, 4.9 * u, fill=theme["amber-s"], radius=0.8 * u, gid="demo-tag")
        sheet.text(x + w / 2, 20.2 * u, "演示数据", 8.6 * u, theme["amber-t"], ha="center")


def _subtitle(data: MapData) -> str:
    parts = [data.summary.axis, f"截至 {data.as_of.isoformat()}"]
    if data.recipe.subject.filter:
        parts.insert(0, f"条件：{data.recipe.subject.filter}")
    return "，".join(parts)


def _footer_lines(
    sheet: Sheet, theme: Theme, data: MapData, drawn: tuple[Drawn, ...], context: Context
) -> list[list[Run]]:
    """Sources and dates of every layer shown, then the technical line."""
    ink, bold, amber = theme["ink-2"], theme["ink"], theme["amber-t"]
    runs: list[Run] = [("数据 ", bold, True)]
    for i, item in enumerate(data.layers):
        runs.append(("；" if i else "", ink, False))
        runs.append((source_note(item), ink, False))
        if item.n_demo:
            part = "演示数据" if item.n_demo == item.n else f"含演示数据 {item.n_demo:,} {item.layer.noun}"
            runs += [("（", ink, False), (part, amber, True), ("）", ink, False)]
    credit = "；".join(
        ("行政区界：非权威界线" + (f"，{data.boundary_note}" if data.boundary_note else ""), *context.publishers)
    )
    runs.append((f"；{credit}。", ink, False))
    runs.append((_missing(data, drawn), ink, False))
    recipe = data.recipe
    technical: list[Run] = []
    for name, text in (
        ("坐标系", CRS_TEXT),
        ("编制", recipe.compiler or "未填写"),
        ("制图", f"园图 {data.printed.isoformat()}"),
        ("审图号", recipe.map_approval_no or "无，内部使用，不得公开"),
    ):
        technical += [(f"{'　' if technical else ''}{name} ", bold, True), (text, ink, False)]
    width = sheet.paper.width_mm - 21 * sheet.u
    return wrapped(runs, 7.2 * sheet.u, width) + wrapped(technical, 7.2 * sheet.u, width)


def _missing(data: MapData, drawn: tuple[Drawn, ...]) -> str:
    """What belongs to the figures but is not on the map."""
    found = [f"{item.layer.title} {item.n_unlocated:,} {item.layer.noun}" for item in data.layers if item.n_unlocated]
    text = f"未定位、不在图上：{'，'.join(found)}。" if found else ""
    beyond = [f"{d.data.layer.title} {d.n_beyond:,} {d.data.layer.noun}" for d in drawn if d.n_beyond]
    text += f"图幅以外：{'，'.join(beyond)}。" if beyond else ""
    if data.summary.axis == "考核口径" and data.recipe.is_filled:
        zones = [r.name for r in data.summary.rows if r.code in UNPLACED_UNITS]
        text += f"{'、'.join(zones)}没有公开界线，只列表、不着色。" if zones else ""
    return text


def _draw_footer(sheet: Sheet, lines: list[list[Run]]) -> None:
    u = sheet.u
    top = sheet.paper.height_mm - (_FOOT + 3.7 * (len(lines) - 1)) * u
    for i, line in enumerate(lines):
        sheet.runs(10.5 * u, top + 3.7 * u * i, line, 7.2 * u)
