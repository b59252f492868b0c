"""/api/v1: areas that a person draws, what lies in them, and what lies near a point."""

from __future__ import annotations

import csv
import io
from typing import Annotated, Any, Literal

import shapely
from fastapi import APIRouter, Body, Depends, Query, Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import JSONResponse, Response

from app import actions_map
from app import state as held
from app.actions_import import check_here
from app.api.common import INTERNAL, Demo, FilterText, ReaderOf, WhenQuery

router = APIRouter(prefix="/api/v1", tags=["自画范围"])
AreaText = Annotated[
    str, Query(description="范围，例如 circle:120.2,33.3,5000~d.area:320904，写法见 docs/api.md", max_length=60_000)
]
Longest = Annotated[int, Query(ge=0, le=50_000)]


def here(request: Request) -> None:
    """Refuse changes from elsewhere."""
    check_here(request.client.host if request.client else None, request.headers)


class Keeping(BaseModel):
    """An area to keep under a name."""

    model_config = ConfigDict(extra="forbid")

    name: str
    area: str
    who: str = ""


@router.get("/drawn", summary="一个自画范围的形状（GeoJSON，CRS84）与面积")
async def drawn(reader: ReaderOf, when: WhenQuery, area: AreaText) -> dict[str, Any]:
    """Return an area as a GeoJSON feature."""
    found = await reader.drawn(area, when, internal=INTERNAL)
    return {
        "type": "Feature",
        "geometry": shapely.geometry.mapping(found.shape),
        "properties": {"area": found.text, "area_m2": found.area_m2, "names": found.names},
    }


@router.get("/drawn/stats/{layer}", summary="范围内的数量、合计、占比，与全市对照")
async def stats(
    reader: ReaderOf, when: WhenQuery, layer: str, area: AreaText, filter_text: FilterText = "", demo: Demo = "1"
) -> dict[str, Any]:
    """Return what touches an area, beside the whole city; exact, whether read from cells or record by record."""
    found = await reader.drawn(area, when, internal=INTERNAL)
    return await reader.area_summary(layer, found, filter_text, when, demo == "1", internal=INTERNAL)


@router.get("/drawn/rows/{layer}", summary="范围内的记录")
async def rows(
    reader: ReaderOf, when: WhenQuery, layer: str, area: AreaText, filter_text: FilterText = "", demo: Demo = "1",
    limit: Longest = 100, offset: Annotated[int, Query(ge=0, le=2**40)] = 0,
    format_: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
) -> Response:  # fmt: skip
    """Return the records that touch an area, the largest first."""
    found = await reader.drawn(area, when, internal=INTERNAL)
    listed = await reader.area_rows(
        layer, found, filter_text, when, demo == "1", limit=limit, offset=offset, internal=INTERNAL
    )
    if format_ == "json":
        return JSONResponse({"layer": layer, "rows": listed})
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["编号", "名称", "县区代码", "演示数据"])
    writer.writerows([r["id"], r["name"], r["county_code"], "演示数据" if r["is_demo"] else ""] for r in listed)
    headers = {"Content-Disposition": f'attachment; filename="{layer}-area.csv"'}
    return Response("\ufeff" + text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/near/{layer}", summary="离一点最近的若干条记录，和若干米内的数量")
async def near(
    reader: ReaderOf, when: WhenQuery, layer: str,
    lon: Annotated[float, Query(ge=-180, le=180)], lat: Annotated[float, Query(ge=-85, le=85)],
    k: Annotated[int, Query(ge=1, le=200)] = 10, metres: Annotated[float, Query(gt=0, le=300_000)] = 5000.0,
    filter_text: FilterText = "", demo: Demo = "1",
) -> dict[str, Any]:  # fmt: skip
    """Return the nearest records with their distances on the ellipsoid."""
    return await reader.nearest(
        layer, lon, lat, k=k, metres=metres, filter=filter_text, when=when, demo=demo == "1", internal=INTERNAL
    )


@router.get("/drawn/saved", summary="按名称保存的范围")
async def saved(reader: ReaderOf) -> dict[str, Any]:
    """Return the kept areas, the latest first."""
    return {"areas": await reader.saved_areas()}


@router.post("/drawn/saved", summary="把一个范围按名称保存", dependencies=[Depends(here)])
async def keep(reader: ReaderOf, when: WhenQuery, asked: Annotated[Keeping, Body()]) -> dict[str, Any]:
    """Keep an area; ``saved:<id>`` names it from then on."""
    found = await reader.drawn(asked.area, when, internal=INTERNAL)
    number = await actions_map.keep_area(held.settings(), found, asked.name, asked.who)
    return {"id": number, "area": f"saved:{number}"}


@router.delete("/drawn/saved/{number}", summary="从列表中去掉一个范围", dependencies=[Depends(here)])
async def drop(number: int) -> dict[str, Any]:
    """Take a kept area off the list; addresses that name it still answer."""
    await actions_map.drop_area(held.settings(), number)
    return {"id": number}


@router.post("/drawn/saved/{number}/restore", summary="把去掉的范围放回列表", dependencies=[Depends(here)])
async def restore(number: int) -> dict[str, Any]:
    """Put a kept area back on the list."""
    await actions_map.drop_area(held.settings(), number, back=True)
    return {"id": number}


@router.post("/drawn/upload", summary="上传一个范围（geojson、kml、kmz、gpkg、zip）", dependencies=[Depends(here)])
async def upload(
    request: Request,
    file: Annotated[str, Query(max_length=400, description="文件名，带扩展名")],
    name: Annotated[str, Query(max_length=80)] = "",
    who: Annotated[str, Query(max_length=100)] = "",
) -> dict[str, Any]:
    """Keep the polygons of a file as one area."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > actions_map.MOST_BYTES:
            break
    number = await actions_map.upload_area(held.settings(), bytes(body), file, name, who)
    return {"id": number, "area": f"saved:{number}"}
