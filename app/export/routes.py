"""/api/v1/export: a map from a recipe, and a layer's rows as a table."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from app.api.common import INTERNAL, Demo, FilterText, ReaderOf, WhenQuery
from app.export.data import gather
from app.export.recipe import MOST_BYTES, Recipe, parse_recipe
from app.export.tables import TABLE_MEDIA, file_stem, gather_table, write_table
from app.export.worker import workshop
from app.state import settings
from geo.errors import InputError

router = APIRouter(prefix="/api/v1/export", tags=["export"])

MapFormat = Literal["png", "pdf", "svg", "html"]
MAP_MEDIA = {
    "png": "image/png",
    "pdf": "application/pdf",
    "svg": "image/svg+xml",
    "html": "text/html; charset=utf-8",
}


def attachment(body: bytes, media: str, name: str, suffix: str) -> Response:
    """Return a download whose file has a Chinese name (RFC 5987) and an ASCII one for old clients."""
    disposition = f"attachment; filename=\"yuantu.{suffix}\"; filename*=UTF-8''{quote(f'{name}.{suffix}', safe='')}"
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(body, media_type=media, headers=headers)


async def _draw(recipe: Recipe, fmt: str, reader: Any) -> Response:
    data = await gather(recipe, reader, internal=INTERNAL)
    body = await workshop(settings().data_dir).draw(data, fmt)
    return attachment(body, MAP_MEDIA[fmt], file_stem(f"{recipe.title} {data.as_of.isoformat()}"), fmt)


@router.get("/map", response_class=Response)
async def map_by_query(
    reader: ReaderOf,
    recipe: Annotated[str, Query(description="配方（JSON）", max_length=MOST_BYTES)],
    format: MapFormat = "png",  # noqa: A002 - the API's word
) -> Response:
    """Return the map of a recipe as PNG, PDF, SVG or stand-alone HTML."""
    return await _draw(parse_recipe(recipe), format, reader)


@router.post("/map", response_class=Response)
async def map_by_body(
    request: Request,
    reader: ReaderOf,
    format: MapFormat = "png",  # noqa: A002 - the API's word
) -> Response:
    """Return the map of a recipe given as the JSON body, or as ``{"recipe": …, "format": …}``."""
    body = await request.body()
    if len(body) > MOST_BYTES:
        raise InputError(f"配方有 {len(body)} 字节，最多 {MOST_BYTES}。", "请缩短筛选条件或减少图层。")
    given = body
    try:
        document = json.loads(body)
    except ValueError:
        document = None  # parse_recipe says what is wrong
    if isinstance(document, dict) and set(document) <= {"recipe", "format"} and "recipe" in document:
        chosen = document.get("format", format)
        if chosen not in MAP_MEDIA:
            raise InputError(f"没有格式“{chosen}”。", f"可用：{'、'.join(MAP_MEDIA)}。", field="format")
        return await _draw(parse_recipe(document["recipe"]), chosen, reader)
    return await _draw(parse_recipe(given), format, reader)


@router.get("/rows/{layer}.{suffix}", response_class=Response)
async def rows(
    layer: str,
    suffix: Literal["xlsx", "csv", "geojson", "gpkg", "kml", "parquet"],
    reader: ReaderOf,
    when: WhenQuery,
    filter: FilterText = "",  # noqa: A002 - the API's word
    demo: Demo = "0",
) -> Response:
    """Return a layer's records under a filter as a workbook, CSV, GeoJSON, GeoPackage, KML or GeoParquet."""
    table = await gather_table(reader, layer, filter, when, demo=demo == "1", internal=INTERNAL)
    body = await asyncio.to_thread(write_table, table, suffix)
    return attachment(body, TABLE_MEDIA[suffix], file_stem(f"{table.layer.title} {table.as_of}"), suffix)
