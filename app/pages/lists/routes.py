"""Keeping a work list, taking it away, bringing it back: from this machine only."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends

from app import state as held
from app.actions import writer_dsn
from app.i18n import t
from app.pages.callbacks import settle
from app.pages.data.routes import here
from app.pages.lists.book import title_of
from app.pages.lists.model import gather_lists
from app.pages.lists.view import pinned
from app.pages.source import Source
from app.pages.state import State
from geo.errors import InputError
from layers.store.saved_lists import save_list, take_away

router = APIRouter(prefix="/saved-lists", dependencies=[Depends(here)], include_in_schema=False)


@router.post("")
async def save(given: Annotated[dict[str, Any], Body()]) -> dict[str, Any]:
    """Keep the list of an address, pinned to its two dates."""
    page, _, query = str(given.get("address") or "")[:4000].partition("?")
    if page != "/compare":
        raise InputError(t("lists.not_a_list"), t("lists.not_a_list_cure"))
    reader = held.reader()
    source = Source(reader, reader.cat)
    lists = await gather_lists(source, await settle(source, State.from_query(reader.cat, query, page)))
    body = lists.body or lists.rates or {}
    dsn = await asyncio.to_thread(writer_dsn, held.settings())
    title = title_of(lists) + (t("lists.of_kind", kind=lists.choice.kind) if lists.choice.kind else "")
    fresh = await asyncio.to_thread(
        save_list, dsn, title, pinned(lists), lists.when.as_of, lists.when.known_at, body.get("n"),
        str(given.get("who") or "")[:100],
    )  # fmt: skip
    return {"done": t("lists.saved" if fresh else "lists.saved_before", title=title)}


@router.post("/{saved_id}/{what}")
async def change(saved_id: int, what: str) -> dict[str, Any]:
    """Take a kept list away (``remove``) or bring it back (``restore``)."""
    dsn = await asyncio.to_thread(writer_dsn, held.settings())
    await asyncio.to_thread(take_away, dsn, saved_id, back=what == "restore")
    return {"done": t("lists.back" if what == "restore" else "lists.gone")}
