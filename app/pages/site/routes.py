"""The page's own addresses. Reading is for everyone who may see the page; saving is for this machine."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Request

from app import state as held
from app.api.common import ReaderOf
from app.pages.data.routes import here
from app.pages.site import pages
from app.pages.site.scenarios import compare_scenarios, list_scenarios, remove, save
from app.pages.site.surface import cell_answer, surface_answer

router = APIRouter(prefix="/site", include_in_schema=False)
Given = Annotated[dict[str, Any], Body()]
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
    """Give the surface's picture, outlines and legend."""
    return await surface_answer(reader, held.settings(), given)


@router.post("/cell")
async def cell(reader: ReaderOf, given: Given) -> dict[str, Any]:
    """Give one cell's breakdown."""
    return await cell_answer(reader, held.settings(), given, float(given.get("lon", 0)), float(given.get("lat", 0)))


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
