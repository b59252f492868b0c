"""Bytes in, a table out: the only place that opens spreadsheets, text tables and spatial files."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

from etl.read.old_sheet import old_sheet_names, read_old_sheets
from etl.read.points import is_points, read_points
from etl.read.shape import read_folder, read_zipped, zipped_names
from etl.read.sheet import read_sheets, sheet_names_of
from etl.read.text import decode, read_text
from etl.read.vector import layer_names, read_vector
from etl.read.web import HTML, XML, read_web
from etl.table import Table
from geo.errors import ReadError

__all__ = ["MAX_BYTES", "Table", "read_file", "sheet_names"]

MAX_BYTES = 1 << 30
_VECTOR = {".geojson": "geojson", ".json": "geojson", ".gpkg": "gpkg", ".kml": "kml", ".kmz": "kmz", ".dxf": "dxf"}
_TEXT = frozenset({".csv", ".tsv", ".txt", ".tab"})
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PAGES = frozenset({".xls", ".xlsx", ".xlsm", ".csv", ".txt", ".htm", ".html", ".xml", ".et"})
_OTHERS = {  # what a zip is, by a part that only such a file has
    "xl/workbook.bin": "Excel 二进制工作簿（.xlsb）", "content.xml": "OpenDocument 表格（.ods）",
    "word/document.xml": "Word 文档", "ppt/presentation.xml": "PPT 演示文稿", "Index/Document.iwa": "苹果 Numbers 表格",
}  # fmt: skip
_MARKS = b"\xef\xbb\xbf \r\n\t"
_SUPPORTED = "xlsx、xls、csv、tsv、界址点坐标 txt、geojson、gpkg、kml、kmz、dxf 与 shapefile（zip）"


def nothing_known(_: str) -> bool:
    """Know no header: the layout is found by its form alone."""
    return False


def read_file(
    source: Path | bytes, name: str, *, sheet: str | None = None, known: Callable[[str], bool] = nothing_known
) -> Table:
    """Read a file of any supported format.

    Parameters
    ----------
    source : Path or bytes
        The file; a shapefile by its .shp, its folder or a zip.
    name : str
        Its name as the sender gave it: the extension says what it should be, the content what it is.
    sheet : str or None
        A sheet of a workbook, a layer of a GeoPackage, a shapefile of a zip.
    known : callable
        Whether a text is a header of the layer: finds the header row under titles.

    Raises
    ------
    ReadError
        Too large, protected, broken, or not what its name says; the message names the cure.
    """
    if isinstance(source, Path) and (source.is_dir() or source.suffix.lower() == ".shp"):
        return read_folder(source)
    size = source.stat().st_size if isinstance(source, Path) else len(source)
    if size > MAX_BYTES:
        raise ReadError(f"文件有 {size >> 20} MB，超过 {MAX_BYTES >> 20} MB 的上限。", "请拆分后分批导入。")
    data = source.read_bytes() if isinstance(source, Path) else source
    if not data[:4096].strip(b"\0 \r\n\t") and not data.strip(b"\0 \r\n\t"):
        raise ReadError("文件是空的。", "请确认文件是否选对或上传是否完整。")
    return _read(data, Path(name).suffix.lower(), sheet, known)


def _read(data: bytes, suffix: str, sheet: str | None, known: Callable[[str], bool]) -> Table:
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise ReadError("工作簿设了打开密码，读不出来。", "请在 Excel 中去掉密码后另存为 xlsx。")
        return read_old_sheets(data, known, sheet)
    if data.startswith(b"PK"):
        return _zip(data, suffix, sheet, known)
    if data.startswith(b"SQLite format 3\0"):
        return read_vector(data, "gpkg", sheet)
    if suffix in _PAGES and (HTML.match(start := data[:2048].lstrip(_MARKS)) or XML.match(start)):
        return read_web(data, known, sheet)
    if suffix == ".xls" and _is_text(data):
        return read_text(data, known)
    if suffix in (".zip", ".xls", ".xlsx", ".xlsm", ".kmz", ".gpkg"):
        raise ReadError(f"文件名是 {suffix}，内容却不是，可能没有传完。", "请重新下载或另存后再试。")
    if suffix in _VECTOR:
        return read_vector(data, _VECTOR[suffix], sheet)
    if suffix in _TEXT:
        return read_points(data) if is_points(data) else read_text(data, known)
    if suffix in (".shp", ".dbf", ".shx", ".prj"):
        raise ReadError(
            f"只有 {suffix} 一个文件；shapefile 由几个同名文件组成，缺了就读不全。",
            "请把 .shp、.dbf、.shx、.prj 一起拖进来，或打成一个 zip。",
        )
    raise ReadError(f"不支持的文件类型“{suffix or '无扩展名'}”。", f"可以导入 {_SUPPORTED}。")


def _is_text(data: bytes) -> bool:
    """Whether bytes are a text table: many systems write one and name it .xls."""
    try:
        return len(decode(data)[0].splitlines()) > 1
    except ReadError:
        return False


def _zip(data: bytes, suffix: str, sheet: str | None, known: Callable[[str], bool]) -> Table:
    if suffix == ".kmz":
        return read_vector(data, "kmz", sheet)
    if suffix in (".xlsx", ".xlsm"):
        if not zipfile.is_zipfile(io.BytesIO(data)):
            raise ReadError("工作簿不完整或已损坏，打不开，可能没有传完。", "请重新下载，或在 Excel 里重新保存后再试。")
        return read_sheets(data, known, sheet)
    table, archive = read_zipped(data, sheet)
    if table is not None:
        return table
    inner = [m for m in archive.members if m.suffix in {*_VECTOR, *_TEXT, ".xlsx", ".xls"} and "__MACOSX" not in m.name]
    if any(m.name == "xl/workbook.xml" for m in archive.members):
        return read_sheets(data, known, sheet)
    inside = {m.name for m in archive.members}
    other = next((said for part, said in _OTHERS.items() if part in inside), "")
    if other:
        raise ReadError(f"文件是{other}，读不出来。", "请用 Excel 或 WPS 打开它，把表另存为 .xlsx 后再导入。")
    if len(inner) == 1:
        return _read(archive.read(inner[0]), inner[0].suffix, sheet, known)
    names = "、".join(m.name for m in archive.members[:8]) or "空"
    raise ReadError(f"压缩包里没有可以确定的数据文件（内有：{names}）。", f"请只打包一份 {_SUPPORTED}。")


def sheet_names(data: bytes, name: str) -> list[str]:
    """Return the sheets, layers or shapefiles that ``sheet`` may name; none where there is nothing to choose."""
    try:
        if data.startswith(_OLE):
            return old_sheet_names(data)
        if data.startswith(b"SQLite format 3\0"):
            return layer_names(data)
        if not data.startswith(b"PK") or Path(name).suffix.lower() == ".kmz":
            return []
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            inside = archive.namelist()
        return sheet_names_of(data) if "xl/workbook.xml" in inside else zipped_names(data)
    except (ReadError, zipfile.BadZipFile, ValueError, OSError):
        return []
