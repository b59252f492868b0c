"""/api/v1: layers, rollups, features, records, search, areas, runs."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, Response

from app.api.common import INTERNAL, Demo, FilterText, ReaderOf, WhenQuery, etag_of, not_modified
from app.api.export import MEDIA, rollup_csv, rollup_xlsx

router = APIRouter(prefix="/api/v1", tags=["园图"])
GEOJSON = "application/geo+json"


@router.get("/layers", summary="图层、字段、指标和现有数量")
async def layers(reader: ReaderOf, when: WhenQuery, demo: Demo = "1") -> dict[str, Any]:
    """Return the visible layers with live counts."""
    return {"layers": await reader.layers(when, demo == "1", internal=INTERNAL)}


@router.get("/rollup/{layer}", summary="按县区、板块、乡镇、园区或字段汇总")
async def rollup(
    reader: ReaderOf,
    when: WhenQuery,
    layer: str,
    by: Annotated[str, Query(description="county|unit|township|park|字段，至多两项，逗号分隔")] = "county",
    measure: str = "n",
    filter_text: FilterText = "",
    demo: Demo = "1",
    format_: Annotated[Literal["json", "csv", "xlsx"], Query(alias="format")] = "json",
) -> Response:
    """Return one measure by one or two axes."""
    body = await reader.rollup(layer, by.split(","), measure, filter_text, when, demo == "1", internal=INTERNAL)
    if format_ == "json":
        return JSONResponse(body)
    content = (rollup_csv if format_ == "csv" else rollup_xlsx)(body, reader.cat)
    name = f"{layer}-{'-'.join(body['by'])}-{body['as_of']}.{format_}"
    return Response(
        content, media_type=MEDIA[format_], headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@router.get("/features/{layer}", summary="图层的要素，供地图使用（GeoJSON，CRS84）")
async def features(
    request: Request, reader: ReaderOf, when: WhenQuery, layer: str, filter_text: FilterText = "", demo: Demo = "1"
) -> Response:
    """Return the records of a layer that have a place on the map."""
    versions = await reader.versions()
    etag = etag_of("features", layer, versions.get(layer, 0), when, filter_text, demo)
    held = not_modified(request, etag) if layer in versions else None
    if held is not None:
        return held
    body = await reader.features(layer, filter_text, when, demo == "1", internal=INTERNAL)
    return Response(body, media_type=GEOJSON, headers={"ETag": etag, "Cache-Control": "no-cache"})
