"""An import template for any layer, from the catalogue: drop-downs, units in the headers, an example, notes."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from etl.headers import Dictionary, Target, column_words
from etl.parse_code import credit_check_character
from etl.read.grid import EXAMPLE
from etl.read.sheet import GUIDE_SHEETS
from geo.errors import CatalogueError
from layers.registry import Catalogue
from layers.spec import FieldSpec, Layer

DATA_SHEET = "数据"
_GUIDE, _TERMS = GUIDE_SHEETS
_LAST_ROW = 5000
_PLACE_ROLES = {
    "county": ("县（市、区）", "亭湖区", "所在的县（市、区）；有坐标时按坐标归属"),
    "unit": ("所属板块", "", "考核口径的责任板块；与县（市、区）相同时可不填"),
    "township": ("乡镇街道", "", "没有坐标时用来定位"),
    "address": ("地址", "", "没有坐标时用来定位"),
}
_POINT_ROLES = {
    "lon": ("经度（CGCS2000）", "120.1617", "十进制度；若取自高德或百度地图，请把表头括号里改成“高德”或“百度”"),
    "lat": ("纬度（CGCS2000）", "33.3776", "十进制度"),
}
_TYPES = {"text": "文字", "code": "从词表选", "list": "词表中的一项或几项，用“、”分隔", "integer": "整数",
          "number": "数字", "cny": "金额", "date": "日期，如 2026-03-05 或 2026年3月",
          "boolean": "是 或 否"}  # fmt: skip
_FORMATS = {"credit_code": "18 位统一社会信用代码", "project_code": "项目代码，如 2403-320902-89-01-123456",
            "adcode": "6 位区划代码", "industry": "GB/T 4754 行业代码", "url": "网址"}  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """One column of a template: its header, an example, what may be entered, and what a sender should know."""

    header: str
    example: str
    kind: str
    terms: tuple[str, ...] = ()
    required: bool = False
    many: bool = False
    note: str = ""


def entries(layer: Layer, cat: Catalogue) -> list[Entry]:
    """Return the columns of a layer's template, in order.

    Raises
    ------
    CatalogueError
        No word of a field leads back to it: two fields share their words.
    """
    dictionary = Dictionary(layer)
    name = _header(dictionary, ("role", "name"), (*layer.name_aliases, f"{layer.title}名称", "名称"))
    out = [Entry(name, f"{EXAMPLE}请删除本行", "文字", required=True)]
    keyed = [f for f in layer.fields if f.id in layer.key]
    fields = [_field(f, layer, cat, dictionary) for f in [*keyed, *(f for f in layer.fields if f not in keyed)]]
    out += fields[: len(keyed)]
    shown = dict(_PLACE_ROLES)
    if layer.geometry in ("point", "any"):
        shown |= _POINT_ROLES
    for role, (word, example, note) in shown.items():
        words = (word, *column_words()[role])
        out.append(Entry(_header(dictionary, ("role", role), words), example, "文字", note=note))
    out += fields[len(keyed) :]
    out += _events(layer, dictionary)
    return out + _figures(layer, dictionary)


def _header(dictionary: Dictionary, target: Target, words: Iterable[str], unit: str = "") -> str:
    """Return the first word that is read back as the target, with its unit in brackets."""
    for word in words:
        for header in (f"{word}（{unit}）",) if unit else (word,):
            found = dictionary.look_up(header)
            if found is not None and found[0] == target and found[1] in ("exact", "bracket", "part"):
                return header
    raise CatalogueError(
        f"“{target[1]}”的标题和别名都被别的字段占用，做不出导入模板。", "请在目录里给它一个自己的别名。", key=target[1]
    )


def _field(spec: FieldSpec, layer: Layer, cat: Catalogue, dictionary: Dictionary) -> Entry:
    bounded = spec.maximum is not None or (spec.minimum or 0) > 0
    unit = "" if not spec.is_number else spec.unit if bounded else (spec.display_unit or spec.unit)
    if spec.type == "cny":
        unit = "万元"
    header = _header(dictionary, ("field", spec.id), (spec.title, *spec.aliases, spec.id), unit)
    terms = cat.terms(spec) if spec.is_categorical else ()
    required = spec.required or (spec.id in layer.key and layer.key == (spec.id,))
    notes = [spec.note, _FORMATS.get(spec.format, ""), "内部字段，不对外公开" if spec.internal else ""]
    if spec.minimum is not None or spec.maximum is not None:
        low = "" if spec.minimum is None else f"{spec.minimum:g}"
        high = "" if spec.maximum is None else f"{spec.maximum:g}"
        notes.append(f"范围 {low}–{high} {spec.unit}".strip())
    said = "；".join(n for n in notes if n)
    return Entry(header, _example(spec, terms, layer), _TYPES[spec.type], terms, required, spec.type == "list", said)


def _example(spec: FieldSpec, terms: tuple[str, ...], layer: Layer) -> str:
    group = layer.event_field(spec.id)
    if group is not None and not group.levels and group.types[-1] in terms:
        return group.types[-1]
    if terms:
        return "、".join(terms[:2]) if spec.type == "list" else terms[0]
    body = "91320900MA1WX1XT0"
    formats = {"credit_code": body + credit_check_character(body), "project_code": "2403-320902-89-01-123456",
               "adcode": "320902", "industry": "3670", "url": "https://www.example.com"}  # fmt: skip
    if spec.format:
        return formats[spec.format]
    if spec.is_number:
        low = spec.minimum or 0.0
        return f"{(low + spec.maximum) // 2:g}" if spec.maximum is not None else f"{low + 10:g}"
    return {"date": "2025-03-05", "boolean": "是"}.get(spec.type, "文字")


def _events(layer: Layer, dictionary: Dictionary) -> list[Entry]:
    out = []
    for group in layer.events:
        for n, kind in enumerate(group.types):
            words = (*group.date_aliases.get(kind, ()), f"{kind}日期", f"{kind}时间", kind)
            header = _header(dictionary, ("event", kind), words)
            day = dt.date(2020, 1, 5) + dt.timedelta(days=91 * n)
            level = layer.field(group.field)
            note = f"与“{level.title}”一列对应" if group.levels and level is not None else ""
            out.append(Entry(header, day.isoformat(), _TYPES["date"], note=note))
    return out


def _figures(layer: Layer, dictionary: Dictionary) -> list[Entry]:
    out = []
    for series in layer.figures:
        money = series.unit == "元"
        unit = "万元" if money else series.display_unit or series.unit
        header = _header(dictionary, ("figure", series.id), (series.title, *series.aliases, series.id), unit)
        note = "自年初（或开工）以来的累计数" if series.cumulative else ""
        out.append(Entry(header, "10", "数字", note=note))
    if out:
        header = _header(dictionary, ("role", "period"), column_words()["period"])
        out.append(Entry(header, "2025年12月", "年月", note="数值列是哪一期的"))
    return out


def write_template(layer: Layer, cat: Catalogue) -> bytes:
    """Return the layer's import template as an xlsx workbook.

    Notes
    -----
    The sheet 数据 has the headers in its first row and an example in its second, which the import knows and
    leaves out; 填写说明 says what each column is, 词表 lists what may be chosen.
    """
    columns = entries(layer, cat)
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_urls": False})
    looks = {
        "head": book.add_format({"bold": True, "bg_color": "#E4EEE6", "border": 1, "text_wrap": True}),
        "must": book.add_format({"bold": True, "bg_color": "#E4EEE6", "border": 1, "text_wrap": True,
                                 "font_color": "#B3261E"}),
        "example": book.add_format({"italic": True, "font_color": "#777777", "num_format": "@"}),
        "text": book.add_format({"num_format": "@"}),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
    }  # fmt: skip
    data, guide, terms = (book.add_worksheet(n) for n in (DATA_SHEET, _GUIDE, _TERMS))
    ranges = _write_terms(terms, columns, looks)
    _write_data(data, columns, ranges, looks)
    _write_guide(guide, layer, columns, looks)
    data.activate()
    book.close()
    return buffer.getvalue()


def _write_terms(sheet: Any, columns: list[Entry], looks: dict[str, Any]) -> dict[str, str]:
    ranges: dict[str, str] = {}
    for at, entry in enumerate(c for c in columns if c.terms):
        sheet.write_string(0, at, entry.header, looks["head"])
        for i, term in enumerate(entry.terms, start=1):
            sheet.write_string(i, at, term)
        first = xl_rowcol_to_cell(1, at, row_abs=True, col_abs=True)
        last = xl_rowcol_to_cell(len(entry.terms), at, row_abs=True, col_abs=True)
        ranges[entry.header] = f"={_TERMS}!{first}:{last}"
        sheet.set_column(at, at, 20)
    return ranges


def _write_data(sheet: Any, columns: list[Entry], ranges: dict[str, str], looks: dict[str, Any]) -> None:
    for at, entry in enumerate(columns):
        sheet.write_string(0, at, entry.header, looks["must" if entry.required else "head"])
        sheet.set_column(at, at, max(12, min(30, 2 * len(entry.header))), looks["text"])
        if entry.example:
            sheet.write_string(1, at, entry.example, looks["example"])
        if entry.terms:
            sheet.data_validation(1, at, _LAST_ROW, at, {
                "validate": "list", "source": ranges[entry.header],
                "error_type": "information" if entry.many else "stop",
                "error_title": "不在词表里", "error_message": "请从下拉列表中选择；多项用“、”分隔。",
            })  # fmt: skip
        elif entry.kind == _TYPES["boolean"]:
            sheet.data_validation(1, at, _LAST_ROW, at, {"validate": "list", "source": ["是", "否"]})
    sheet.freeze_panes(1, 1)


def _write_guide(sheet: Any, layer: Layer, columns: list[Entry], looks: dict[str, Any]) -> None:
    said = [
        f"“{layer.title}”导入模板：在“{DATA_SHEET}”表填写，一行一{layer.noun}；红字的列必填，其余没有就空着。",
        f"“{DATA_SHEET}”第 2 行是示例，以“{EXAMPLE}”开头的行不会导入。",
        "数字的单位写在表头的括号里；若要用别的单位，请改括号里的字，例如“（亿元）”。",
        "没有确切数值请留空，不要写“约”“以上”；合计行可以保留，不会当作记录。",
    ]
    if layer.geometry in ("line", "polygon"):
        said.append("图形请另用 shapefile、GeoJSON 或界址点坐标文件导入，本表只填属性；两者按代码或名称合并。")
    for at, text in enumerate(said):
        sheet.write_string(at, 0, text)
    top = len(said) + 1
    for j, title in enumerate(("列", "填什么", "必填", "说明", "可选")):
        sheet.write_string(top, j, title, looks["head"])
    for i, entry in enumerate(columns, start=top + 1):
        shown = "、".join(entry.terms[:30]) + ("……见词表" if len(entry.terms) > 30 else "")
        for j, text in enumerate((entry.header, entry.kind, "是" if entry.required else "", entry.note, shown)):
            sheet.write_string(i, j, text, looks["wrap"])
    for j, width in enumerate((26, 30, 6, 48, 60)):
        sheet.set_column(j, j, width)
