"""Reports as the database keeps them: ordered, made, issued. An issued one never changes."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg2
from psycopg2.extras import Json

from geo.errors import ConflictError, NotFoundError
from layers.store.db import connect, statement
from layers.store.reader import Reader

KEPT = 200  # finished reports that were not issued
MOST_LISTED = 200


@dataclass(frozen=True)
class Finished:
    """A file that is done and what it says."""

    content: bytes
    title: str
    file_name: str
    media: str
    recipe: Mapping[str, Any]
    figures: Mapping[str, Any]
    as_of: str
    known_at: str | None
    n_demo: int
    differences: Sequence[str] | None = None


def _run(dsn: str, name: str, params: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connect(dsn) as conn, conn.cursor() as cursor:
        cursor.execute(statement(f"report/{name}"), params)
        return list(cursor.fetchall())


def add_order(
    dsn: str, kind: str, fmt: str, ordered: Mapping[str, Any], *, title: str = "", who: str = "",
    follows: int | None = None,
) -> int:  # fmt: skip
    """Enter an order; return its number."""
    params = {"kind": kind, "format": fmt, "title": title, "ordered": Json(ordered), "who": who, "follows": follows}
    return int(_run(dsn, "add", params)[0][0])


def tell(dsn: str, ident: int, share: float, step: str) -> bool:
    """Say how far an order is; False when it has been cancelled."""
    return bool(_run(dsn, "beat", {"id": ident, "share": min(max(share, 0.0), 1.0), "step": step}))


def keep_alive(dsn: str, idents: Sequence[int]) -> set[int]:
    """Say that a process still has these orders; return those that nobody cancelled."""
    return {int(r[0]) for r in _run(dsn, "alive", {"ids": list(idents)})}


def finish(dsn: str, ident: int, made: Finished) -> bool:
    """Keep a finished report; False when it was cancelled meanwhile."""
    known = dt.datetime.fromisoformat(made.known_at) if made.known_at else None
    params = {
        "id": ident, "title": made.title, "recipe": Json(made.recipe), "figures": Json(made.figures),
        "as_of": made.as_of, "known_at": known, "n_demo": made.n_demo, "file_name": made.file_name,
        "media": made.media, "n_bytes": len(made.content), "sha256": hashlib.sha256(made.content).hexdigest(),
        "differences": None if made.differences is None else Json(list(made.differences)),
        "content": psycopg2.Binary(made.content),
    }  # fmt: skip
    kept = bool(_run(dsn, "finish", params))
    _run(dsn, "prune", {"keep": KEPT})
    return kept


def end(dsn: str, ident: int, message: str, *, state: str = "failed") -> bool:
    """End an order without a file; False when it had ended already."""
    return bool(_run(dsn, "fail", {"id": ident, "message": message, "state": state}))


def issue(dsn: str, ident: int, who: str, number: str = "") -> None:
    """Issue a finished report: it is kept for ever.

    Raises
    ------
    ConflictError
        It is not finished, or issued already.
    """
    if not _run(dsn, "issue", {"id": ident, "who": who, "number": number}):
        raise ConflictError("这份报告还没有完成，或已经出具。", "请刷新后再看。", report=ident)


def remove(dsn: str, ident: int) -> None:
    """Remove a report that was not issued.

    Raises
    ------
    ConflictError
        It was issued, or is being made.
    """
    if not _run(dsn, "remove", {"id": ident}):
        raise ConflictError("已出具或正在生成的报告不能删除。", "正在生成的请先取消。", report=ident)


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {
        k: v.isoformat(timespec="seconds") if isinstance(v, dt.datetime) else v.isoformat() if isinstance(v, dt.date)
        else v for k, v in row.items()
    }  # fmt: skip


async def list_reports(reader: Reader, limit: int = MOST_LISTED) -> list[dict[str, Any]]:
    """Return the reports, the latest first, without files."""
    return [_plain(r) for r in await reader.pool.fetch(statement("report/list"), {"limit": limit})]


async def read_report(reader: Reader, ident: int) -> dict[str, Any]:
    """Return one report with its recipe and figures.

    Raises
    ------
    NotFoundError
        No such report.
    """
    rows = await reader.pool.fetch(statement("report/one"), {"id": ident})
    if not rows:
        raise NotFoundError(f"没有第 {ident} 号报告。", "它可能已被删除，请刷新列表。", report=ident)
    return _plain(rows[0])


async def read_file(reader: Reader, ident: int) -> dict[str, Any]:
    """Return a finished report's ``file_name``, ``media``, ``sha256`` and ``content``.

    Raises
    ------
    NotFoundError
        No such report, or not finished.
    """
    rows = await reader.pool.fetch(statement("report/file"), {"id": ident})
    if not rows:
        raise NotFoundError(f"第 {ident} 号报告没有文件。", "请等它完成，或刷新列表。", report=ident)
    return rows[0] | {"content": bytes(rows[0]["content"])}
