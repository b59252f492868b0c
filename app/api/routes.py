"""/api/v1: layers, rollups, features, records, search, areas, runs."""

from __future__ import annotations

import hashlib
import math
from typing import Annotated, Any, Literal

import shapely
from fastapi import APIRouter, Body, Query, Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import JSONResponse, Response

from app.api.common import INTERNAL, Demo, FilterText, ReaderOf, WhenQuery, etag_of, not_modified
from app.api.export import MEDIA, rollup_csv, rollup_xlsx
from geo.errors import InputError
from layers.store.dates import parse_day

router = APIRouter(prefix="/api/v1", tags=["园图"])
GEOJSON = "application/geo+json"
Since = Annotated[str, Query(description="事件类指标从哪天算起，默认当年 1 月 1 日", max_length=10)]


class AreaQuestion(BaseModel):
    """What is asked of a drawn polygon: its GeoJSON (CRS84), or ``area`` as ``/api/v1/drawn`` takes it."""

    model_config = ConfigDict(extra="forbid")

    layer: str
    geometry: dict[str, Any] | None = None
    area: str = ""
    measure: str = "n"
    filter: str = ""
    demo: bool = True
    summary: bool = False


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
    since: Since = "",
    compare_to: Annotated[
        str, Query(description="另一日期：各行再给出当日的值 before 与差 change", max_length=10)
    ] = "",
    format_: Annotated[Literal["json", "csv", "xlsx"], Query(alias="format")] = "json",
) -> Response:
    """Return one measure by one or two axes."""
    body = await reader.rollup(
        layer, by.split(","), measure, filter_text, when, demo == "1", since=parse_day(since),
        compare_to=parse_day(compare_to), internal=INTERNAL,
    )  # fmt: skip
    if format_ == "json":
        return JSONResponse(body)
    content = (rollup_csv if format_ == "csv" else rollup_xlsx)(body, reader.cat)
    name = f"{layer}-{'-'.join(body['by'])}-{body['as_of']}.{format_}"
    return Response(
        content, media_type=MEDIA[format_], headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@router.get("/rollup-days/{layer}", summary="同一汇总在几个日期的值")
async def rollup_days(
    reader: ReaderOf,
    when: WhenQuery,
    layer: str,
    days: Annotated[str, Query(description="YYYY-MM-DD，逗号分隔，至多 60 个", max_length=700)],
    by: str = "county",
    measure: str = "n",
    filter_text: FilterText = "",
    demo: Demo = "1",
) -> dict[str, Any]:
    """Return a rollup on each of several days."""
    asked = [day for part in days.split(",") if (day := parse_day(part.strip())) is not None]
    bodies = await reader.rollup_days(
        layer, asked, by.split(","), measure, filter_text, when.known_at, demo == "1", internal=INTERNAL
    )
    return {"days": bodies}


@router.get("/features/{layer}", summary="图层的要素，供地图使用（GeoJSON，CRS84）")
async def features(
    request: Request, reader: ReaderOf, when: WhenQuery, layer: str, filter_text: FilterText = "", demo: Demo = "1",
    most: Annotated[int | None, Query(ge=0, description="超过这个数就只回答 too_many，请改用瓦片")] = None,
    bbox: Annotated[str, Query(description="西,南,东,北（度）")] = "",
) -> Response:  # fmt: skip
    """Return the records of a layer that have a place on the map."""
    box = parse_box(bbox)
    stamps = await reader.stamps()
    etag = etag_of("features", layer, stamps.get(layer, ""), when, filter_text, demo, most, box)
    held = not_modified(request, etag) if layer in stamps else None
    if held is not None:
        return held
    body = await reader.features(layer, filter_text, when, demo == "1", most=most, bbox=box, internal=INTERNAL)
    return Response(body, media_type=GEOJSON, headers={"ETag": etag, "Cache-Control": "no-cache"})


@router.get("/rows/{layer}", summary="图层的记录")
async def rows(
    reader: ReaderOf,
    when: WhenQuery,
    layer: str,
    filter_text: FilterText = "",
    demo: Demo = "1",
    sort: Annotated[str, Query(description="字段，前面加 - 为倒序")] = "",
    limit: Annotated[int, Query(ge=0, le=50_000)] = 100,
    offset: Annotated[int, Query(ge=0, le=2**40)] = 0,
    bbox: Annotated[str, Query(description="西,南,东,北（度）")] = "",
    measure: Annotated[str, Query(description="事件类指标，例如 events:开工：只给出它计入的记录")] = "n",
    since: Since = "",
) -> dict[str, Any]:
    """Return records as rows; ``total`` counts all that the filter keeps."""
    return await reader.rows(
        layer, filter_text, when, demo == "1", sort=sort, limit=limit, offset=offset, bbox=parse_box(bbox),
        measure=measure, since=parse_day(since), internal=INTERNAL,
    )  # fmt: skip


def parse_box(text: str) -> list[float] | None:
    """Return west, south, east, north, or None for an empty text.

    Raises
    ------
    InputError
        Not four numbers.
    """
    if not text:
        return None
    wrong = InputError("bbox 应是西、南、东、北四个数。", "例如 bbox=119.5,33,120.5,34。")
    try:
        box = [float(part) for part in text.split(",")]
    except ValueError as error:
        raise wrong from error
    if not all(math.isfinite(part) for part in box):
        raise wrong
    return box


@router.get("/card/{layer}/{feature}", summary="一条记录的全部内容")
async def card(reader: ReaderOf, when: WhenQuery, layer: str, feature: int) -> dict[str, Any]:
    """Return everything known of one record."""
    return await reader.card(layer, feature, when, internal=INTERNAL)


@router.get("/search", summary="按名称、拼音、首字母和代码查找")
async def search(
    reader: ReaderOf,
    q: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> dict[str, Any]:
    """Return what a text finds, best first."""
    return {"results": await reader.search(q, limit, internal=INTERNAL)}


@router.get("/histogram/{layer}/{field}", summary="一个数字字段的分布")
async def histogram(
    reader: ReaderOf,
    when: WhenQuery,
    layer: str,
    field: str,
    filter_text: FilterText = "",
    demo: Demo = "1",
    bins: Annotated[int, Query(ge=1, le=200)] = 20,
) -> dict[str, Any]:
    """Return how a number is spread."""
    return await reader.histogram(layer, field, filter_text, when, demo == "1", bins=bins, internal=INTERNAL)


@router.post("/area-stats", summary="任意范围内的数量与合计")
async def area_stats(reader: ReaderOf, when: WhenQuery, asked: Annotated[AreaQuestion, Body()]) -> dict[str, Any]:
    """Return a measure of the records that touch a drawn polygon, with their ids.

    ``summary`` adds counts, sums and shares beside the whole city, of an area given as text.
    """
    if (asked.geometry is None) == (not asked.area):
        raise InputError("请给出 geometry 或 area 之一。", "geometry 是 GeoJSON 多边形，area 是范围的文字写法。")
    found = await reader.drawn(asked.area, when, internal=INTERNAL) if asked.area else None
    geometry = asked.geometry if found is None else shapely.geometry.mapping(found.shape)
    body = await reader.area_stats(
        asked.layer, dict(geometry or {}), asked.measure, asked.filter, when, asked.demo, internal=INTERNAL
    )
    if found is not None and asked.summary:
        body["summary"] = await reader.area_summary(
            asked.layer, found, asked.filter, when, asked.demo, internal=INTERNAL
        )
    return body


@router.get("/areas/{kind}", summary="县（市、区）等区划的界线（GeoJSON，CRS84）")
async def areas(request: Request, reader: ReaderOf, kind: str) -> Response:
    """Return the active areas of a kind."""
    version = (await reader.versions()).get("boundary", 0)
    etag = etag_of("areas", kind, version)
    held = not_modified(request, etag)
    if held is not None:
        return held
    body = await reader.areas(kind)
    return Response(body, media_type=GEOJSON, headers={"ETag": etag, "Cache-Control": "no-cache"})


@router.get("/basemap", summary="自带底图")
async def basemap(request: Request) -> Response:
    """Return the built-in base map, made once per process."""
    body: bytes = await request.app.state.basemap()
    etag = etag_of("basemap", hashlib.sha256(body).hexdigest())
    held = not_modified(request, etag)
    return held or Response(body, media_type="application/json", headers={"ETag": etag, "Cache-Control": "no-cache"})


@router.get("/runs", summary="每次导入与修正")
async def runs(
    reader: ReaderOf, layer: str | None = None, limit: Annotated[int, Query(ge=1, le=1000)] = 200
) -> dict[str, Any]:
    """Return the runs, the latest first."""
    return {"runs": await reader.runs(layer, limit=limit, internal=INTERNAL)}


@router.get("/runs/{run}", summary="一次导入与它的问题")
async def run_report(reader: ReaderOf, run: int) -> dict[str, Any]:
    """Return one run with the faults it found."""
    issues = await reader.issues(run, internal=INTERNAL)
    return {"run": (await reader.runs(run=run, limit=1))[0], "issues": issues}
