"""The page's own addresses. Reading is for everyone who may see the page; saving is for this machine."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Body, Depends, Query, Request
from starlette.responses import Response

from app import state as held
from app.actions_import import check_here
from app.api.common import ReaderOf
from app.i18n import t
from app.pages.site import files, pages
from app.pages.site.scenarios import compare_scenarios, list_scenarios, remove, save
from app.pages.site.surface import cell_answer, hot_answer, surface_answer
from geo.errors import ForbiddenError, InputError

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
router = APIRouter(prefix="/site", include_in_schema=False)
Given = Annotated[dict[str, Any], Body()]


def here(request: Request) -> None:
    """Refuse to save for callers from elsewhere, while there are no accounts."""
    try:
        check_here(request.client.host if request.client else None, request.headers)
    except ForbiddenError as error:
        raise ForbiddenError(t("site.e_elsewhere"), t("site.e_elsewhere_cure")) from error


HERE = [Depends(here)]


@router.post("/answer")
async def answer(reader: ReaderOf, given: Given) -> dict[str, Any]:
    """Give everything the page shows of a task."""
    return await pages.answer(reader, held.settings(), given)


@router.post("/auto")
async def auto(reader: ReaderOf, given: Given) -> dict[str, Any]:
    """Give the task with weights from the data."""
    return await pages.auto_weights(reader, held.settings(), given)


@router.post("/surface")
async def surface(reader: ReaderOf, given: Given) -> dict[str, Any]:
    """Give the surface's picture and legend."""
    return await surface_answer(reader, held.settings(), given)


@router.post("/hot")
async def hot(reader: ReaderOf, given: Given) -> dict[str, Any]:
    """Give the outlines and the list of the surface's hot areas."""
    return await hot_answer(reader, held.settings(), given)


@router.post("/cell")
async def cell(reader: ReaderOf, given: Given) -> dict[str, Any]:
    """Give one cell's breakdown."""
    try:
        lon, lat = float(given["lon"]), float(given["lat"])
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(t("site.e_place"), "") from error
    return await cell_answer(reader, held.settings(), given, lon, lat)


@router.get("/scenarios")
async def scenarios(reader: ReaderOf, sc: str = "") -> dict[str, Any]:
    """Give the list of scenarios."""
    return await list_scenarios(reader, sc)


@router.post("/scenarios", dependencies=HERE)
async def save_one(reader: ReaderOf, given: Given) -> dict[str, Any]:
    """Save a task under a name."""
    return await save(reader, held.settings(), given)


@router.post("/scenarios/compare")
async def compare(reader: ReaderOf, given: Given) -> dict[str, Any]:
    """Rank several scenarios and give them side by side."""
    return await compare_scenarios(reader, held.settings(), given)


@router.post("/scenarios/{ident}/delete", dependencies=HERE)
async def delete_one(request: Request, ident: str) -> dict[str, Any]:
    """Delete a scenario."""
    del request
    return await remove(held.settings(), ident)


def attachment(body: bytes, media: str, name: str, suffix: str) -> Response:
    """Return a download with a Chinese name."""
    plain = "".join(c for c in name if c not in '\\/:*?"<>|\r\n\t')[:80].strip() or "yuantu"
    disposition = f"attachment; filename=\"site.{suffix}\"; filename*=UTF-8''{quote(f'{plain}.{suffix}', safe='')}"
    return Response(body, media_type=media, headers={"Content-Disposition": disposition, "Cache-Control": "no-store"})


async def received(request: Request) -> bytes:
    """Return an uploaded file.

    Raises
    ------
    InputError
        It is too large.
    """
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > files.MOST_BYTES:
            raise InputError(t("site.f_large", mb=files.MOST_BYTES >> 20), t("site.f_large_cure"))
    return bytes(data)


Name = Annotated[str, Query(max_length=300)]
Datum = Annotated[str, Query(max_length=12)]


@router.post("/brief.xlsx")
async def brief_sheet(reader: ReaderOf, given: Given) -> Response:
    """Give the task as a sheet."""
    body, name = await files.brief_file(reader, given)
    return attachment(body, XLSX, name, "xlsx")


@router.post("/brief")
async def brief_read(request: Request, reader: ReaderOf, name: Name) -> dict[str, Any]:
    """Read a filled sheet."""
    return await files.brief_task(reader, await received(request), name)


@router.post("/sites", dependencies=HERE)
async def sites(request: Request, reader: ReaderOf, name: Name, datum: Datum = "") -> dict[str, Any]:
    """Read a file's sites as alternatives; nothing is kept."""
    return await files.sites_of(held.settings(), reader, await received(request), name, datum)


@router.post("/report.{suffix}")
async def report(reader: ReaderOf, given: Given, suffix: Literal["xlsx", "pdf", "docx", "pptx"]) -> Response:
    """Give the investor's report."""
    body, name = await files.report_file(reader, held.settings(), given, suffix)
    from app.export.products import MEDIA

    return attachment(body, XLSX if suffix == "xlsx" else MEDIA[suffix], name, suffix)
