"""What single families draw on the map: circles by area, density, the ranked sites, the one thing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import contourpy
import numpy as np
import shapely
from scipy import ndimage

from app.export.context import project
from app.export.data import MapData, Summary
from app.export.frame import Frame
from app.export.ground import Counties
from app.export.items import Drawn
from app.export.labels import Box
from app.export.sheet import Sheet, outline, text_width
from app.export.symbols import CIRCLE
from app.export.theme import Theme
from app.pages.format import number
from geo.geometry import point_on

LARGEST_MM, PIN_MM = 9.5, 2.3
HEAT_KM, HEAT_CELLS = 4.0, 260
HEAT_SHARES = (0.02, 0.1, 0.22, 0.4, 0.65)  # of the peak: where each class begins
_ROUND = (1.0, 2.0, 2.5, 5.0)


@dataclass(frozen=True)
class Bubble:
    """A circle whose area is in proportion to an area's value; page mm."""

    code: str
    x: float
    y: float
    radius: float
    value: float


@dataclass(frozen=True)
class Heat:
    """Classes of density: polygons (page mm) from the lowest, and the bounds between them per 100 km².

    ``missing`` of the ``n`` things state no value and weigh nothing; ``title`` is what weighs, '' the count.
    """

    shapes: tuple[shapely.Geometry, ...]
    bounds: tuple[float, ...]
    unit: str
    n: int
    title: str = ""
    missing: int = 0


@dataclass(frozen=True)
class Pin:
    """A ranked site on the page."""

    rank: int
    name: str
    x: float
    y: float


def bubbles_of(summary: Summary, shown: Counties, u: float) -> tuple[Bubble, ...]:
    """Place one circle for each area with a value, the largest first; the largest value has ``LARGEST_MM``."""
    values = {r.code: float(r.value) for r in summary.rows if r.value}
    most = max((abs(v) for v in values.values()), default=0.0)
    made = []
    for code, _, geom in shown:
        if code in values:
            at = point_on(geom)
            radius = LARGEST_MM * u * math.sqrt(abs(values[code]) / most)
            made.append(Bubble(code, float(at.x), float(at.y), radius, values[code]))
    return tuple(sorted(made, key=lambda b: (-b.radius, b.code)))


def nested(most: float) -> list[float]:
    """Return three round values for the nested legend: near the largest, and a good deal smaller twice."""
    if most <= 0:
        return []
    found = []
    for part in (1.0, 0.35, 0.08):
        power = 10.0 ** math.floor(math.log10(most * part))
        found.append(max(r * power for r in _ROUND if r * power <= most * part * (1 + 1e-9)))
    return list(dict.fromkeys(found))


def draw_bubbles(sheet: Sheet, theme: Theme, summary: Summary, bubbles: Sequence[Bubble]) -> list[Box]:
    """Draw the circles with their figures; return the places that labels must keep off."""
    u = sheet.u
    taken: list[Box] = []
    sheet.marks(
        CIRCLE, [(b.x, b.y) for b in bubbles], [b.radius for b in bubbles], fill=theme["q5"] + "d0",
        edge=theme["m-park"], mm=0.25 * u, gid="bubbles",
    )  # fmt: skip
    for b in bubbles:
        text = summary.shown.text(b.value)
        size = 7.6 * u
        wide, high = text_width(text, size, bold=True), 2.6 * u
        inside = 2 * b.radius > wide + 1.5 * u
        y = b.y + 0.9 * u if inside else b.y + b.radius + 2.9 * u
        sheet.text(
            b.x, y, text, size, theme["ink"], bold=True, ha="center", gid="bubble-value",
            halo="" if inside else theme["m-halo"], halo_mm=0.4 * u,
        )  # fmt: skip
        taken.append((b.x - b.radius, b.y - b.radius, b.x + b.radius, b.y + b.radius))
        if not inside:
            taken.append((b.x - wide / 2, y - high, b.x + wide / 2, y + 0.5 * u))
    return taken


def heat_of(drawn: Drawn, frame: Frame, city: shapely.Geometry, summary: Summary | None = None) -> Heat | None:
    """Smooth the things of a layer to a density per 100 km² and cut it into classes; None without things.

    A Gaussian kernel of ``HEAT_KM``; each thing counts one, or its value where ``summary`` is the sum of the field
    that sizes its symbol; areas by a point inside. What lies beyond the frame by
    less than three kernels counts too only where the page holds it, so the edge of the frame is a little low.
    """
    points = np.array([(i.x, i.y) for i in drawn.items])
    if not len(points):
        return None
    unit, title, missing, weights = f"{drawn.data.layer.noun}/百 km²", "", 0, np.ones(len(points))
    if summary is not None:
        found = [i.props.get(drawn.data.layer.style.size_by) for i in drawn.items]
        known = [isinstance(v, int | float) for v in found]
        weights = np.array([float(v) / summary.shown.factor if ok else 0.0 for v, ok in zip(found, known, strict=True)])
        unit, title, missing = f"{summary.shown.unit}/百 km²", summary.title, known.count(False)
    km = frame.ratio / 1e6  # of a page mm
    step = max(frame.w, frame.h) / HEAT_CELLS
    nx, ny = round(frame.w / step) + 1, round(frame.h / step) + 1
    counts, _, _ = np.histogram2d(
        points[:, 1], points[:, 0], bins=(ny, nx), weights=weights,
        range=((frame.y, frame.y + ny * step), (frame.x, frame.x + nx * step)),
    )  # fmt: skip
    density = ndimage.gaussian_filter(counts, HEAT_KM / km / step, mode="constant", truncate=4.0)
    density *= 100.0 / (step * km) ** 2
    xs = frame.x + (np.arange(nx) + 0.5) * step
    ys = frame.y + (np.arange(ny) + 0.5) * step
    inside = shapely.contains_xy(city, *np.meshgrid(xs, ys))
    if not (density[inside] > 0).any():
        return None
    peak = float(density[inside].max())
    bounds = [_two_digits(share * peak) for share in HEAT_SHARES]
    bounds = sorted(set(bounds))
    lines = contourpy.contour_generator(xs, ys, density, fill_type=contourpy.FillType.OuterOffset)
    shapes = []
    for i, lower in enumerate(bounds):
        upper = bounds[i + 1] if i + 1 < len(bounds) else float("inf")
        rings, offsets = lines.filled(lower, upper)
        polygons = [
            shapely.Polygon(r[o[0] : o[1]], [r[o[j] : o[j + 1]] for j in range(1, len(o) - 1)])
            for r, o in zip(rings, offsets, strict=True)
        ]
        whole = shapely.union_all(shapely.make_valid(np.array(polygons, dtype=object))) if polygons else None
        shapes.append(shapely.intersection(whole, city) if whole is not None else shapely.Polygon())
    kept = [(s, b) for s, b in zip(shapes, bounds, strict=True) if not s.is_empty]
    return Heat(tuple(s for s, _ in kept), tuple(b for _, b in kept), unit, len(drawn.items), title, missing)


def _two_digits(value: float) -> float:
    return float(f"{value:.2g}")


def draw_heat(sheet: Sheet, theme: Theme, heat: Heat) -> None:
    """Fill the classes of density."""
    for i, (shape, color) in enumerate(zip(heat.shapes, heat_colors(theme, heat), strict=True)):
        sheet.shape(outline(shape), fill=color, alpha=0.88, gid=f"heat-{i}")


def heat_colors(theme: Theme, heat: Heat) -> list[str]:
    """Light to dark in the hue of what needs attention; one hue is safe for the colour blind."""
    return [theme[f"s{i + 1}"] for i in range(len(heat.shapes))]


def heat_texts(heat: Heat) -> list[str]:
    """Say each class."""
    marks = [number(b, next((d for d in range(4) if round(b, d) == b), 4)) for b in heat.bounds]
    return [f"{a}–{b}" for a, b in pairwise(marks)] + [f"{marks[-1]} 以上"]


def pins_of(data: MapData, frame: Frame, most: int) -> tuple[Pin, ...]:
    """Place the first of the ranking."""
    ranked = [r for r in data.extras.ranking.get("ranked", []) if r["lon"] is not None][:most]
    if not ranked:
        return ()
    places = frame.place([r["lon"] for r in ranked], [r["lat"] for r in ranked])
    inside = frame.contains(places, 2.0)
    return tuple(
        Pin(int(r["rank"]), str(r["name"]), float(x), float(y))
        for r, (x, y), ok in zip(ranked, places, inside, strict=True)
        if ok
    )


def free_pins(pins: Sequence[Pin], u: float) -> list[Pin]:
    """Move the discs of the ranking off better ones."""
    placed: list[Pin] = []
    for pin in pins:
        x, y = _free(pin.x, pin.y, PIN_MM * u, [(p.x, p.y) for p in placed])
        placed.append(replace(pin, x=x, y=y))
    return placed


def draw_pins(sheet: Sheet, theme: Theme, pins: Sequence[Pin], placed: Sequence[Pin]) -> None:
    """Draw a numbered disc for each site; one that was moved has a line to its place."""
    u = sheet.u
    for pin, disc in zip(pins, placed, strict=True):
        if (disc.x, disc.y) != (pin.x, pin.y):
            sheet.line([(pin.x, pin.y), (disc.x, disc.y)], theme["reed-t"], 0.25 * u)
            sheet.marks(CIRCLE, [(pin.x, pin.y)], 0.5 * u, fill=theme["reed-t"], edge=theme["m-halo"], mm=0.15 * u)
    for disc in reversed(placed):
        at, first = [(disc.x, disc.y)], disc.rank <= 3
        fill = theme["u5"] if first else theme["u3"]
        sheet.marks(CIRCLE, at, PIN_MM * u, fill=fill, edge=theme["m-halo"], mm=0.4 * u, gid="pin")
        ink = theme["surface"] if first else theme["ink"]
        sheet.text(disc.x, disc.y + 0.95 * u, str(disc.rank), 7.4 * u, ink, bold=True, ha="center", gid="pin-rank")


def _free(x: float, y: float, radius: float, placed: Sequence[tuple[float, float]]) -> tuple[float, float]:
    for ring in range(12):
        for turn in range(max(1, 8 * ring)):
            angle = 2 * math.pi * turn / max(1, 8 * ring) - math.pi / 2
            at = (x + 1.15 * radius * ring * math.cos(angle), y + 1.15 * radius * ring * math.sin(angle))
            if all(math.hypot(at[0] - px, at[1] - py) >= 2.05 * radius for px, py in placed):
                return at
    return x, y


def focus_shape(data: MapData) -> shapely.Geometry | None:
    """Return the outline or the place (EPSG:4549) of the one thing; None without a place."""
    card = data.extras.card
    if not card:
        return None
    import json

    for item in data.layers:
        if item.layer.id != card["layer"] or not item.features:
            continue
        for feature in json.loads(item.features)["features"]:
            if feature.get("id") == card["id"] and feature.get("geometry"):
                return project(shapely.from_geojson(json.dumps(feature["geometry"])))
    if card.get("lon") is not None:
        return project(shapely.Point(card["lon"], card["lat"]))
    return None


def draw_focus(sheet: Sheet, theme: Theme, shape: shapely.Geometry) -> None:
    """Mark the one thing (page mm) by a double line round it."""
    u = sheet.u
    ring = shapely.buffer(shape, 1.6 * u if shapely.get_dimensions(shape) else 3.0 * u)
    sheet.shape(outline(ring), edge=theme["m-halo"], mm=1.3 * u)
    sheet.shape(outline(ring), edge=theme["flat"], mm=0.6 * u, gid="focus")
