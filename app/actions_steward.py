"""What a steward does with records that stand: pairs judged, held rows corrected in place, one record corrected."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from app import actions, actions_import
from app.i18n import t
from app.pages.data.drafts import Draft
from app.pages.data.pager import PAGE, Asked, start_of
from etl.correct import correct_record
from etl.duplicates import Pair, all_pairs, list_decisions, unjudged
from etl.judge import Judged, decide_many, withdraw
from etl.pipeline import Context
from etl.returned import write_returned_csv
from geo.errors import InputError
from layers.registry import Catalogue
from layers.settings import Settings
from layers.spec import Layer
from layers.store.duplicates import Decision, read_wholes
from layers.store.load import Published
from layers.store.reader import Reader
from layers.store.record import read_record
from layers.store.rollback import preview_rollback


@dataclass(frozen=True)
class Pairs:
    """One page of a layer's pairs, what was decided, and how many there are of each kind."""

    shown: tuple[Pair, ...]
    first: int
    n: int
    by_how: dict[str, int]
    decisions: tuple[Decision, ...]
    n_decided: int


_looked: OrderedDict[tuple[str, str], tuple[int, list[Pair]]] = OrderedDict()  # the pairs of a layer's version
_KEPT_LAYERS = 3


def _all_pairs(where: Context, layer: str, version: int) -> list[Pair]:
    """Return the pairs of a layer, looked for once for each state of it."""
    kept = _looked.get((where.dsn, layer))
    if kept is None or kept[0] != version:
        kept = (version, all_pairs(where, layer))
        _looked[where.dsn, layer] = kept
        while len(_looked) > _KEPT_LAYERS:
            _looked.popitem(last=False)
    return kept[1]


async def pairs(settings: Settings, reader: Reader, layer: str, asked: Asked) -> Pairs:
    """Return the pairs of a layer that nobody has judged, a page of them, and the latest decisions.

    Raises
    ------
    NotFoundError
        No such layer.
    """
    where = await asyncio.to_thread(actions_import.context, settings, reader.cat)
    version = (await reader.versions()).get(layer, 0)
    every, decisions = await asyncio.gather(
        asyncio.to_thread(_all_pairs, where, layer, version), asyncio.to_thread(list_decisions, where, layer)
    )
    return await asyncio.to_thread(page_of, every, decisions, asked)


def page_of(every: list[Pair], decisions: list[Decision], asked: Asked) -> Pairs:
    """Return the page that an address asks for of the pairs that nobody has judged, and the latest decisions."""
    open_ = unjudged(every, decisions)
    text = asked.find.lower()
    found = [
        p for p in open_
        if (not asked.why or p.how == asked.why)
        and (not text or any(text in x.lower() for x in (p.name_a, p.name_b, p.key_a, p.key_b)))
    ]  # fmt: skip
    first = start_of(asked.first, len(found))
    shown = tuple(found[first - 1 : first - 1 + PAGE]) if first else ()
    latest = tuple(reversed(decisions[-PAGE:]))
    return Pairs(shown, first, len(found), dict(Counter(p.how for p in open_)), latest, len(decisions))


async def judge(settings: Settings, cat: Catalogue, layer: str, given: Mapping[str, Any], who: str) -> Judged:
    """Merge pairs, keep them apart, or take back that they are kept apart.

    Raises
    ------
    NotFoundError, InputError
        None of them can be judged any more, or the decision is none of these.
    """
    context = await asyncio.to_thread(actions_import.context, settings, cat)
    asked = given.get("pairs")
    if not isinstance(asked, list) or not all(isinstance(x, list) and len(x) == 2 for x in asked):
        asked = [[given.get("kept"), given.get("other")]]
    both = [(str(a or ""), str(b or "")) for a, b in asked]
    how, reason = str(given.get("decision") or ""), str(given.get("reason") or "")[:500]
    if how == "again":
        await asyncio.to_thread(withdraw, context, layer, *both[0])
        return Judged(None, 1, 0)
    return await asyncio.to_thread(decide_many, context, layer, both, how, reason=reason, by=who)  # type: ignore[arg-type]


async def corrected(
    settings: Settings, cat: Catalogue, layer_id: str, run: int, cells: Mapping[str, Mapping[str, Any]], who: str
) -> tuple[Draft, int]:
    """Take cells corrected in the grid as a file of those rows, to be reviewed and published like any other.

    Returns
    -------
    draft, n_gone : Draft, int
        The file, and how many of the rows do not wait any more and are not in it.

    Raises
    ------
    InputError
        No cell was changed, or the rows do not wait any more.
    """
    layer = cat.layer(layer_id)
    tickets = [int(x) for x in cells if x.isascii() and x.isdecimal() and len(x) < 19]
    if not tickets:
        raise InputError(t("steward.cells_none"), t("steward.cells_note"))
    held = next(iter(await actions_import.held(settings, layer.id, run, tickets)), None)
    if held is None:
        raise InputError(t("steward.cells_gone"), t("steward.cells_gone_cure"))
    rows = [
        replace(r, cells=r.cells | {str(h): str(v)[:5000] for h, v in cells[str(r.ticket)].items() if h in r.cells})
        for r in held.rows
    ]
    body = await asyncio.to_thread(write_returned_csv, replace(held, rows=rows))
    name = t("steward.cells_file", file=held.file_name.rsplit(".", 1)[0])
    draft = await actions_import.receive(settings, cat, _once(body), name, who)
    return await actions_import.choose(settings, cat, draft.id, {"layer": layer.id}), len(tickets) - len(rows)


async def _once(body: bytes) -> AsyncIterator[bytes]:
    yield body


async def record(
    settings: Settings, cat: Catalogue, layer: str, ident: int
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return one record as it stands, and its events: type, level, event_date, end_date, date_text.

    Raises
    ------
    NotFoundError
        No such record.
    """
    dsn = await asyncio.to_thread(actions.writer_dsn, settings)
    return await asyncio.to_thread(_record, dsn, cat.layer(layer), ident)


def _record(dsn: str, layer: Layer, ident: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    found = read_record(dsn, layer, ident)
    return found, read_wholes(dsn, layer, [found["key"]])[found["key"]].events


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
