"""/api/v1/export/reports: order, follow, cancel, fetch, issue, make again and compare reports; and the preview."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Body, Depends, Path, Query
from fastapi.responses import Response

from app.api.common import INTERNAL, ReaderOf
from app.export import jobs
from app.export.data import gather
from app.export.figures import differences
from app.export.products import KINDS, Order
from app.export.queue import editable, issue, ordered_again, queue_of
from app.export.recipe import MOST_BYTES, parse_recipe
from app.export.worker import workshop
from app.i18n import t
from app.pages.data.routes import here
from app.state import settings
from geo.errors import InputError
from layers.store import reports

router = APIRouter(prefix="/api/v1/export", tags=["export"])
Given = Annotated[dict[str, Any], Body()]
Ident = Annotated[int, Path(ge=1, le=2**53)]
DRAFT_DPI = 72


def _order(given: dict[str, Any]) -> Order:
    body = given.get("order")
    if not isinstance(body, dict) or len(json.dumps(body)) > MOST_BYTES:
        raise InputError("没有写要做什么，或内容太长。", "请给出 order：配方，或目标、通报的条件。", field="order")
    try:
        template = base64.b64decode(str(given.get("template") or ""), validate=True)
    except (binascii.Error, ValueError) as error:
        raise InputError("模板文件读不出来。", "请重新选择文件。", field="template") from error
    return Order(str(given.get("kind") or "map"), str(given.get("format") or "pdf"), body, template)


@router.get("/preview", response_class=Response)
async def preview(
    reader: ReaderOf,
    recipe: Annotated[str, Query(description="配方（JSON）", max_length=MOST_BYTES)],
    dpi: Annotated[int, Query(ge=36, le=110)] = DRAFT_DPI,
) -> Response:
    """Return a recipe's map as a draft picture; the header says where its frame lies on the sheet and on the ground."""
    asked = parse_recipe(recipe).model_copy(update={"dpi": dpi})
    data = await gather(asked, reader, internal=INTERNAL)
    png, about = await workshop(settings().data_dir).run(jobs.draft, data, settings().data_dir)
    known = data.recipe.known_at.isoformat() if data.recipe.known_at else ""
    about |= {"as_of": data.as_of.isoformat(), "known_at": known, "demo": data.has_demo}
    headers = {"X-Yuantu-Sheet": json.dumps(about), "Cache-Control": "no-store"}
    return Response(png, media_type="image/png", headers=headers)


@router.get("/reports")
async def list_all(reader: ReaderOf) -> dict[str, Any]:
    """Return the reports, the latest first, and the kinds there are."""
    kinds = [{"id": k, "title": title, "formats": list(formats)} for k, (title, formats) in KINDS.items()]
    return {"reports": await reports.list_reports(reader), "kinds": kinds}


@router.post("/reports", dependencies=[Depends(here)])
async def submit(reader: ReaderOf, given: Given) -> dict[str, Any]:
    """Order a report: ``kind``, ``format``, ``order`` (a recipe, or what the kind needs), ``template`` in base64."""
    who = str(given.get("who") or "").strip()[:100]
    ident = await queue_of(settings()).submit(_order(given), reader, who=who)
    return {"id": ident}


@router.get("/reports/{ident}")
async def one(reader: ReaderOf, ident: Ident) -> dict[str, Any]:
    """Return one report with its recipe and figures."""
    found = await reports.read_report(reader, ident)
    most = {"subtitle": 120, "as_of": 10, "since": 10, "period": 7, "dept": 30}
    fields = [
        {"key": k, "label": t(f"report.edits.{k}"), "value": v, "most": most.get(k, 60)}
        for k, v in editable(found).items()
    ]
    return found | {"editable": fields}


@router.get("/reports/{ident}/file", response_class=Response)
async def file(reader: ReaderOf, ident: Ident) -> Response:
    """Return a finished report's file, as it was made."""
    found = await reports.read_file(reader, ident)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found['file_name'], safe='')}",
        "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "ETag": f'"{found["sha256"][:24]}"',
    }  # fmt: skip
    return Response(found["content"], media_type=found["media"], headers=headers)


@router.post("/reports/{ident}/cancel", dependencies=[Depends(here)])
async def cancel(ident: Ident) -> dict[str, Any]:
    """Cancel a report that is waiting or being made."""
    return {"cancelled": await queue_of(settings()).cancel(ident)}


@router.post("/reports/{ident}/remove", dependencies=[Depends(here)])
async def remove(ident: Ident) -> dict[str, Any]:
    """Remove a report that was not issued."""
    await asyncio.to_thread(reports.remove, queue_of(settings()).dsn, ident)
    return {"removed": True}


@router.post("/reports/{ident}/issue", dependencies=[Depends(here)])
async def issue_it(reader: ReaderOf, ident: Ident, given: Given) -> dict[str, Any]:
    """Issue a finished report: it never changes from now on."""
    who, number = str(given.get("who") or ""), str(given.get("number") or "")
    return await issue(queue_of(settings()), reader, ident, who, number)


@router.post("/reports/{ident}/again", dependencies=[Depends(here)])
async def again(reader: ReaderOf, ident: Ident, given: Given) -> dict[str, Any]:
    """Make a report again with the data of today, with ``changes`` if any; the new one lists the differences."""
    changes = given.get("changes") if isinstance(given.get("changes"), dict) else {}
    before = await reports.read_report(reader, ident)
    who = str(given.get("who") or "").strip()[:100]
    return {"id": await queue_of(settings()).submit(ordered_again(before, changes), reader, who=who, follows=ident)}


@router.get("/reports/{first}/differences/{second}")
async def compare(reader: ReaderOf, first: Ident, second: Ident) -> dict[str, Any]:
    """Return what changed from one report to another, one sentence each."""
    a, b = await reports.read_report(reader, first), await reports.read_report(reader, second)
    if not a["figures"] or not b["figures"]:
        raise InputError("两份都要先完成，才能比较。", "请等它们完成。", field="id")
    found = differences(a["figures"], b["figures"])
    named = [{k: r[k] for k in ("id", "title", "as_of", "known_at", "issued_at")} for r in (a, b)]
    return {"first": named[0], "second": named[1], "differences": found, "same": not found}
