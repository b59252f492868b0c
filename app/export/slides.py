"""A report as PowerPoint slides: native tables and charts, on the layouts of the user's own template where given."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI
from pptx.util import Emu, Pt

from app.export.document import Chart, Document, Grid
from app.export.office import CUSTOM_XML, FACE, chart_data, inside, opened, plain, unused_part
from app.export.theme import Theme, load_theme

WIDE = (Emu(12_192_000), Emu(6_858_000))
MOST_ROWS = 14


def write_pptx(document: Document, template: bytes | None = None, theme: Theme | None = None) -> bytes:
    """Return the slides.

    Parameters
    ----------
    template : bytes, optional
        A .pptx whose size, masters and layouts are kept; its slides are not.

    Raises
    ------
    InputError
        The template is not a .pptx.
    """
    theme = theme or load_theme()
    deck = opened(template, "pptx", Presentation)
    if template is None:
        deck.slide_width, deck.slide_height = WIDE
    else:
        _emptied(deck)
    deck.core_properties.title = plain(document.title)[:250]
    deck.core_properties.author = "园图"
    deck.core_properties.comments = document.marking
    made = _Maker(deck, document, theme, own=template is None)
    made.cover()
    for chapter in document.chapters:
        if chapter.texts:
            made.texts(chapter.title, chapter.texts)
        if chapter.picture:
            made.picture(chapter.title, chapter.picture)
        if chapter.chart is not None:
            made.chart(chapter.title, chapter.chart)
        if chapter.grid is not None:
            made.tables(chapter.title, chapter.grid)
    made.texts("来源与口径", document.about, size=14)
    package = deck.part.package
    name = unused_part(package, "/customXml/item{}.xml")
    item = Part(PackURI(name), "application/xml", package, inside(document.recipe, document.figures))
    deck.part.relate_to(item, CUSTOM_XML)
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


def _emptied(deck: Any) -> None:
    """Take the template's slides out."""
    listed = deck.slides._sldIdLst
    for slide in list(listed):
        deck.part.drop_rel(slide.rId)
        listed.remove(slide)


class _Maker:
    """Slides of one deck, laid out on the layouts that have a title."""

    def __init__(self, deck: Any, document: Document, theme: Theme, *, own: bool) -> None:
        self.deck, self.document, self.theme, self.own = deck, document, theme, own
        self.width, self.height = int(deck.slide_width), int(deck.slide_height)
        self.margin = int(self.width * 0.045)
        layouts = list(deck.slide_layouts)
        titled = [x for x in layouts if any(p.placeholder_format.type in (1, 3) for p in x.placeholders)]
        # the layout with the fewest boxes beside the title leaves most room
        self.layout = min(titled or layouts, key=lambda x: len(list(x.placeholders)))

    def _slide(self, title: str) -> Any:
        slide = self.deck.slides.add_slide(self.layout)
        for holder in list(slide.placeholders):
            if holder.placeholder_format.type not in (1, 3):
                holder._element.getparent().remove(holder._element)
        if slide.shapes.title is not None:
            slide.shapes.title.text_frame.text = plain(title)
            if self.own:
                box = slide.shapes.title
                box.left, box.top = Emu(self.margin), Emu(int(self.height * 0.03))
                box.width, box.height = Emu(self.width - 2 * self.margin), Emu(int(self.height * 0.11))
                self._style(box.text_frame, 26, bold=True)
        else:
            self._box(slide, title, 0.03, 0.11, 26, bold=True)
        foot = self.document.marking + ("　演示数据" if self.document.has_demo else "")
        self._box(slide, f"{foot}　{self.document.title}", 0.945, 0.045, 9)
        return slide

    def _style(self, frame: Any, size: float, *, bold: bool = False, align: Any = PP_ALIGN.LEFT) -> None:
        frame.word_wrap = True
        frame.vertical_anchor = MSO_ANCHOR.MIDDLE
        for paragraph in frame.paragraphs:
            paragraph.alignment = align
            for run in paragraph.runs:
                run.font.size, run.font.bold = Pt(size), bold
                _face(run)

    def _box(self, slide: Any, text: str, top: float, height: float, size: float, *, bold: bool = False) -> Any:
        box = slide.shapes.add_textbox(
            Emu(self.margin), Emu(int(self.height * top)), Emu(self.width - 2 * self.margin),
            Emu(int(self.height * height)),
        )  # fmt: skip
        box.text_frame.text = plain(text)
        self._style(box.text_frame, size, bold=bold)
        return box

    def cover(self) -> None:
        """Title, subtitle, marking, who and when."""
        slide = self._slide(self.document.title)
        self._box(slide, self.document.subtitle, 0.32, 0.12, 18)
        mark = self._box(slide, self.document.marking, 0.46, 0.09, 20, bold=True)
        mark.text_frame.paragraphs[0].runs[0].font.color.rgb = _rgb(self.theme["flat-t"])
        if self.document.has_demo:
            demo = self._box(slide, "演示数据", 0.55, 0.08, 16, bold=True)
            demo.text_frame.paragraphs[0].runs[0].font.color.rgb = _rgb(self.theme["amber-t"])
        told = "　".join(x for x in (self.document.organisation, self.document.made) if x)
        if told:
            self._box(slide, told, 0.66, 0.08, 14)

    def texts(self, title: str, texts: Sequence[str], size: float = 20) -> None:
        """One paragraph below the other."""
        slide = self._slide(title)
        box = self._box(slide, "\n".join(texts), 0.18, 0.72, size)
        box.text_frame.vertical_anchor = MSO_ANCHOR.TOP
        for paragraph in box.text_frame.paragraphs:
            paragraph.space_after = Pt(size * 0.6)

    def picture(self, title: str, png: bytes) -> None:
        """The map as large as the slide allows."""
        slide = self._slide(title)
        top, most = int(self.height * 0.15), int(self.height * 0.79)
        shape = slide.shapes.add_picture(io.BytesIO(png), Emu(0), Emu(top))
        scale = min((self.width - 2 * self.margin) / shape.width, most / shape.height)
        shape.width, shape.height = Emu(int(shape.width * scale)), Emu(int(shape.height * scale))
        shape.left = Emu((self.width - shape.width) // 2)
        shape._element.nvPicPr.cNvPr.set("descr", plain(self.document.title))

    def chart(self, title: str, chart: Chart) -> None:
        """A native chart whose figures can be edited."""
        slide = self._slide(title)
        data = chart_data(chart.categories, chart.series, chart.pattern)
        frame = slide.shapes.add_chart(
            XL_CHART_TYPE.COLUMN_CLUSTERED, Emu(self.margin), Emu(int(self.height * 0.16)),
            Emu(self.width - 2 * self.margin), Emu(int(self.height * 0.77)), data,
        )  # fmt: skip
        made = frame.chart
        made.has_title, made.chart_title.text_frame.text = True, plain(chart.title)
        made.has_legend = len(chart.series) > 1
        if made.has_legend:
            made.legend.position, made.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
        made.font.size = Pt(12)
        for series, token in zip(made.plots[0].series, ("q5", "q3"), strict=False):
            series.format.fill.solid()
            series.format.fill.fore_color.rgb = _rgb(self.theme[token])

    def tables(self, title: str, grid: Grid) -> None:
        """Native tables, continued on further slides where one does not hold them."""
        n = max(1, -(-len(grid.rows) // MOST_ROWS))
        for i in range(n):
            rows = grid.rows[i * MOST_ROWS : (i + 1) * MOST_ROWS]
            slide = self._slide(f"{title}（{i + 1}/{n}）" if n > 1 else title)
            shape = slide.shapes.add_table(
                1 + len(rows), len(grid.heads), Emu(self.margin), Emu(int(self.height * 0.17)),
                Emu(self.width - 2 * self.margin), Emu(int(self.height * 0.05 * (1 + len(rows)))),
            )  # fmt: skip
            right = [grid.is_right(x) for x in range(len(grid.heads))]
            for column, share in zip(shape.table.columns, grid.shares(), strict=True):
                column.width = Emu(int((self.width - 2 * self.margin) * share))
            for y, cells in enumerate((grid.heads, *rows)):
                total = grid.has_total and i == n - 1 and y == len(rows)
                for x, text in enumerate(cells):
                    cell = shape.table.cell(y, x)
                    cell.text_frame.text = plain(text)
                    cell.margin_top = cell.margin_bottom = Emu(20_000)
                    align = PP_ALIGN.RIGHT if right[x] else PP_ALIGN.LEFT
                    self._style(cell.text_frame, 12, bold=y == 0 or total, align=align)


def _rgb(color: str) -> RGBColor:
    return RGBColor.from_string(color.lstrip("#").upper()[:6])


def _face(run: Any) -> None:
    """Name the East Asian face too: the library knows the Latin one only."""
    from pptx.oxml.ns import qn

    properties = run._r.get_or_add_rPr()
    for tag in ("a:latin", "a:ea"):
        for old in properties.findall(qn(tag)):
            properties.remove(old)
        face = properties.makeelement(qn(tag), {"typeface": FACE})
        properties.append(face)
