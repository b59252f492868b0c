"""Pieces that Word and PowerPoint documents share: charts that can be edited, the recipe inside, text that is text."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from html import escape, unescape
from typing import Any

from pptx.chart.data import CategoryChartData
from pptx.chart.xlsx import CategoryWorkbookWriter
from pptx.chart.xmlwriter import ChartXmlWriter
from pptx.enum.chart import XL_CHART_TYPE

from geo.errors import InputError

FACE = "Noto Sans CJK SC"
ITEM = re.compile(r"customXml/item\d+\.xml")
SPACE = "urn:yuantu:report"
CUSTOM_XML = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/customXml"
MOST_TEMPLATE_BYTES = 30_000_000


def chart_data(categories: Sequence[str], series: Sequence[tuple[str, Sequence[float | None]]], pattern: str) -> Any:
    """Return the data of a chart: one value a category and series, None where there is no figure."""
    data = CategoryChartData(number_format=pattern)
    data.categories = list(categories)
    for name, values in series:
        data.add_series(name, list(values))
    return data


def chart_xml(data: Any, title: str, colors: Sequence[str]) -> bytes:
    """Return the chart part of a horizontal bar chart as PowerPoint writes it, linked to its workbook."""
    xml = ChartXmlWriter(XL_CHART_TYPE.BAR_CLUSTERED, data).xml
    named = (
        f'<c:title><c:tx><c:rich><a:bodyPr/><a:p><a:pPr><a:defRPr sz="1000" b="1"/></a:pPr><a:r><a:rPr lang="zh-CN"'
        f' sz="1000" b="1"/><a:t>{escape(title)}</a:t></a:r></a:p></c:rich></c:tx><c:overlay val="0"/></c:title>'
    )
    xml = re.sub(r'<c:autoTitleDeleted val="\d"/>', f'{named}<c:autoTitleDeleted val="0"/>', xml, count=1)
    for i, color in enumerate(colors[: len(data)]):
        fill = f'<c:spPr><a:solidFill><a:srgbClr val="{color}"/></a:solidFill></c:spPr><c:invertIfNegative val="0"/>'
        start = rf'(<c:order val="{i}"/>.*?</c:tx>)(?:\s*<c:invertIfNegative val="0"/>)?'
        xml = re.sub(start, lambda m, fill=fill: m.group(1) + fill, xml, count=1, flags=re.DOTALL)
    legend = '<c:legend><c:legendPos val="b"/><c:overlay val="0"/></c:legend>' if len(data) > 1 else ""
    xml = re.sub(r"</c:plotArea>", f'</c:plotArea>{legend}<c:plotVisOnly val="1"/>', xml, count=1)
    face = f'<a:latin typeface="{FACE}"/><a:ea typeface="{FACE}"/>'
    xml = re.sub(r'<a:defRPr sz="1800"/>', f'<a:defRPr sz="900">{face}</a:defRPr>', xml)
    xml = xml.replace('sz="1800"', 'sz="900"')
    light = '<c:spPr><a:ln w="6350"><a:solidFill><a:srgbClr val="D5DAE0"/></a:solidFill></a:ln></c:spPr>'
    xml = xml.replace("<c:majorGridlines/>", f"<c:majorGridlines>{light}</c:majorGridlines>")
    # the first category stands on top, as in the table
    xml = re.sub(r'(<c:catAx>.*?<c:orientation val=")minMax', r"\1maxMin", xml, count=1, flags=re.DOTALL)
    link = '<c:externalData r:id="rId1"><c:autoUpdate val="0"/></c:externalData></c:chartSpace>'
    if "xmlns:r=" not in xml:
        spaced = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" xmlns:c='
        xml = xml.replace("xmlns:c=", spaced, 1)
    return xml.replace("</c:chartSpace>", link).encode()


def workbook_of(data: Any) -> bytes:
    """Return the workbook that stands behind a chart."""
    return bytes(CategoryWorkbookWriter(data).xlsx_blob)


def inside(recipe: str, figures: str) -> bytes:
    """Return recipe and figures as a custom XML part, which Word and PowerPoint keep when they save."""
    body = f"<recipe>{escape(recipe, quote=False)}</recipe><figures>{escape(figures, quote=False)}</figures>"
    return f'<?xml version="1.0" encoding="UTF-8"?><yuantu xmlns="{SPACE}">{body}</yuantu>'.encode()


def read_inside(text: str) -> tuple[str | None, str | None]:
    """Return recipe and figures of a custom XML part; None where it is not ours."""
    if SPACE not in text:
        return None, None
    found = [re.search(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL) for tag in ("recipe", "figures")]
    return tuple(unescape(m.group(1)) if m else None for m in found)  # type: ignore[return-value]


def unused_part(package: Any, pattern: str) -> str:
    """Return the first part name of a pattern that a package does not have yet."""
    taken = {str(part.partname) for part in package.iter_parts()}
    return next(name for i in range(1, 10_000) if (name := pattern.format(i)) not in taken)


def opened(template: bytes | None, suffix: str, make: Any) -> Any:
    """Open a document, from a person's template where one is given.

    Raises
    ------
    InputError
        The template is not a document of this kind.
    """
    if template is None:
        return make()
    if len(template) > MOST_TEMPLATE_BYTES:
        raise InputError(f"模板有 {len(template):,} 字节，太大。", "请换用 30 MB 以内的模板。", field="template")
    try:
        return make(io.BytesIO(template))
    except Exception as error:  # the libraries raise whatever a broken package makes them meet
        text = f"模板不是可用的 .{suffix} 文件。"
        raise InputError(text, "请用 Word 或 WPS 另存为标准格式后再用。", field="template") from error


def plain(text: str) -> str:
    """XML has no control characters; a cell that begins with = stays text in Word and PowerPoint anyway."""
    return "".join(c for c in text if c >= " " or c in "\t\n")
