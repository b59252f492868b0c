"""Shapefiles: a zip or a folder whose parts may be missing, whose DBF may be GBK whatever its .cpg says."""

from __future__ import annotations

import datetime as dt
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyogrio.raw
import shapely

from etl.read.archive import Member, SafeZip
from etl.read.vector import _BROKEN, refuse, to_column
from etl.table import Column, Skipped, Table, distinct
from geo.errors import ReadError

PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")


def read_zipped(data: bytes, layer: str | None) -> tuple[Table | None, SafeZip]:
    """Read the shapefile in a zip; None when the zip holds none.

    Raises
    ------
    ReadError
        Several shapefiles and none named, or the one there does not open.
    """
    archive = SafeZip(data)
    sets: dict[str, dict[str, Member]] = {}
    for member in archive.members:
        if member.suffix in PARTS and not member.name.startswith("__MACOSX"):
            sets.setdefault(member.stem, {})[member.suffix] = member
    shapes = {stem: parts for stem, parts in sets.items() if ".shp" in parts}
    if not shapes:
        if any(".dbf" in p or ".shx" in p for p in sets.values()):
            raise ReadError("压缩包里有 .dbf 或 .shx，但缺少 .shp。", "请把 .shp、.shx、.dbf、.prj 一起打包。")
        return None, archive
    names = {Path(p[".shp"].name).stem: p for p in shapes.values()}
    if layer is not None and layer not in names:
        raise ReadError(f"压缩包里没有“{layer}”。", f"现有：{'、'.join(names)}。", sheets=list(names))
    if layer is None and len(names) > 1:
        raise ReadError(
            f"压缩包里有 {len(names)} 个 shapefile：{'、'.join(names)}。",
            "请用 --sheet 指定其中一个。",
            sheets=list(names),
        )
    parts = names[layer] if layer is not None else next(iter(names.values()))
    return read_parts({suffix: archive.read(m) for suffix, m in parts.items()}), archive


def read_folder(path: Path) -> Table:
    """Read the shapefile that ``path`` (its .shp, or a folder with one) names, with the parts beside it."""
    if path.is_dir():
        found = sorted(p for p in path.iterdir() if p.suffix.lower() == ".shp")
        if len(found) != 1:
            names = "、".join(p.name for p in found) or "没有"
            raise ReadError(f"文件夹“{path.name}”里的 .shp：{names}。", "请指到其中一个 .shp 文件。")
        path = found[0]
    parts = {
        p.suffix.lower(): p.read_bytes()
        for p in path.parent.iterdir()
        if p.stem.lower() == path.stem.lower() and p.suffix.lower() in PARTS
    }
    return read_parts(parts)


def read_parts(parts: dict[str, bytes]) -> Table:
    """Read a shapefile from the bytes of its parts; only .shp is needed."""
    with tempfile.TemporaryDirectory(prefix="yuantu-") as folder:
        path = Path(folder) / "file.shp"
        for suffix in (".shp", ".shx"):
            if suffix in parts:
                path.with_suffix(suffix).write_bytes(parts[suffix])
        shapes = _shapes(path, restore=".shx" not in parts)
    count = len(shapes)
    columns, deleted, encoding = read_dbf(parts[".dbf"]) if ".dbf" in parts else ((), np.zeros(count, bool), "")
    evidence = {"format": "shp", "encoding": encoding, "missing": " ".join(s for s in PARTS if s not in parts)}
    numbers = np.arange(2, count + 2, dtype=np.int64)
    skipped = tuple(Skipped(int(n), "deleted", "DBF 中标记为已删除的记录") for n in numbers[deleted[:count]])
    rows = max((len(c.cells) for c in columns), default=count)
    if columns and rows != count:
        raise ReadError(f".shp 有 {count} 个图形，.dbf 有 {rows} 条记录，不一致。", "请重新导出整套文件。")
    keep = ~deleted[:count]
    kept = tuple(Column(c.header, c.cells[keep], None if c.kinds is None else c.kinds[keep]) for c in columns)
    prj = parts.get(".prj", b"").decode("utf-8", errors="replace").strip()
    return Table(kept, numbers[keep], shapes[keep], prj, skipped=skipped, evidence=evidence)


def _shapes(path: Path, *, restore: bool) -> Any:
    pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": "YES" if restore else "NO"})
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _, _, wkb, _ = pyogrio.raw.read(path, columns=[])
        return shapely.from_wkb(wkb, on_invalid="ignore")
    except _BROKEN as error:
        raise refuse("Shapefile") from error
    finally:
        pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": None})


def read_dbf(data: bytes) -> tuple[tuple[Column, ...], np.ndarray[Any, np.dtype[np.bool_]], str]:
    """Read a dBase table as text.

    Returns
    -------
    columns : tuple of Column
    deleted : ndarray of bool, (n,)
        Records marked as deleted.
    encoding : str
        The one that fits every byte: ``ascii``, ``utf-8`` or ``gb18030``.

    Raises
    ------
    ReadError
        It is cut off, or no dBase table.
    """
    if len(data) < 33:
        raise ReadError(".dbf 文件不完整。", "请重新导出整套文件。")
    count, start, width = (int.from_bytes(data[a:b], "little") for a, b in ((4, 8), (8, 10), (10, 12)))
    names, kinds, sizes = [], [], []
    for at in range(32, start - 1, 32):
        if data[at : at + 1] == b"\r" or at + 32 > len(data):
            break
        names.append(data[at : at + 11].split(b"\0")[0])
        kinds.append(chr(data[at + 11]))
        sizes.append(data[at + 16])
    if not width or sum(sizes) + 1 != width or len(data) < start + count * width:
        raise ReadError(".dbf 文件不完整或结构有误。", "请重新导出整套文件。", records=count)
    raw = np.frombuffer(data, np.uint8, count * width, start).reshape(count, width)
    encoding = dbf_encoding(b"\n".join(names), raw, kinds, sizes)
    at, columns = 1, []
    headers = distinct([n.decode(encoding, errors="replace") for n in names])
    for header, kind, size in zip(headers, kinds, sizes, strict=True):
        cells = [bytes(r).split(b"\0")[0].strip() for r in raw[:, at : at + size]]
        columns.append(to_column(header, (_value(c, kind, encoding) for c in cells)))
        at += size
    return tuple(columns), raw[:, 0] == 0x2A, encoding


def dbf_encoding(names: bytes, raw: Any, kinds: list[str], sizes: list[int]) -> str:
    """Find the encoding by decoding the names and every text cell; a character cut at a field's end is no fault."""
    samples, at = [names], 1
    for kind, size in zip(kinds, sizes, strict=True):
        if kind == "C":
            samples += [bytes(r).rstrip(b" \0") for r in raw[:, at : at + size]]
        at += size
    if all(s.isascii() for s in samples):
        return "ascii"
    return "utf-8" if all(_is_utf8(s) for s in samples) else "gb18030"


def _is_utf8(sample: bytes) -> bool:
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data" and error.start >= len(sample) - 3 and len(sample) >= 10
    return True


def _value(cell: bytes, kind: str, encoding: str) -> Any:
    text = cell.decode(encoding, errors="ignore").strip()
    if not text or set(text) == {"*"}:
        return None
    if kind in "NF":
        try:
            return int(text) if text.lstrip("+-").isdigit() else float(text)
        except ValueError:
            return text
    if kind == "D" and len(text) == 8 and text.isdigit():
        if text == "00000000":
            return None
        try:
            return np.datetime64(dt.datetime.strptime(text, "%Y%m%d").date().isoformat())
        except ValueError:
            return text
    if kind == "L":
        return {"T": True, "Y": True, "F": False, "N": False}.get(text.upper())
    return text


def zipped_names(data: bytes) -> list[str]:
    """Return the names of the shapefiles in a zip."""
    return [Path(m.name).stem.lower() for m in SafeZip(data).members if m.suffix == ".shp" and "__MACOSX" not in m.name]
