"""The page's one panel: an address in, the three columns out, as plain HTML."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import parse_qsl

from dash import Output

from app import actions_import as actions
from app import actions_steward
from app import state as held
from app.i18n import t
from app.pages import el
from app.pages.callbacks import ASKER, Pages, on_slice
from app.pages.data import edit, evidence, lists, pairs, quarantine, review, rounds, routes, steward_routes
from app.pages.data.drafts import Drafts
from app.pages.data.pager import Asked
from app.pages.state import State
from geo.errors import CancelledError, ForbiddenError, InputError, NotFoundError
from layers.store.queries_rounds import read_round
from layers.store.slices import today

OUTPUTS = ("data-count", "data-list", "data-main", "data-side", "data-app")


async def _overview(pages: Pages, state: State, drafts: list[Any], given: dict[str, str]) -> tuple[Any, ...]:
    source, run = pages.source, given.get("run", "")
    facts, runs, waiting = await asyncio.gather(
        source.layers(state), source.reader.runs(limit=lists.MOST_RUNS, internal=True), source.reader.waiting()
    )
    looked = int(run) if run.isascii() and run.isdecimal() and len(run) < 10 else None
    main = lists.overview(pages.cat, facts, runs, waiting, today(), bool(drafts), asked=Asked.of(given), run=looked)
    return main, [], "dapp wide"


async def _one(pages: Pages, ident: str, given: dict[str, str]) -> tuple[Any, ...]:
    try:
        draft, made = await actions.review(held.settings(), held.reader(), ident)
    except CancelledError:
        draft = await asyncio.to_thread(Drafts(held.settings().var_dir).get, ident)
        return review.stopped(draft), [], "dapp wide"
    areas = await held.reader().areas("county")
    version = (await pages.source.layers(pages.state("/data"))).get(draft.layer)
    main = review.page(pages.cat, draft, made, given, version, areas)
    return main, evidence.panel(draft, made, given, areas), "dapp"


async def _form(pages: Pages, what: str) -> Any:
    layer, _, ident = what.partition(":")
    if layer not in pages.cat.layers or not ident.isdecimal():
        raise NotFoundError(t("steward.no_record", what=what[:60]), t("steward.no_record_cure"))
    record, events = await actions_steward.record(held.settings(), pages.cat, layer, int(ident))
    return edit.page(pages.cat.layers[layer], pages.cat, int(ident), record, events)


async def _body(pages: Pages, state: State, given: dict[str, str]) -> tuple[Any, ...]:
    """Return the middle, the right and the frame's class for what an address names."""
    settings, asked = held.settings(), Asked.of(given)
    if given.get("held") in pages.cat.layers:
        layer = pages.cat.layers[given["held"]]
        return quarantine.page(layer, await actions.held_page(settings, layer.id, asked), asked), [], "dapp wide"
    if given.get("pairs") in pages.cat.layers.keys() - {"boundary"}:
        found = await actions_steward.pairs(settings, held.reader(), given["pairs"], asked)
        return pairs.page(pages.cat.layers[given["pairs"]], found, asked), [], "dapp wide"
    if "rounds" in given:
        period = "" if given["rounds"] == "now" else given["rounds"]
        return rounds.page(await read_round(held.reader(), period), asked), [], "dapp wide"
    if given.get("edit"):
        return await _form(pages, given["edit"]), [], "dapp wide"
    if given.get("draft"):
        return await _one(pages, given["draft"], given)
    return await _overview(pages, state, await actions.drafts_of(settings), given)


async def fill(pages: Pages, state: State) -> tuple[Any, ...]:
    """Return what the page shows at the address that is asked for."""
    asker = ASKER.get()
    given = dict(parse_qsl(asker.address.partition("?")[2]))
    try:
        actions.check_here(asker.remote, asker.headers)
    except ForbiddenError as error:
        facts, runs = await asyncio.gather(pages.source.layers(state), pages.source.reader.runs())
        main = lists.overview(pages.cat, facts, runs, {}, today(), False, here=False)
        return "", el.empty(str(error)), main, [], "dapp wide"
    missing = None
    try:
        body = await _body(pages, state, given)
    except (NotFoundError, InputError) as error:
        missing = error
        body = (el.empty(str(error), el.link(t("import.back"), "/data")), [], "dapp wide")
    drafts, runs = await asyncio.gather(
        actions.drafts_of(held.settings()), held.reader().runs(limit=1000, internal=True)
    )
    undone = {r["run_id"]: r["reverted_by"] for r in runs if r["reverted_by"]}
    head = lists.head_count(drafts, undone)
    chosen = "" if missing else given.get("draft", "")
    return head, lists.drafts_list(pages.cat, drafts, undone, chosen), *body


def register(pages: Pages) -> None:
    """Register the page's panel and its own addresses."""
    pages.app.server.include_router(routes.router)
    pages.app.server.include_router(steward_routes.router)
    outputs = [Output(x, "children") for x in OUTPUTS[:-1]] + [Output(OUTPUTS[-1], "className")]
    on_slice(pages, "data", outputs, fill)
