"""Targets on their way in: a new version of the document, figures entered by hand, allocations, settings."""

from __future__ import annotations

import datetime as dt
import math
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from geo.errors import ConflictError, InputError, NotFoundError, ReadError
from layers.store.targets import (
    document_of,
    known_codes,
    store_allocations,
    store_document,
    store_entry,
    store_setting,
    store_text,
    stored_documents,
)
from layers.targets import TargetRow, compare_documents, read_document, shipped_documents

MAX_TEXT_BYTES = 20_000_000
SCHEDULES = ("linear", "quarterly", "list", "level")
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@dataclass(frozen=True)
class Loaded:
    """What loading a document did: ``changes`` compares it with the year's last version (None: it is the first)."""

    document_id: str
    n_rows: int
    is_new: bool
    changes: dict[str, Any] | None


def load_document(dsn: str, path: Path, who: str) -> Loaded:
    """Load a version of a document from its TOML and say what differs from the year's last one.

    Raises
    ------
    CatalogueError
        The file is wrong; nothing was changed.
    """
    document = read_document(path)
    last = next((d for d in stored_documents(dsn) if d.year == document.year), None)
    changes = compare_documents(last, document) if last else None
    return Loaded(document.id, len(document.rows), store_document(dsn, document, who), changes)


def load_shipped(dsn: str, who: str = "yuantu") -> list[Loaded]:
    """Load the shipped documents where no document of their year is on record."""
    years = {d.year for d in stored_documents(dsn)}
    fresh = [d for d in shipped_documents() if d.year not in years]
    return [Loaded(d.id, len(d.rows), store_document(dsn, d, who), None) for d in reversed(fresh)]


def read_text(path: Path) -> str:
    """Return the text of a document: UTF-8 or GB18030 text, or the paragraphs of a .docx.

    Raises
    ------
    ReadError
        Too large, broken, or of another kind.
    """
    if path.stat().st_size > MAX_TEXT_BYTES:
        raise ReadError(f"{path.name} 超过 {MAX_TEXT_BYTES // 1_000_000} MB。", "请只附上文件正文。")
    if path.suffix.lower() == ".docx":
        return _read_docx(path)
    if path.suffix.lower() not in (".txt", ".md"):
        raise ReadError(f"{path.name} 不是能读的文件。", "请附 .docx 或 .txt。", file=path.name)
    raw = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ReadError(f"{path.name} 的文字编码看不懂。", "请另存为 UTF-8。", file=path.name)


def _read_docx(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo("word/document.xml").file_size > MAX_TEXT_BYTES:
                raise ReadError(f"{path.name} 展开后太大。", "请只附上文件正文。", file=path.name)
            raw = archive.read("word/document.xml")
        if b"<!DOCTYPE" in raw or b"<!ENTITY" in raw:
            raise ReadError(f"{path.name} 带有 DTD，不是 Word 写的文件。", "请用 Word 另存后重试。", file=path.name)
        root = ElementTree.fromstring(raw)
    except (zipfile.BadZipFile, KeyError, ElementTree.ParseError) as error:
        raise ReadError(f"{path.name} 不是完好的 .docx。", "请用 Word 另存后重试。", file=path.name) from error
    paragraphs = root.iter(f"{_WORD}p")
    return "\n".join("".join(t.text or "" for t in p.iter(f"{_WORD}t")) for p in paragraphs)


def attach_text(dsn: str, year: int, path: Path, who: str) -> int:
    """Attach the document's own file; return how many of its clauses were found in it.

    Raises
    ------
    InputError
        None of the document's clauses stands in the file: it is another document.
    """
    from layers.targets_text import find_sentence

    document = document_of(dsn, year)
    text = read_text(path)
    found = sum(bool(find_sentence(text, row.clause)) for row in document.rows)
    if not found:
        raise InputError(f"{path.name} 里找不到《{document.title}》的任何一条原文。", "请确认附的是同一份文件。")
    if all(d.id != document.id for d in stored_documents(dsn)):
        store_document(dsn, document, who)
    store_text(dsn, document.id, text, path.name, who)
    return found


def _need(who: str, source: str = "-") -> None:
    if not who.strip():
        raise InputError("没有写明录入人。", "请填写姓名或账号。")
    if not source.strip():
        raise InputError("没有写明来源。", "每个录入的数字都要有来源，例如“市统计局月报”。")


def enter_value(
    dsn: str, year: int, target_id: str, date: dt.date, value: float, *, source: str, who: str,
    measure: str = "value", note: str = "",
) -> None:  # fmt: skip
    """Enter a figure for a date, with its source; a second one for the same date corrects the first.

    Parameters
    ----------
    measure : str
        ``value``, in the target's unit, or ``denominator``: what a share of the province is taken of.

    Raises
    ------
    NotFoundError, InputError, ConflictError
        No such target, not a number, a date outside the year, no source, or a figure that is computed.
    """
    _need(who, source)
    row = _entry_row(dsn, year, target_id, measure)
    if not math.isfinite(value):
        raise InputError(f"“{value}”不是数字。", f"请填写数字，单位{row.unit}。")
    if row.unit != "%" and value < 0:
        raise InputError(f"“{row.indicator}”不会是负数 {value}。", "请核对。")
    if measure == "denominator" and value <= 0:
        raise InputError("全省数要大于 0。", "请核对。")
    if date.year != year:
        raise InputError(f"日期 {date} 不在 {year} 年。", "请填写数字所属的日期。")
    keys = {"year": year, "target_id": row.id, "measure": measure, "entry_date": date}
    store_entry(dsn, keys, {"value": value, "source": source.strip(), "note": note.strip()}, who.strip())


def withdraw_value(dsn: str, year: int, target_id: str, date: dt.date, *, who: str, measure: str = "value") -> None:
    """Withdraw an entered figure; what was known on an earlier date keeps it."""
    _need(who)
    row = _entry_row(dsn, year, target_id, measure)
    store_entry(dsn, {"year": year, "target_id": row.id, "measure": measure, "entry_date": date}, None, who.strip())


def _entry_row(dsn: str, year: int, target_id: str, measure: str) -> TargetRow:
    document = document_of(dsn, year)
    row = document.main(document.row(target_id))
    if measure not in ("value", "denominator"):
        raise InputError(f"没有“{measure}”这种录入。", "可用：value、denominator。")
    if measure == "denominator" and row.measure != "share":
        raise ConflictError(f"{row.id} 不是占比，没有分母可录。", "请录入 value。", target=row.id)
    if measure == "value" and row.basis == "computed":
        raise ConflictError(f"{row.id} 由平台按明细计算，不能手工录入。", "请更正图层里的记录。", target=row.id)
    if row.kind == "threshold":
        raise ConflictError(f"{row.id} 是筛选门槛，没有数字可录。", target=row.id)
    return row


def allocate(
    dsn: str, year: int, target_id: str, shares: Mapping[str, float | Decimal], *, source: str, who: str,
    axis: str = "unit",
) -> None:  # fmt: skip
    """Share a target out to units (or counties); the parts must add up to the city's figure exactly.

    Raises
    ------
    InputError
        Unknown codes, a negative part, or a sum that differs; nothing was changed.
    ConflictError
        The target is a rate: its parts do not add up.
    """
    _need(who, source)
    document = document_of(dsn, year)
    row = document.main(document.row(target_id))
    if not row.is_extensive:
        raise ConflictError(f"{row.id} 不是可以相加的数量，不能分解。", "占比和增速请分别考核。", target=row.id)
    if axis not in ("county", "unit"):
        raise InputError(f"没有“{axis}”这种分解口径。", "可用：county（属地）、unit（考核板块）。")
    parts = {code: Decimal(str(value)) for code, value in shares.items()}
    names = known_codes(dsn, axis)
    unknown = sorted(set(parts) - set(names))
    if unknown:
        listed = "、".join(f"{c} {n}" for c, n in names.items()) or "（地区代码表是空的）"
        raise InputError(f"没有代码 {'、'.join(unknown)}。", f"可用：{listed}。", codes=unknown)
    if any(not p.is_finite() or p < 0 for p in parts.values()):
        raise InputError("分解数要是不小于 0 的数字。", "请核对。")
    total, wanted = sum(parts.values()), Decimal(str(row.target))
    if parts and total != wanted:
        raise InputError(
            f"分解合计 {total} {row.unit}，全市目标 {wanted} {row.unit}，相差 {total - wanted}。", "请调整后重新提交。",
            found=str(total), expected=str(wanted),
        )  # fmt: skip
    store_allocations(dsn, year, row.id, axis, parts, source.strip(), who.strip())


def set_rule(dsn: str, year: int, name: str, value: Any, *, who: str, reason: str = "", target_id: str = "") -> None:
    """Set how targets are judged: ``schedule``, ``list_by``, ``quarter_shares`` or ``band_width``; None undoes it.

    ``target_id`` '' means every target: there a schedule moves only those that follow linear or quarterly.

    Raises
    ------
    NotFoundError, InputError
        No such target or setting, or a value that cannot be.
    """
    _need(who)
    document = document_of(dsn, year)
    if target_id:
        target_id = document.main(document.row(target_id)).id
    if value is not None:
        _check_setting(year, name, value, everywhere=not target_id)
    elif name not in ("schedule", "list_by", "quarter_shares", "band_width"):
        raise NotFoundError(f"没有设置“{name}”。")
    store_setting(dsn, year, target_id, name, value, reason.strip(), who.strip())


def _check_setting(year: int, name: str, value: Any, *, everywhere: bool) -> None:
    numbers = (int, float)
    if name == "schedule":
        allowed = ("linear", "quarterly") if everywhere else SCHEDULES
        if value not in allowed:
            raise InputError(f"没有“{value}”这种进度。", f"可用：{'、'.join(allowed)}。")
    elif name == "list_by":
        try:
            day = dt.date.fromisoformat(str(value))
        except ValueError as error:
            raise InputError(f"“{value}”不是日期。", "请写作 2026-12-31。") from error
        if day.year != year:
            raise InputError(f"名单公布日 {day} 不在 {year} 年。", "请核对。")
    elif name == "quarter_shares":
        good = isinstance(value, list | tuple) and len(value) == 4 and all(isinstance(v, numbers) for v in value)
        if not good or list(value) != sorted(value) or value[0] < 0 or value[3] != 1:
            raise InputError("四个季度的累计占比要递增，末季为 1。", "例如 [0.2, 0.45, 0.7, 1]。")
    elif name == "band_width":
        if not isinstance(value, numbers) or isinstance(value, bool) or not 0 <= value < math.inf:
            raise InputError("“左右”的宽度要是不小于 0 的数字。", "例如 0.5。")
    else:
        raise NotFoundError(f"没有设置“{name}”。", "可用：schedule、list_by、quarter_shares、band_width。")
