"""What lies under the data: sea, land, water, roads, and the counties with their borders."""

from __future__ import annotations

import shapely

from app.export.classes import AreaClasses
from app.export.context import INLAND, Context, project
from app.export.frame import Frame
from app.export.sheet import Sheet, outline
from app.export.theme import Theme

NODATA_HATCH = "/////"
NODATA_PLAIN = "--"  # where lines that lean are classes

County = tuple[str, str, shapely.Geometry]


def draw_ground(sheet: Sheet, theme: Theme, context: Context, frame: Frame) -> None:
    """Draw sea, land, neighbours, towns and water."""
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


def draw_areas(sheet: Sheet, theme: Theme, shown: list[County], areas: AreaClasses | None, focus: str) -> None:
    """Fill the counties by class and hatch those without data."""
    for code, _, geom in shown:
        if areas is None:
            sheet.shape(outline(geom), fill=theme["m-county" if focus in ("", code) else "m-land"])
            continue
        found = areas.class_of(code)
        sheet.shape(outline(geom), fill=found.color if found else theme["surface"], gid=f"area-{code}")
        if found is None:
            hatch = NODATA_HATCH if areas.fills == "color" else NODATA_PLAIN
            sheet.shape(outline(geom), hatch=hatch, hatch_color=theme["ink-4"])
        elif found is not None and found.hatch and areas.fills == "hatch":
            sheet.shape(outline(geom), hatch=found.hatch, hatch_color=theme["ink-3"], gid=f"hatch-{code}")


def draw_roads(sheet: Sheet, theme: Theme, context: Context, frame: Frame) -> None:
    """Draw roads and rails."""
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


def draw_borders(sheet: Sheet, theme: Theme, shown: list[County], focus: str) -> None:
    """Draw county lines with a halo, and the stronger line round the whole."""
    u = sheet.u
    borders = shapely.union_all([shapely.boundary(g) for _, _, g in shown])
    sheet.shape(outline(shapely.line_merge(borders)), edge=theme["m-halo"], mm=0.75 * u)
    sheet.shape(outline(shapely.line_merge(borders)), edge=theme["m-line"], mm=0.3 * u)
    whole = shapely.union_all([g for code, _, g in shown if focus in ("", code)])
    sheet.shape(outline(shapely.boundary(whole)), edge=theme["m-line"], mm=0.45 * u, gid="city-border")
