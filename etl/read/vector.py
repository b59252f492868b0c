"""GeoJSON, GeoPackage, KML, KMZ and DXF through GDAL, each only by its own driver and its own signature."""

from __future__ import annotations

import dataclasses
import json
import re
import tempfile
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyogrio.raw
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError

from etl.read.archive import SafeZip
from etl.read.text import decode
from etl.table import BOOLEAN, DATE, NUMBER, TEXT, Column, Skipped, Table, distinct, objects
from geo.errors import ReadError

_BROKEN = (DataSourceError, DataLayerError, FeatureError, FieldError, GeometryError, ValueError)
_FORBIDDEN = re.compile(rb"OGRVRT|<!ENTITY|<!DOCTYPE", re.IGNORECASE)
_PLACEMARK = re.compile(r"<(?:\w+:)?Placemark\b.*?</(?:\w+:)?Placemark>", re.DOTALL)
_TITLE = re.compile(r"<(?:\w+:)?(?:name|description)>(?:<!\[CDATA\[)?([^<]*)")
_KML_STYLE = frozenset({"tessellate", "extrude", "visibility", "drawOrder"})
_NAMES = {"geojson": "GeoJSON", "gpkg": "GeoPackage", "kml": "KML", "dxf": "DXF"}


def _text(value: Any) -> tuple[str | None, int]:
    if value is None or value is np.ma.masked:
        return None, TEXT
    if isinstance(value, np.generic):
        if np.issubdtype(value.dtype, np.datetime64):
            text = str(value)
            return (
                (None, DATE) if text == "NaT" else (text.split("T")[0] if text.endswith("00:00:00.000") else text, DATE)
            )
        value = value.item()
    if isinstance(value, bool):
        return ("是" if value else "否"), BOOLEAN
    if isinstance(value, int):
        return str(value), NUMBER
    if isinstance(value, float):
        if value != value:
            return None, NUMBER
        return (str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)), NUMBER
    if isinstance(value, list | tuple | dict | np.ndarray):
        return json.dumps(
            list(value) if isinstance(value, np.ndarray) else value, ensure_ascii=False, default=str
        ), TEXT
    return (str(value).replace("\0", "") or None), TEXT


def to_column(header: str, values: Iterable[Any]) -> Column:
    """Return a column of text cells from values of any type."""
    made = [_text(v) for v in values]
    kinds = np.fromiter((k for _, k in made), dtype=np.uint8, count=len(made))
    return Column(header, objects([t for t, _ in made]), kinds if kinds.any() else None)


def _chinese(text: str | None) -> str | None:
    """Undo GDAL's guess of a western code page for a drawing that holds Chinese in UTF-8 or GBK."""
    if text is None or text.isascii():
        return text
    try:
        raw = text.encode("latin-1")
    except UnicodeEncodeError:
        return text
    for encoding in ("utf-8", "gb18030"):
        try:
            found = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if re.search("[\u4e00-\u9fff]", found):
            return found
    return text


def refuse(kind: str) -> ReadError:
    """Return the one refusal for a spatial file that does not open."""
    return ReadError(f"{kind} 文件损坏或不完整，读不出来。", "请重新导出或重新下载后再试。")


def read_layer(path: Path, kind: str, *, layer: str | None = None, **options: Any) -> Table:
    """Read one layer of a file through GDAL.

    Raises
    ------
    ReadError
        GDAL cannot read it.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what GDAL remarks on rings, dates and names is judged by our own rules
            meta, fids, wkb, fields = pyogrio.raw.read(path, layer=layer, return_fids=True, **options)
    except _BROKEN as error:
        raise refuse(_NAMES.get(kind, kind)) from error
    shapes = None if wkb is None else shapely.from_wkb(wkb, on_invalid="ignore")
    headers = distinct([str(f) for f in meta["fields"]])
    columns = tuple(to_column(h, v) for h, v in zip(headers, fields, strict=True))
    if kind == "dxf":
        columns = tuple(Column(c.header, objects([_chinese(t) for t in c.cells]), c.kinds) for c in columns)
    count = len(fids) if fids is not None else (len(shapes) if shapes is not None else 0)
    return Table(
        columns=columns,
        row_numbers=np.arange(2, count + 2, dtype=np.int64),
        geometry=shapes,
        crs=str(meta.get("crs") or ""),
        evidence={"format": kind, "encoding": str(meta.get("encoding") or "")},
    )


def _join(tables: list[Table]) -> Table:
    headers = list(dict.fromkeys(c.header for t in tables for c in t.columns))
    columns = []
    for header in headers:
        cells: list[str | None] = []
        for t in tables:
            column = next((c for c in t.columns if c.header == header), None)
            cells += [None] * len(t) if column is None else list(column.cells)
        columns.append(Column(header, objects(cells)))
    shapes: list[Any] = [g for t in tables for g in (t.geometry if t.geometry is not None else [None] * len(t))]
    count = len(shapes)
    return Table(
        tuple(columns), np.arange(2, count + 2, dtype=np.int64), objects(shapes), tables[0].crs,
        evidence=tables[0].evidence,
    )  # fmt: skip


def read_vector(data: bytes, kind: str, layer: str | None) -> Table:
    """Read a spatial file held in memory.

    Parameters
    ----------
    data : bytes
        The file.
    kind : str
        ``geojson``, ``gpkg``, ``kml``, ``kmz`` or ``dxf``.
    layer : str or None
        The layer to read; None: the only one, or of a KML all folders.

    Raises
    ------
    ReadError
        Its signature is not that of its kind, or it does not open.
    """
    if kind == "kmz":
        archive = SafeZip(data)
        inner = [m for m in archive.members if m.suffix == ".kml"]
        if not inner:
            raise ReadError("KMZ 里没有 KML 文件。", "请重新导出后再试。")
        data, kind = archive.read(min(inner, key=lambda m: (m.name != "doc.kml", m.name))), "kml"
    if kind in ("geojson", "kml") and _FORBIDDEN.search(data):
        raise ReadError("文件里有实体定义或外部数据源引用，已拒绝。", "请重新导出为普通的 GeoJSON 或 KML。")
    if kind == "kml":
        return _kml(data, layer)
    if kind == "geojson":
        text, encoding = decode(data)
        if not text.lstrip().startswith("{"):
            raise ReadError("文件不是 GeoJSON。", "请确认文件内容，或换成 CSV、xlsx。")
        return _geojson(text, encoding)
    return _by_driver(data, kind, layer)


def _by_driver(data: bytes, kind: str, layer: str | None) -> Table:
    with tempfile.TemporaryDirectory(prefix="yuantu-") as folder:
        path = Path(folder) / f"file.{kind}"
        path.write_bytes(data)
        return _by_layers(path, kind, layer)


def _kml(data: bytes, layer: str | None) -> Table:
    """Read a KML: GDAL's WGS 84 is the standard's, not the file's, and its titles may say otherwise (高德导出)."""
    table = _by_driver(data, "kml", layer)
    try:
        outside = _PLACEMARK.sub("", decode(data)[0])
    except ReadError:
        outside = ""
    titles = tuple(dict.fromkeys(t for found in _TITLE.findall(outside) if (t := found.strip()[:200])))
    kept = tuple(c for c in table.columns if c.header not in _KML_STYLE)
    return dataclasses.replace(table, columns=kept, crs="", notes=titles)


def _by_layers(path: Path, kind: str, layer: str | None) -> Table:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            names = [str(n) for n, _ in pyogrio.list_layers(path)]
    except _BROKEN as error:
        raise refuse(_NAMES.get(kind, kind)) from error
    if layer is not None and layer not in names:
        raise ReadError(f"文件里没有图层“{layer}”。", f"现有图层：{'、'.join(names)}。", sheets=names)
    if not names:
        raise ReadError("文件里没有图层。", "请确认文件是否选对。")
    wanted = [layer] if layer is not None else names
    tables = [t for t in (read_layer(path, kind, layer=n) for n in wanted) if len(t)]
    if not tables:
        raise ReadError("文件里没有记录。", "请确认文件是否选对。")
    if kind in ("kml", "dxf") or len(tables) == 1:
        return tables[0] if len(tables) == 1 else _join(tables)
    best = max(tables, key=len)
    left = tuple(Skipped(0, "sheet_other", n) for n, t in zip(wanted, tables, strict=False) if t is not best)
    return Table(best.columns, best.row_numbers, best.geometry, best.crs, best.notes, left, evidence=best.evidence)


def _geojson(text: str, encoding: str) -> Table:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise refuse("GeoJSON") from error
    kind = body.get("type") if isinstance(body, dict) else None
    features = body.get("features") if kind == "FeatureCollection" else [body] if kind == "Feature" else None
    if not isinstance(features, list) or not all(isinstance(f, dict) for f in features):
        raise ReadError("GeoJSON 里没有 FeatureCollection 或 Feature。", "请导出为 FeatureCollection 后重试。")
    if not features:
        raise ReadError("GeoJSON 里没有记录。", "请确认文件是否选对。")
    properties = [f.get("properties") or {} for f in features]
    headers = list(dict.fromkeys(str(k) for p in properties for k in p))
    columns = tuple(to_column(h, (p.get(h) for p in properties)) for h in headers)
    shapes = [_shape(f.get("geometry")) for f in features]
    return Table(
        columns=columns,
        row_numbers=np.arange(2, len(features) + 2, dtype=np.int64),
        geometry=objects(shapes),
        crs=_geojson_crs(body),
        evidence={"format": "geojson", "encoding": encoding},
    )


def _shape(geometry: Any) -> Any:
    if not isinstance(geometry, dict):
        return None
    if geometry.get("coordinates") == [] or geometry.get("geometries") == []:
        return None
    try:
        return shapely.from_geojson(json.dumps(geometry), on_invalid="raise")
    except (shapely.errors.GEOSException, ValueError, TypeError):
        return shapely.Point()  # an unreadable shape: empty, so that the row is reported and not taken for "none"


def _geojson_crs(body: dict[str, Any]) -> str:
    """Return the old ``crs`` member as EPSG:n, or its name; '' when there is none (RFC 7946 then means WGS 84)."""
    member = body.get("crs")
    name = str((member.get("properties") or {}).get("name", "")) if isinstance(member, dict) else ""
    found = re.search(r"EPSG:{1,2}(\d+)$", name, re.IGNORECASE)
    if found:
        return f"EPSG:{found.group(1)}"
    return "EPSG:4326" if "CRS84" in name.upper() else name.strip()


def layer_names(data: bytes) -> list[str]:
    """Return the layers of a GeoPackage held in memory."""
    with tempfile.TemporaryDirectory(prefix="yuantu-") as folder:
        path = Path(folder) / "file.gpkg"
        path.write_bytes(data)
        try:
            return [str(n) for n, _ in pyogrio.list_layers(path)]
        except _BROKEN:
            return []
