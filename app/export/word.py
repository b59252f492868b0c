"""A report as a Word document: native tables and charts, in the styles of the user's own template where given."""

from __future__ import annotations

import io
from typing import Any

import docx
from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.shared import Emu, Mm, Pt, RGBColor

from app.export.document import Chart, Document, Grid
from app.export.office import (
    CUSTOM_XML,
    FACE,
    chart_data,
    chart_xml,
    inside,
    opened,
    plain,
    unused_part,
    workbook_of,
)
from app.export.theme import Theme, load_theme

CHART = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
BOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
FRAME = """<w:drawing xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"
 xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
 xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"
 xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"
 xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
<wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{cx}" cy="{cy}"/><wp:docPr id="{ident}"
 name="图表 {ident}" descr="{text}"/><a:graphic>
<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/chart"><c:chart r:id="{rid}"/></a:graphicData>
</a:graphic></wp:inline></w:drawing>"""


def write_docx(document: Document, template: bytes | None = None, theme: Theme | None = None) -> bytes:
    """Return the document.

    Parameters
    ----------
    template : bytes, optional
        A .docx whose styles, page, header and footer are kept; its text is not.

    Raises
    ------
    InputError
        The template is not a .docx.
    """
    theme = theme or load_theme()
    word = opened(template, "docx", docx.Document)
    if template is None:
        _house_styles(word)
    else:
        _emptied(word)
    word.core_properties.title = plain(document.title)[:250]
    word.core_properties.author = "园图"
    word.core_properties.comments = document.marking
    _paragraph(word, document.title, "Title")
    mark = _paragraph(word, document.marking, "Normal")
    for run in mark.runs:
        run.bold, run.font.color.rgb = True, _rgb(theme["flat-t"])
    if document.has_demo:
        run = mark.add_run("　演示数据")
        run.bold, run.font.color.rgb = True, _rgb(theme["amber-t"])
    if document.subtitle:
        _paragraph(word, document.subtitle, "Subtitle")
    if document.organisation or document.made:
        _paragraph(word, "　".join(x for x in (document.organisation, document.made) if x), "Normal")
    section = word.sections[0]
    room = Emu(section.page_width - section.left_margin - section.right_margin)
    for chapter in document.chapters:
        _paragraph(word, chapter.title, "Heading 1")
        for text in chapter.texts:
            _paragraph(word, text, "Normal")
        if chapter.picture:
            word.add_picture(io.BytesIO(chapter.picture), width=room)
        if chapter.chart is not None:
            _chart(word, chapter.chart, room, theme)
        if chapter.grid is not None:
            _table(word, chapter.grid, room, theme)
    _paragraph(word, "来源与口径", "Heading 1")
    for text in document.about:
        _paragraph(word, text, "Normal")
    if template is None:
        _foot(word, document)
    part = word.part
    item = Part(
        PackURI(unused_part(part.package, "/customXml/item{}.xml")), "application/xml",
        inside(document.recipe, document.figures), part.package,
    )  # fmt: skip
    part.relate_to(item, CUSTOM_XML)
    out = io.BytesIO()
    word.save(out)
    return out.getvalue()


def _rgb(color: str) -> RGBColor:
    return RGBColor.from_string(color.lstrip("#").upper()[:6])


def _house_styles(word: WordDocument) -> None:
    """Chinese type and sober headings; A4 with 20 mm margins."""
    section = word.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(20)
    section.top_margin = section.bottom_margin = Mm(20)
    sizes = {"Normal": 10.5, "Title": 22, "Subtitle": 12, "Heading 1": 15}
    for name, size in sizes.items():
        style = word.styles[name]
        style.font.size, style.font.name = Pt(size), FACE
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for key in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            fonts.attrib.pop(qn(key), None)
        for key in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
            fonts.set(qn(key), FACE)
        if name != "Normal":
            style.font.color.rgb, style.font.italic = RGBColor(0x18, 0x21, 0x2C), False


def _emptied(word: WordDocument) -> None:
    """Take the template's own text out, and keep its last section with page, header and footer."""
    body = word.element.body
    for child in list(body):
        if not child.tag.endswith("}sectPr"):
            body.remove(child)


def _paragraph(word: WordDocument, text: str, style: str) -> Any:
    known = {s.name for s in word.styles}
    return word.add_paragraph(plain(text), style=style if style in known else None)


def _table(word: WordDocument, grid: Grid, room: Emu, theme: Theme) -> None:
    known = [s.name for s in word.styles if s.type == 3]
    style = next((n for n in ("Table Grid", "网格型", *known) if n in known), None)
    table = word.add_table(rows=1 + len(grid.rows), cols=len(grid.heads), style=style)
    table.autofit = False
    right = [grid.is_right(x) for x in range(len(grid.heads))]
    widths = [Emu(int(room * share)) for share in grid.shares()]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for y, cells in enumerate((grid.heads, *grid.rows)):
        strong = y == 0 or (grid.has_total and y == len(grid.rows))
        row = table.rows[y]
        for x, (cell, text) in enumerate(zip(row.cells, cells, strict=True)):
            paragraph = cell.paragraphs[0]
            run = paragraph.add_run(plain(text))
            run.bold, run.font.size = strong, Pt(9)
            cell.width = widths[x]
            if right[x]:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            if y == 0:
                shade = parse_xml(
                    '<w:shd xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" w:val="clear"'
                    f' w:color="auto" w:fill="{theme["surface-3"].lstrip("#")}"/>'
                )
                cell._tc.get_or_add_tcPr().append(shade)
        if y == 0:
            row._tr.get_or_add_trPr().append(
                parse_xml('<w:tblHeader xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"/>')
            )
    word.add_paragraph()


def _chart(word: WordDocument, chart: Chart, room: Emu, theme: Theme) -> None:
    """Add a native chart: Word opens its workbook and lets the figures be edited."""
    data = chart_data(chart.categories, chart.series, chart.pattern)
    package = word.part.package
    xml = chart_xml(data, plain(chart.title), [theme[t].lstrip("#") for t in ("q5", "q3")])
    part = Part(PackURI(unused_part(package, "/word/charts/chart{}.xml")), CHART, xml, package)
    book = Part(
        PackURI(unused_part(package, "/word/embeddings/chart{}.xlsx")), BOOK, workbook_of(data), package
    )  # fmt: skip
    part.rels.get_or_add(f"{RELATION}/package", book)
    rid = word.part.relate_to(part, f"{RELATION}/chart")
    height = int(room * min(0.75, 0.14 + 0.045 * len(chart.categories)))
    ident = 1000 + len(word.element.body)
    text = plain(chart.title).replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    drawing = parse_xml(FRAME.format(cx=int(room), cy=height, ident=ident, rid=rid, text=text))
    word.add_paragraph().add_run()._r.append(drawing)


def _foot(word: WordDocument, document: Document) -> None:
    """Write the marking and the page's number at the foot of each page."""
    paragraph = word.sections[0].footer.paragraphs[0]
    paragraph.add_run(f"{document.marking}　第 ")
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    for name, after in (("PAGE", " 页，共 "), ("NUMPAGES", " 页")):
        field = f'<w:fldSimple {space} w:instr="{name}"><w:r><w:t>1</w:t></w:r></w:fldSimple>'
        paragraph._p.append(parse_xml(field))
        paragraph.add_run(after)
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
