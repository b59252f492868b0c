"""A toy world: two by two counties of about 10 km, a functional zone, and helpers that write files."""

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import shapely

from etl.gazetteer import Gazetteer
from etl.headers import Dictionary
from etl.options import Options
from etl.pipeline import Prepared, prepare
from etl.read import read_file
from layers.registry import catalogue


@dataclass(frozen=True)
class Place:
    code: str
    name: str
    kind: str
    county_code: str = ""
    unit_code: str = ""
    aliases: tuple[str, ...] = ()


PLACES = [
    Place("320902", "亭湖区", "county", "320902", "", ("亭湖", "盐城市城区")),
    Place("320903", "盐都区", "county", "320903", "", ("盐都", "盐都县", "320928")),
    Place("320904", "大丰区", "county", "320904", "", ("大丰", "大丰市", "320982")),
    Place("320981", "东台市", "county", "320981", "", ("东台", "320927")),
    Place("320971", "盐城经济技术开发区", "unit", "", "", ("盐城经开区", "经开区")),
    Place("3209YN", "盐南高新区", "unit", "", "", ("城南新区",)),
    Place("320902001", "五星街道", "township", "320902"),
    Place("320902108", "步凤镇", "township", "320902", "320971"),
    Place("320904101", "大中镇", "township", "320904"),
    Place("320904102", "新丰镇", "township", "320904"),
    Place("320903102", "新丰镇", "township", "320903"),
]
W, S, STEP = 120.0, 33.0, 0.1
COUNTIES = {
    "320902": shapely.box(W, S, W + STEP, S + STEP),
    "320903": shapely.box(W + STEP, S, W + 2 * STEP, S + STEP),
    "320904": shapely.box(W, S + STEP, W + STEP, S + 2 * STEP),
    "320981": shapely.box(W + STEP, S + STEP, W + 2 * STEP, S + 2 * STEP),
}
CENTRES = {code: (shape.centroid.x, shape.centroid.y) for code, shape in COUNTIES.items()}


def gazetteer(**more: Any) -> Gazetteer:
    areas = (list(COUNTIES), list(COUNTIES.values()), [CENTRES[c] for c in COUNTIES])
    return Gazetteer.build(PLACES, areas, **more)


def take(
    data: bytes | Path, name: str, layer: str = "project", places: Gazetteer | None = None, **options: Any
) -> Prepared:
    cat = catalogue()
    spec = cat.layer(layer)
    chosen = Options(**options)
    table = read_file(data, name, sheet=chosen.sheet, known=Dictionary(spec).knows)
    return prepare(table, spec, cat, chosen, places or gazetteer(), name)


def csv_bytes(*lines: str, encoding: str = "utf-8") -> bytes:
    return "\r\n".join(lines).encode(encoding)


def xlsx_bytes(
    rows: list[list[Any]], merges: tuple[str, ...] = (), hidden: tuple[int, ...] = (), **sheets: Any
) -> bytes:
    book = openpyxl.Workbook()
    fill(book.active, rows)
    for ref in merges:
        book.active.merge_cells(ref)
    for row in hidden:
        book.active.row_dimensions[row].hidden = True
    for title, more in sheets.items():
        fill(book.create_sheet(title), more)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def fill(sheet: Any, rows: list[list[Any]]) -> None:
    for row in rows:
        sheet.append(row)


def zip_bytes(files: dict[str, bytes], gbk_names: bool = False) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name)
            if gbk_names:  # as Chinese Windows writes them: GBK bytes and no UTF-8 flag
                info.filename = name.encode("gbk").decode("cp437")
            archive.writestr(info, data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def found(prepared: Prepared, kind: str) -> list[int | None]:
    """The rows on which an issue of this kind was noted."""
    return [i.row for i in prepared.batch.issues if i.type == kind]
