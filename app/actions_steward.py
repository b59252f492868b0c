"""What a steward does with records that stand: pairs judged, held rows corrected in place, one record corrected."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

from app import actions, actions_import
from app.i18n import t
from app.pages.data.drafts import Draft
from etl.correct import correct_record
from etl.duplicates import Pair, decide, list_decisions, list_pairs
from etl.returned import write_returned_csv
from geo.errors import InputError
from layers.registry import Catalogue
from layers.settings import Settings
from layers.store.duplicates import Decision
from layers.store.load import Published, preview_rollback
from layers.store.record import read_record


async def pairs(settings: Settings, cat: Catalogue, layer: str) -> tuple[list[Pair], list[Decision]]:
    """Return the pairs of a layer that nobody has judged, and the decisions made.

    Raises
    ------
    NotFoundError
        No such layer.
    """
    context = await asyncio.to_thread(actions_import.context, settings, cat)
    return await asyncio.gather(
        asyncio.to_thread(list_pairs, context, layer), asyncio.to_thread(list_decisions, context, layer)
    )


async def judge(settings: Settings, cat: Catalogue, layer: str, given: Mapping[str, Any], who: str) -> int | None:
    """Merge a pair or keep it apart; return the run of a merge.

    Raises
    ------
    NotFoundError, InputError
        One of them is gone, or the decision is neither.
    """
    context = await asyncio.to_thread(actions_import.context, settings, cat)
    kept, other, how = (str(given.get(x) or "") for x in ("kept", "other", "decision"))
    reason = str(given.get("reason") or "")[:500]
    return await asyncio.to_thread(decide, context, layer, kept, other, how, reason=reason, by=who)  # type: ignore[arg-type]


async def corrected(
    settings: Settings, cat: Catalogue, layer_id: str, run: int, cells: Mapping[str, Mapping[str, Any]], who: str
) -> Draft:
    """Take cells corrected in the grid as a file of those rows, to be reviewed and published like any other.

    Raises
    ------
    InputError
        No cell was changed, or the rows do not wait any more.
    """
    layer = cat.layer(layer_id)
    held = next((f for f in await actions_import.held(settings, layer.id) if f.run_id == run), None)
    rows = [] if held is None else [
        replace(r, cells=r.cells | {str(h): str(v)[:5000] for h, v in cells[str(r.ticket)].items() if h in r.cells})
        for r in held.rows if str(r.ticket) in cells
    ]  # fmt: skip
    if held is None or not rows:
        raise InputError(t("steward.cells_none"), t("steward.cells_note"))
    body = await asyncio.to_thread(write_returned_csv, replace(held, rows=rows))
    name = t("steward.cells_file", file=held.file_name.rsplit(".", 1)[0])
    draft = await actions_import.receive(settings, cat, _once(body), name, who)
    return await actions_import.choose(settings, cat, draft.id, {"layer": layer.id})


async def _once(body: bytes) -> AsyncIterator[bytes]:
    yield body


async def record(settings: Settings, cat: Catalogue, layer: str, ident: int) -> dict[str, Any]:
    """Return one record as it stands.

    Raises
    ------
    NotFoundError
        No such record.
    """
    dsn = await asyncio.to_thread(actions.writer_dsn, settings)
    return await asyncio.to_thread(read_record, dsn, cat.layer(layer), ident)


async def correct(
    settings: Settings, cat: Catalogue, layer: str, ident: int, given: Mapping[str, str], *, reason: str, who: str,
    since: str,
) -> Published:  # fmt: skip
    """Write the corrections of one record as a run.

    Raises
    ------
    InputError, NotFoundError
        No reason, a value that cannot be used, no such record.
    """
    try:
        day = dt.date.fromisoformat(since) if since else None
    except ValueError as error:
        raise InputError(f"日期“{since}”看不懂。", "请写作 2026-06-30。") from error
    dsn = await asyncio.to_thread(actions.writer_dsn, settings)
    return await asyncio.to_thread(
        correct_record, dsn, cat.layer(layer), cat, ident, given, reason=reason, started_by=who, valid_from=day
    )


async def undo_preview(settings: Settings, cat: Catalogue, run: int) -> dict[str, list[str]]:
    """Say what rolling a run back would do, record by record; nothing is written.

    Raises
    ------
    NotFoundError, ConflictError
        No such run; later runs stand in the way.
    """
    dsn = await asyncio.to_thread(actions.writer_dsn, settings)
    return await asyncio.to_thread(preview_rollback, dsn, cat, run)
