"""/api/v1/site: criteria, presets, ranking, weights, routes, and the surface over the city."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from app import state
from app.api.common import INTERNAL, Demo, ReaderOf, WhenQuery
from app.api.site_image import draw_geotiff, draw_png, picture
from layers.site import parse_profile
from layers.site_answer import answer_rank, answer_routes, answer_weights, list_criteria, list_presets
from layers.site_cell import explain_cell
from layers.site_surface import answer_surface

router = APIRouter(prefix="/api/v1/site", tags=["选址"])
ProfileBody = Annotated[dict[str, Any], Body(description="PROFILE：备选、硬约束、准则与权重")]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")

    profile: dict[str, Any]


class WeightsQuestion(_Asked):
    """How weights are to be found for a profile's criteria."""

    method: Literal["ahp", "entropy", "critic"]
    pairs: list[tuple[str, str, float]] = Field(default=[], max_length=120)


class RouteQuestion(_Asked):
    """Which alternative's ways are wanted."""

    id: int


class CellQuestion(_Asked):
    """Which place of the surface is to be explained, degrees."""

    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)


@router.get("/criteria", summary="可用的选址准则")
async def criteria() -> dict[str, Any]:
    """Return every criterion."""
    return list_criteria()


@router.get("/presets", summary="按产业预设的选址任务")
async def presets() -> dict[str, Any]:
    """Return the shipped presets."""
    return list_presets()


@router.post("/rank", summary="给备选排序，并说明有多稳固")
async def rank(reader: ReaderOf, when: WhenQuery, body: ProfileBody, demo: Demo = "1") -> Response:
    """Return the ranking of a profile."""
    found = await answer_rank(
        reader, parse_profile(body), when, demo == "1", data_dir=state.settings().data_dir, internal=INTERNAL
    )
    return JSONResponse(found)


@router.post("/weights", summary="由两两比较或资料本身得出权重")
async def weights(
    reader: ReaderOf, when: WhenQuery, asked: Annotated[WeightsQuestion, Body()], demo: Demo = "1"
) -> dict[str, Any]:
    """Return weights for a profile's criteria."""
    return await answer_weights(
        reader, parse_profile(asked.profile), asked.method, asked.pairs, when, demo == "1",
        data_dir=state.settings().data_dir, internal=INTERNAL,
    )  # fmt: skip


@router.post("/route", summary="一处备选到各类设施的路线")
async def route(
    reader: ReaderOf, when: WhenQuery, asked: Annotated[RouteQuestion, Body()], demo: Demo = "1"
) -> dict[str, Any]:
    """Return one alternative's ways by road."""
    return await answer_routes(
        reader, parse_profile(asked.profile), asked.id, when, demo == "1", data_dir=state.settings().data_dir,
        internal=INTERNAL,
    )  # fmt: skip


@router.post("/surface", summary="全市适宜度面")
async def surface(
    reader: ReaderOf,
    when: WhenQuery,
    body: ProfileBody,
    demo: Demo = "1",
    hot: Annotated[Literal["0", "1"], Query(description="1 附上高分片区")] = "0",
    format_: Annotated[Literal["json", "png", "tif"], Query(alias="format")] = "json",
) -> Response:
    """Return a profile's surface: its picture and description, or the picture or GeoTIFF alone."""
    made, said = await answer_surface(
        reader, parse_profile(body), when, demo == "1", data_dir=state.settings().data_dir, hot=hot == "1",
        internal=INTERNAL,
    )  # fmt: skip
    if format_ == "json":
        return JSONResponse(said | await asyncio.to_thread(picture, made))
    name = f"surface-{said['profile_sha256'][:12]}-{said['as_of']}{'-demo' if made.is_demo else ''}.{format_}"
    if format_ == "png":
        content, media = (await asyncio.to_thread(draw_png, made))[0], "image/png"
    else:
        content, media = await asyncio.to_thread(draw_geotiff, made), "image/tiff"
    return Response(content, media_type=media, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@router.post("/cell", summary="适宜度面上一格的得分构成")
async def cell(
    reader: ReaderOf, when: WhenQuery, asked: Annotated[CellQuestion, Body()], demo: Demo = "1"
) -> dict[str, Any]:
    """Return what makes up one cell's score."""
    made, _ = await answer_surface(
        reader, parse_profile(asked.profile), when, demo == "1", data_dir=state.settings().data_dir, internal=INTERNAL
    )
    return await asyncio.to_thread(explain_cell, made, asked.lon, asked.lat)
