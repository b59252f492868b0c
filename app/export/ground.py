"""What lies under the data: sea, land, water, roads, and the counties with their borders."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import shapely
from matplotlib.path import Path

from app.export.classes import AreaClasses
from app.export.context import INLAND, Context, project
from app.export.frame import Frame
from app.export.sheet import Sheet, outline
from app.export.theme import Theme

NODATA_HATCH = "/////"
NODATA_PLAIN = "--"  # where lines that lean are classes

County = tuple[str, str, shapely.Geometry]


class Counties(tuple[County, ...]):
    """The areas of one reading or of one frame, told apart by identity: what is derived from them is kept."""

    __slots__ = ()
    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other


@dataclass(frozen=True)
class Layer:
    """A path of the ground with its colours by token; ``mm`` at scale 1."""

    path: Path
    fill: str = ""
    edge: str = ""
    mm: float = 0.0


@functools.lru_cache(maxsize=48)
def on_page(counties: Counties, frame: Frame) -> Counties:
    """Return the areas in page mm."""
    return Counties((code, name, shapely.transform(g, frame.to_page)) for code, name, g in counties)


@functools.lru_cache(maxsize=96)
def union_of(shown: Counties, focus: str = "") -> shapely.Geometry:
    """Return one area, or all of them as one."""
    return shapely.union_all([g for code, _, g in shown if focus in ("", code)])


@functools.lru_cache(maxsize=48)
def _outlines(shown: Counties) -> tuple[Path, ...]:
    return tuple(outline(g) for _, _, g in shown)


@functools.lru_cache(maxsize=96)
def _borders(shown: Counties, focus: str) -> tuple[Path, Path]:
    lines = shapely.line_merge(shapely.union_all([shapely.boundary(g) for _, _, g in shown]))
    return outline(lines), outline(shapely.boundary(union_of(shown, focus)))


@functools.lru_cache(maxsize=48)
def _ground(context: Context, frame: Frame) -> tuple[Layer, ...]:
    """Sea, land, neighbours, towns and water as paths of a page: the same for every map with this frame."""
    window = shapely.box(*frame.bounds).buffer(frame.ratio / 200)
    tolerance = frame.ratio / 12000

    def page(geom: shapely.Geometry) -> Path:
        cut = shapely.intersection(geom, window)
        return outline(shapely.transform(shapely.simplify(cut, tolerance), frame.to_page))

    inland = project(shapely.segmentize(shapely.box(*INLAND), 0.2))
    near = [page(geom) for _, _, geom in context.near if geom.intersects(window)]
    cities = [page(geom) for _, _, geom in context.cities if geom.intersects(window)]
    made = [
        Layer(page(inland), fill="m-land"),
        *(Layer(path, fill="m-land") for path in (*cities, *near)),
        *(Layer(path, edge="m-land-line", mm=0.2) for path in near),
        Layer(page(context.urban), fill="m-urban"),
        Layer(page(context.rivers), edge="m-water", mm=0.3),
        Layer(page(context.lakes), fill="m-water"),
    ]
    return tuple(made)


def draw_ground(sheet: Sheet, theme: Theme, context: Context, frame: Frame) -> None:
    """Draw sea, land, neighbours, towns and water."""
    for layer in _ground(context, frame):
        fill, edge = (theme[x] if x else "none" for x in (layer.fill, layer.edge))
        sheet.shape(layer.path, fill=fill, edge=edge, mm=layer.mm * sheet.u)


def draw_areas(sheet: Sheet, theme: Theme, shown: Counties, areas: AreaClasses | None, focus: str) -> None:
    """Fill the counties by class and hatch those without data."""
    for (code, _, _), path in zip(shown, _outlines(shown), strict=True):
        if areas is None:
            sheet.shape(path, fill=theme["m-county" if focus in ("", code) else "m-land"])
            continue
        if code in areas.left_out:
            sheet.shape(path, fill=theme["m-land"], gid=f"left-{code}")
            continue
        found = areas.class_of(code)
        sheet.shape(path, fill=found.color if found else theme["surface"], gid=f"area-{code}")
        if found is None:
            hatch = NODATA_HATCH if areas.fills == "color" else NODATA_PLAIN
            sheet.shape(path, hatch=hatch, hatch_color=theme["ink-4"])
        elif found.hatch and areas.fills == "hatch":
            sheet.shape(path, hatch=found.hatch, hatch_color=theme["ink-3"], gid=f"hatch-{code}")


@functools.lru_cache(maxsize=48)
def _roads(context: Context, frame: Frame) -> tuple[tuple[str, Path], ...]:
    window = shapely.box(*frame.bounds)
    tolerance = frame.ratio / 8000
    made = []
    for geom, name in ((context.roads, "m-road"), (context.rails, "m-rail")):
        cut = shapely.simplify(shapely.intersection(geom, window), tolerance)
        lines = shapely.get_parts(cut)
        lines = lines[shapely.get_dimensions(lines) == 1]
        if len(lines):
            made.append((name, outline(shapely.transform(shapely.multilinestrings(list(lines)), frame.to_page))))
    return tuple(made)


def draw_roads(sheet: Sheet, theme: Theme, context: Context, frame: Frame) -> None:
    """Draw roads and rails."""
    u = sheet.u
    for name, path in _roads(context, frame):
        sheet.shape(path, edge=theme[name], mm=0.3 * u, round_cap=True)
        if name == "m-rail":
            sheet.shape(path, edge=theme["m-halo"], mm=0.22 * u, dashes=(1.0 * u, 1.0 * u))


def draw_borders(sheet: Sheet, theme: Theme, shown: Counties, focus: str) -> None:
    """Draw county lines with a halo, and the stronger line round the whole."""
    u = sheet.u
    lines, whole = _borders(shown, focus)
    sheet.shape(lines, edge=theme["m-halo"], mm=0.75 * u)
    sheet.shape(lines, edge=theme["m-line"], mm=0.3 * u)
    sheet.shape(whole, edge=theme["m-line"], mm=0.45 * u, gid="city-border")
