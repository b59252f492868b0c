"""The document's own file: its text attached, a new version of its data loaded and compared with the last one."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request

from app import state as held
from app.actions import writer_dsn
from app.i18n import t
from app.pages.data.routes import here
from etl.targets import MAX_TEXT_BYTES, attach_text, load_document
from geo.errors import InputError
from layers.settings import Settings
from layers.store.targets import loaded_documents, stored_documents
from layers.targets import Document, compare_documents, shipped_documents

router = APIRouter(prefix="/targets-file", dependencies=[Depends(here)], include_in_schema=False)
TITLES = frozenset({"target", "comparator", "unit", "indicator", "kind", "clause", "owners", "schedule", "strive"})


def _short(value: Any) -> str:
    if value in (None, "", [], ()):
        return t("targets.v_nothing")
    if isinstance(value, list | tuple):
        return t("list.comma").join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def change_lines(changes: dict[str, Any], old: Document, new: Document) -> list[str]:
    """Return the differences of two versions, one line each: rows added, removed, changed."""
    before, after = ({r.id: r for r in d.rows} for d in (old, new))
    lines = [t("targets.v_added", id=i, indicator=after[i].indicator) for i in changes["added"]]
    lines += [t("targets.v_removed", id=i, indicator=before[i].indicator) for i in changes["removed"]]
    for change in changes["changed"]:
        known = change["field"] if change["field"] in TITLES else "other"
        what = t(f"targets.v_{known}")
        indicator = after[change["id"]].indicator
        lines.append(
            t("targets.v_changed", id=change["id"], indicator=indicator, what=what,
              old=_short(change["old"]), new=_short(change["new"]))
        )  # fmt: skip
    return lines


def versions(dsn: str, year: int) -> list[Document]:
    """Return the year's versions, the latest loaded first; the shipped one where none is on record."""
    found = [d for d in stored_documents(dsn) if d.year == year]
    return found or [d for d in shipped_documents() if d.year == year]


def last_changes(dsn: str, year: int) -> dict[str, Any]:
    """Return how what was loaded last for a year differs from what was loaded before, in words.

    A version that is loaded again with its old id replaces the old one on the page; here it still is the one before.
    """
    found = loaded_documents(dsn, year) or versions(dsn, year)
    if len(found) < 2:
        return {"title": t("targets.v_title"), "text": t("targets.v_only", n=len(found)), "lines": []}
    new, old = found[0], found[1]
    lines = change_lines(compare_documents(old, new), old, new)
    text = t("targets.v_between", old=old.version, new=new.version, n=len(lines))
    return {"title": t("targets.v_title"), "text": text, "lines": lines}


def take_file(dsn: str, path: Path, year: int, who: str) -> dict[str, Any]:
    """Load a new version (.toml), or attach the document's text (.docx, .txt, .md).

    Raises
    ------
    YuantuError
        The file is neither, or it is another document's; nothing was changed.
    """
    if path.suffix.lower() != ".toml":
        found = attach_text(dsn, year, path, who)
        n = len(versions(dsn, year)[0].rows)
        return {"title": t("targets.v_attached"), "text": t("targets.v_found", found=found, n=n), "lines": []}
    before = versions(dsn, year)
    loaded = load_document(dsn, path, who)
    if not loaded.is_new:
        return {"title": t("targets.v_title"), "text": t("targets.v_same"), "lines": []}
    now = next(d for d in stored_documents(dsn) if d.id == loaded.document_id)
    old = before[0] if before and before[0].year == now.year else None
    lines = change_lines(compare_documents(old, now), old, now) if old else []
    text = t("targets.v_loaded", title=now.title, version=now.version, rows=loaded.n_rows, n=len(lines))
    return {"title": t("targets.v_title"), "text": text, "lines": lines}


async def _receive(settings: Settings, chunks: AsyncIterator[bytes], name: str, year: int, who: str) -> dict[str, Any]:
    plain = Path(name.replace("\\", "/")).name
    if Path(plain).suffix.lower() not in (".toml", ".docx", ".txt", ".md"):
        raise InputError(t("targets.v_bad", name=plain), t("targets.v_bad_cure"))
    if not who.strip():
        raise InputError(t("targets.v_who"), t("targets.v_who_cure"))
    with tempfile.TemporaryDirectory() as folder:
        path, size = Path(folder) / plain, 0
        with path.open("wb") as stream:
            async for chunk in chunks:
                size += len(chunk)
                if size > MAX_TEXT_BYTES:
                    raise InputError(t("targets.v_large", name=plain), t("targets.v_large_cure"))
                await asyncio.to_thread(stream.write, chunk)
        dsn = await asyncio.to_thread(writer_dsn, settings)
        return await asyncio.to_thread(take_file, dsn, path, year, who.strip())


@router.post("")
async def receive(
    request: Request,
    name: Annotated[str, Query(max_length=200)],
    year: Annotated[int, Query(ge=2000, le=2100)],
    who: Annotated[str, Query(max_length=100)] = "",
) -> dict[str, Any]:
    """Take a file of the document."""
    return await _receive(held.settings(), request.stream(), name, year, who)


@router.get("/changes")
async def changes(year: Annotated[int, Query(ge=2000, le=2100)]) -> dict[str, Any]:
    """Say how the year's last version differs from the one before."""
    dsn = await asyncio.to_thread(writer_dsn, held.settings())
    return await asyncio.to_thread(last_changes, dsn, year)
