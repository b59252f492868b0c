"""The atlas of counties or units (县区图集): one PDF with a cover, the whole, and a page for each area.

Classes and legend are the same on every page, for they are cut from all areas at once.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import matplotlib as mpl
import shapely

from app.export.context import Context
from app.export.data import MapData
from app.export.figures import figures_of, text_of
from app.export.frame import Frame
from app.export.items import read_shapes
from app.export.margins import draw_title
from app.export.papers import PAPERS
from app.export.render import SETTINGS, Report, compose, read_counties
from app.export.sheet import MM, Sheet, fitted, outline, text_width
from app.export.story import Place, Story
from app.export.theme import Theme
from geo.errors import InputError

FIRST = 3  # the first area's page, after the cover and the whole
FAMILIES = ("choropleth", "points", "map", "symbols", "heat", "change", "stages")


@dataclass(frozen=True)
class Line:
    """A line of the contents: what, on which page, and where on the cover it stands (mm)."""

    text: str
    page: int
    box: tuple[float, float, float, float]


def count_pages(story: Story) -> int:
    """Return how many pages the atlas has.

    Raises
    ------
    InputError
        A family that has no areas.
    """
    family = story.data.recipe.family
    if family not in FAMILIES:
        raise InputError(f"图集不能用“{family}”。", f"可用：{'、'.join(FAMILIES)}。", field="family")
    return len(story.places) + FIRST - 1


def draw_page(story: Story, i: int, context: Context, theme: Theme) -> bytes:
    """Return page ``i``, counted from 0, as PDF: the cover, the whole, then the areas."""
    n = count_pages(story)
    if i == 0:
        sheet = draw_cover(story, theme, n)[0]
    elif i == 1:
        whole = story.data.recipe.model_copy(update={"page": (2, n)})
        sheet = compose(replace(story.data, recipe=whole), context, theme).sheet
    else:
        sheet = area_page(story, story.places[i - FIRST + 1], i + 1, n, context, theme).sheet
    out = io.BytesIO()
    with mpl.rc_context(SETTINGS):
        sheet.figure.savefig(out, format="pdf", metadata={"Producer": None})
    return out.getvalue()


def write_atlas(story: Story, context: Context, theme: Theme) -> bytes:
    """Return the whole atlas at once."""
    return bind([draw_page(story, i, context, theme) for i in range(count_pages(story))], story, theme)


def atlas_figures(story: Story) -> dict[str, Any]:
    """Return the figures of the whole and of the targets; the areas are its rows."""
    own = {t["indicator"]: [t["value"], {c: p["value"] for c, p in t["places"].items()}] for t in story.targets}
    return figures_of(story.data) | {"targets": own}


def area_page(story: Story, place: Place, page: int, n: int, context: Context, theme: Theme) -> Report:
    """Compose the page of one area."""
    data, recipe = story.data, story.data.recipe
    title = f"{place.name} · {recipe.title}"[:60]
    extent = _extent(data, place)
    changed = {"page": (page, n), "title": title, "extent": extent}
    shown = replace(
        data, recipe=recipe.model_copy(update=changed),
        extras=replace(data.extras, place=place, highlight=(place.code,)),
    )  # fmt: skip
    return compose(shown, context, theme)


def _extent(data: MapData, place: Place) -> Any:
    """The area itself; where it has no polygon, the box of the things it answers for, else the city."""
    if f'"{place.code}"' in data.counties.decode():
        return place.code
    boxes = [read_shapes(item, "unit_code", place.code) for item in data.layers]
    found = [b for b in boxes if b is not None]
    if not found:
        return "city"
    west, south = min(b[0] for b in found), min(b[1] for b in found)
    east, north = max(b[2] for b in found), max(b[3] for b in found)
    room = 0.02
    return (west - room, south - room, east + room, north + room)


def draw_cover(story: Story, theme: Theme, n: int) -> tuple[Sheet, list[Line]]:
    """Draw title, marking, findings of the whole and the contents with page numbers."""
    data = story.data
    sheet = Sheet(PAPERS[data.recipe.paper])
    u, paper = sheet.u, sheet.paper
    draw_title(sheet, theme, data)
    left, right = 10.5 * u, paper.width_mm - 10.5 * u
    y = 34.0 * u
    foot_y = paper.height_mm - 8 * u
    for i, text in enumerate(story.findings, start=1):
        shown = fitted(f"{i}. {text}", 10.5 * u, right - left)
        sheet.text(left, y, shown, 10.5 * u, theme["ink"])
        y += 7.0 * u
    y += 6.0 * u
    edge = right
    if not paper.is_portrait:
        right = left + 150 * u
        _draw_key_map(sheet, theme, story, (right + 14 * u, y - 6 * u, edge - right - 14 * u, foot_y - 8 * u - y))
    sheet.text(left, y, "目录", 14 * u, theme["ink"], bold=True)
    y += 4.0 * u
    entries = [("全市", 2), *((p.name, FIRST + i) for i, p in enumerate(story.places))]
    summary = story.main
    values = {p.name: f"{summary.shown.text(p.value)} {summary.shown.unit}" for p in story.places}
    values["全市"] = f"{summary.shown.text(summary.total.value)} {summary.shown.unit}"
    lines = []
    step = min(8.0 * u, (paper.height_mm - 22 * u - y) / len(entries))
    for name, page in entries:
        base = y + step * 0.7
        sheet.text(left, base, name, 11 * u, theme["ink"])
        at = left + 62 * u
        sheet.text(at, base, values[name], 10 * u, theme["ink-2"], ha="right")
        start, stop = at + 4 * u, right - text_width(str(page), 11 * u) - 4 * u
        sheet.line([(start, base), (stop, base)], theme["line-2"], 0.2 * u, dashes=(0.4 * u, 1.2 * u))
        sheet.text(right, base, str(page), 11 * u, theme["ink"], ha="right")
        lines.append(Line(name, page, (left, y, right, y + step)))
        y += step
    mark = data.recipe.map_approval_no or "无，内部使用，不得公开"
    axis = data.summary.axis
    foot = f"{axis}　截至 {data.as_of}　比较日 {story.since}　制图 园图 {data.printed}　审图号 {mark}"
    sheet.text(left, foot_y, foot, 7.6 * u, theme["ink-2"])
    sheet.text(edge, foot_y, f"第 1 页，共 {n} 页", 7.6 * u, theme["ink-2"], ha="right")
    return sheet, lines


def _draw_key_map(sheet: Sheet, theme: Theme, story: Story, window: tuple[float, float, float, float]) -> None:
    """Draw which area is where: page numbers in the areas."""
    counties = read_counties(story.data.counties)
    box = shapely.total_bounds([g for _, _, g in counties])
    frame = Frame.fit(window, (float(box[0]), float(box[1]), float(box[2]), float(box[3])), margin=0.0)
    page_of = {p.code: FIRST + i for i, p in enumerate(story.places)}
    for code, name, geom in counties:
        shape = shapely.transform(shapely.simplify(geom, frame.ratio / 5000), frame.to_page)
        sheet.shape(outline(shape), fill=theme["q2"], edge=theme["m-line"], mm=0.3 * sheet.u, gid="key-map")
        at = shapely.get_point(shapely.maximum_inscribed_circle(shape, 0.2), 0)  # the name stands inside
        text = f"{name} {page_of[code]}" if code in page_of else name
        sheet.text(float(at.x), float(at.y), text, 8.6 * sheet.u, theme["ink"], ha="center", halo=theme["m-halo"])


def bind(pages: Sequence[bytes], story: Story, theme: Theme) -> bytes:
    """Return the pages as one file with bookmarks, the links of the contents, and the recipe inside."""
    from pypdf import PdfReader, PdfWriter
    from pypdf.annotations import Link
    from pypdf.generic import Fit

    lines = draw_cover(story, theme, len(pages))[1]
    writer = PdfWriter()
    for page in pages:
        writer.append(PdfReader(io.BytesIO(page)), import_outline=False)
    writer.add_outline_item(title="目录", page_number=0)
    height = float(writer.pages[0].mediabox.height)
    for line in lines:
        writer.add_outline_item(title=line.text, page_number=line.page - 1)
        left, top, right, bottom = (v * MM for v in line.box)
        rect = (left, height - bottom, right, height - top)
        writer.add_annotation(page_number=0, annotation=Link(rect=rect, target_page_index=line.page - 1, fit=Fit.fit()))
    writer.page_mode = "/UseOutlines"
    recipe = story.data.recipe
    about = {"/Title": recipe.title, "/Creator": "Yuantu", "/Keywords": recipe.canonical()}
    writer.add_metadata(about | {"/Subject": text_of(atlas_figures(story))})
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
