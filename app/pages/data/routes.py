"""The page's own addresses: files come in and go out here, and every change is a POST from this machine."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Body, Depends, Query, Request
from starlette.responses import Response

from app import actions_import as actions
from app import actions_steward as steward
from app import state as held
from app.i18n import t
from app.pages.data import books
from app.pages.data.drafts import Drafts

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def here(request: Request) -> None:
    """Refuse callers from elsewhere."""
    actions.check_here(request.client.host if request.client else None, request.headers)


router = APIRouter(prefix="/data", dependencies=[Depends(here)], include_in_schema=False)
Given = Annotated[dict[str, Any], Body()]


def _text(given: dict[str, Any], name: str) -> str:
    return str(given.get(name) or "")[:500]


def file_answer(body: bytes, name: str) -> Response:
    """Return a workbook as a download."""
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}", "Cache-Control": "no-store"}
    return Response(body, media_type=XLSX, headers=headers)


@router.post("/files")
async def receive(
    request: Request,
    name: Annotated[str, Query(max_length=400)],
    who: Annotated[str, Query(max_length=100)] = "",
) -> dict[str, Any]:
    """Keep a file as a draft."""
    draft = await actions.receive(held.settings(), held.cat(), request.stream(), name, who)
    return {"go": f"/data?draft={draft.id}"}


@router.post("/drafts/{ident}")
async def choose(ident: str, given: Given) -> dict[str, Any]:
    """Change a draft's choices."""
    await actions.choose(held.settings(), held.cat(), ident, given)
    return {}


@router.post("/drafts/{ident}/publish")
async def publish(ident: str, given: Given) -> dict[str, Any]:
    """Publish a draft as it was shown."""
    report = await actions.publish(
        held.settings(), held.reader(), ident, reason=_text(given, "reason"), who=_text(given, "who"),
        seen=_text(given, "seen"),
    )  # fmt: skip
    counts = report.counts
    return {"done": t("import.done", run=report.run, loaded=f"{counts['loaded']:,}", held=f"{counts['quarantined']:,}")}


@router.get("/drafts/{ident}/progress")
async def progress(ident: str) -> dict[str, Any]:
    """Say how far the publishing of a draft is; an empty text when none is under way."""
    return {"text": await actions.progress(held.settings(), ident)}


@router.post("/drafts/{ident}/stop")
async def stop(ident: str) -> dict[str, Any]:
    """Stop the publishing of a draft; what was not published by then never is."""
    await actions.stop(held.settings(), ident)
    return {}


@router.get("/drafts/{ident}/{what}")
async def found(ident: str, what: books.What) -> Response:
    """Give every fault of a draft, or every record that it would change, as a workbook."""
    body, name = await asyncio.to_thread(books.of_draft, Drafts(held.settings().var_dir), ident, what)
    return file_answer(body, name)


@router.post("/drafts/{ident}/discard")
async def discard(ident: str) -> dict[str, Any]:
    """Remove a draft."""
    await actions.discard(held.settings(), ident)
    return {"go": "/data"}


@router.get("/runs/{run}/undo")
async def undo_preview(run: int) -> dict[str, Any]:
    """Say what rolling a run back would undo."""
    found = await actions.undo_preview(held.reader(), run)
    would = await steward.undo_preview(held.settings(), held.cat(), run)
    layer = held.cat().layers[found["layer"]].title
    return {
        "title": t("import.undo_title", run=run),
        "what": t("import.undo_what", layer=layer, n=found["n_loaded"], file=found["file_name"] or found["reason"]),
        "would": [
            t(
                f"steward.{what}",
                n=f"{len(names):,}",
                names=t("steward.and").join(names[:8]) + (t("steward.more") if len(names) > 8 else ""),
            )
            for what, names in would.items()
            if names
        ]
        + ([t("steward.held_undone", n=f"{held_back:,}")] if (held_back := found["n_quarantined"]) else [])
        or [t("steward.nothing_undone")],
    }


@router.post("/runs/{run}/undo")
async def undo(run: int, given: Given) -> dict[str, Any]:
    """Roll a run back."""
    done = await actions.undo(held.settings(), held.cat(), run, reason=_text(given, "reason"), who=_text(given, "who"))
    return {"done": t("import.undone", run=run, by=done.run_id, n=done.loaded)}


@router.get("/held/{layer}")
async def quarantine(layer: str) -> Response:
    """Give the rows that wait in quarantine as a workbook."""
    body = await actions.quarantine_file(held.settings(), held.cat(), layer)
    return file_answer(body, t("import.held_file", layer=held.cat().layer(layer).title))


@router.get("/template/{layer}")
async def template(layer: str) -> Response:
    """Give a layer's import template."""
    body = await actions.template_file(held.cat(), layer)
    return file_answer(body, t("import.template_file", layer=held.cat().layer(layer).title))
