"""The page's one callback: an address in, the three panels out."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import parse_qsl

from dash import Input, Output, ctx
from dash.exceptions import PreventUpdate

from app import actions_import as actions
from app import actions_steward
from app import state as held
from app.i18n import t
from app.pages import el
from app.pages.callbacks import Pages, guarded
from app.pages.data import edit, evidence, lists, pairs, quarantine, review, rounds, routes, steward_routes
from app.pages.state import State
from geo.errors import ForbiddenError, InputError, NotFoundError
from layers.store.queries_rounds import read_round
from layers.store.slices import today

OUTPUTS = ("data-count", "data-list", "data-main", "data-side", "data-app")


async def _overview(pages: Pages, state: State, drafts: list[Any]) -> tuple[Any, ...]:
    source = pages.source
    facts, runs, waiting = await asyncio.gather(
        source.layers(state), source.reader.runs(internal=True), quarantine.waiting(source.reader, pages.cat)
    )
    main = lists.overview(pages.cat, facts, runs, waiting, today(), bool(drafts))
    return main, [], "dapp wide"


async def _one(pages: Pages, ident: str, given: dict[str, str]) -> tuple[Any, ...]:
    draft, made = await actions.review(held.settings(), held.reader(), ident)
    areas = await held.reader().areas("county")
    version = (await pages.source.layers(pages.state("/data"))).get(draft.layer)
    main = review.page(pages.cat, draft, made, given, version, areas)
    return main, evidence.panel(draft, made, given, areas), "dapp"


async def _form(pages: Pages, what: str) -> Any:
    layer, _, ident = what.partition(":")
    if layer not in pages.cat.layers or not ident.isdecimal():
        raise NotFoundError(t("steward.no_record", what=what[:60]), t("steward.no_record_cure"))
    record = await actions_steward.record(held.settings(), pages.cat, layer, int(ident))
    return edit.page(pages.cat.layers[layer], pages.cat, int(ident), record)


def register(pages: Pages) -> None:
    """Register the page's callback and its own addresses."""
    pages.app.server.include_router(routes.router)
    pages.app.server.include_router(steward_routes.router)

    async def on_data(address: str | None) -> Any:
        if not address:
            raise PreventUpdate
        given = dict(parse_qsl(address.partition("?")[2]))
        state = pages.state(address)
        try:
            actions.check_here(ctx.remote, dict(ctx.headers))
        except ForbiddenError as error:
            facts, runs = await asyncio.gather(pages.source.layers(state), pages.source.reader.runs())
            main = lists.overview(pages.cat, facts, runs, {}, today(), False, here=False)
            return "", el.empty(str(error)), main, [], "dapp wide"
        settings = held.settings()
        missing = None
        try:
            if given.get("held") in pages.cat.layers:
                layer = pages.cat.layers[given["held"]]
                body = (quarantine.page(layer, await actions.held(settings, layer.id)), [], "dapp wide")
            elif given.get("pairs") in pages.cat.layers:
                found = await actions_steward.pairs(settings, pages.cat, given["pairs"])
                body = (pairs.page(pages.cat.layers[given["pairs"]], *found), [], "dapp wide")
            elif "rounds" in given:
                period = "" if given["rounds"] == "now" else given["rounds"]
                body = (rounds.page(await read_round(held.reader(), period)), [], "dapp wide")
            elif given.get("edit"):
                body = (await _form(pages, given["edit"]), [], "dapp wide")
            elif given.get("draft"):
                body = await _one(pages, given["draft"], given)
            else:
                body = await _overview(pages, state, await actions.drafts_of(settings))
        except (NotFoundError, InputError) as error:
            missing = error
            body = (el.empty(str(error), el.link(t("import.back"), "/data")), [], "dapp wide")
        drafts, runs = await asyncio.gather(actions.drafts_of(settings), held.reader().runs(limit=1000, internal=True))
        undone = {r["run_id"]: r["reverted_by"] for r in runs if r["reverted_by"]}
        head = lists.head_count(drafts, undone)
        chosen = "" if missing else given.get("draft", "")
        return head, lists.drafts_list(pages.cat, drafts, undone, chosen), *body

    out = [Output(x, "children") for x in OUTPUTS[:-1]] + [Output(OUTPUTS[-1], "className")]
    pages.app.callback(out, Input("s-data", "data"), prevent_initial_call=True)(guarded(on_data, len(out)))
