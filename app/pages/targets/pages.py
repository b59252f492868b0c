"""The callbacks of the page: what is judged on the day, one target in full, the rows it counts, what is entered."""

from __future__ import annotations

import asyncio
from typing import Any

from dash import Input, Output, ctx
from dash.exceptions import PreventUpdate

from app import state as held
from app.i18n import t
from app.pages import el
from app.pages.callbacks import Pages, guarded
from app.pages.targets.card import CLOSE, card
from app.pages.targets.contributions import contributions_of
from app.pages.targets.head import head
from app.pages.targets.layout import PARTS
from app.pages.targets.markup import as_one
from app.pages.targets.overview import overview
from app.pages.targets.printed import printed
from app.pages.targets.rows import rows_panel
from app.pages.targets.table import target_list
from app.pages.targets.view import View
from app.pages.targets.writing import check_here, write
from geo.errors import DatabaseUnavailableError, NotFoundError, YuantuError
from layers.store.queries_target_cards import target_card, target_cards
from layers.store.queries_targets import open_scene, read_target_rows
from layers.targets import Document


def _with_document(row: dict[str, Any], document: Document) -> dict[str, Any]:
    main = document.main(document.row(row["id"]))
    return row | {"measure": main.measure, "is_extensive": main.is_extensive}


async def judged(pages: Pages, view: View) -> dict[str, Any]:
    """Return every row judged on the view's day."""
    pool = pages.source.reader.pool
    scene, body = await asyncio.gather(
        open_scene(pool, pages.cat, view.when, demo=view.demo),
        target_cards(pool, pages.cat, view.when, demo=view.demo),
    )
    return body | {"rows": [_with_document(r, scene.document) for r in body["rows"]]}


async def listed(pages: Pages, view: View) -> tuple[Any, Any]:
    """Return the head and the list, or the sheet to print."""
    body = await judged(pages, view)
    return as_one(head(view, body)), as_one(printed(view, body) if view.printed else target_list(view, body))


async def carded(pages: Pages, view: View) -> Any:
    """Return the card of the chosen target; each department's targets while none is chosen."""
    if not view.target:
        return as_one(overview(await judged(pages, view)))
    reader = pages.source.reader
    try:
        scene, row, areas = await asyncio.gather(
            open_scene(reader.pool, pages.cat, view.when, demo=view.demo),
            target_card(reader.pool, pages.cat, view.target, view.when, demo=view.demo),
            reader.areas("county"),
        )
    except NotFoundError as error:
        return el.empty(f"{error.message}{error.cure}", el.button(t("targets.close"), "btn", **el.op(*CLOSE)))
    row = _with_document(row, scene.document)
    return as_one(card(view, row, await contributions_of(row, view.axis, areas)))


async def counted(pages: Pages, view: View) -> Any:
    """Return the rows that the chosen figure counts; nothing while they are not asked for."""
    if not (view.rows and view.target):
        return []
    pool = pages.source.reader.pool
    try:
        body, names = await asyncio.gather(
            read_target_rows(pool, pages.cat, view.target, view.when, demo=view.demo), pages.source.names()
        )
    except NotFoundError as error:
        back = el.button(t("targets.back"), "btn", **el.op(("set", "rows", "")))
        return el.empty(f"{error.message}{error.cure}", back)
    return as_one(rows_panel(view, body, names))


async def save(given: dict[str, Any]) -> dict[str, Any]:
    """Write what a form holds; return whether it was written and the sentence that says so."""
    try:
        check_here(ctx.remote, dict(ctx.headers))
        text = await write(held.settings(), given)
    except DatabaseUnavailableError:
        raise
    except YuantuError as error:
        return {"ok": False, "text": f"{error.message}{error.cure}", "n": given.get("n")}
    return {"ok": True, "text": text, "n": given.get("n")}


def register(pages: Pages) -> None:
    """Register the page's callbacks."""

    def on_part(name: str, outputs: list[Output], function: Any) -> None:
        async def callback(address: str | None) -> Any:
            if not address:
                raise PreventUpdate
            return await function(pages, View.from_query(address))

        callback.__name__ = f"on_targets_{name}"
        out = outputs[0] if len(outputs) == 1 else outputs
        wanted = Input(f"targets-{name}-at", "data")
        pages.app.callback(out, wanted, prevent_initial_call=True)(guarded(callback, len(outputs)))

    on_part("list", [Output("targets-head", "children"), Output("targets-list", "children")], listed)
    on_part("card", [Output("targets-card", "children")], carded)
    on_part("rows", [Output("targets-rows", "children")], counted)

    async def save_form(given: dict[str, Any] | None) -> Any:
        if not given:
            raise PreventUpdate
        return await save(given)

    pages.app.callback(
        Output("targets-answer", "data"), Input("targets-write", "data"), prevent_initial_call=True
    )(guarded(save_form, 1))  # fmt: skip
    pages.app.clientside_callback(
        "function(a){return window.yt && a ? window.yt.targetParts(a)"
        " : [window.dash_clientside.no_update, window.dash_clientside.no_update, window.dash_clientside.no_update];}",
        *(Output(f"targets-{name}-at", "data") for name in PARTS),
        Input("s-targets", "data"),
        prevent_initial_call=True,
    )
    pages.app.clientside_callback(
        "function(x){return window.yt ? window.yt.targetSaved(x) : window.dash_clientside.no_update;}",
        Output("targets-answer-done", "data"),
        Input("targets-answer", "data"),
        prevent_initial_call=True,
    )
