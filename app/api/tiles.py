"""/tiles: vector tiles with ETags, compressed once and kept while the layer stands still."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.api.common import INTERNAL, Demo, FilterText, ReaderOf, WhenQuery, etag_of, not_modified
from app.api.tile_cache import FORMAT, TileCache, choose_encoding, encode, kept
from layers.store.queries_layers import visible_layer
from layers.store.queries_tiles import check_tile

router = APIRouter(prefix="/tiles", tags=["园图"])
MEDIA = "application/vnd.mapbox-vector-tile"
SMALL = 400


@router.get("/{layer}/{z}/{x}/{y}.mvt", summary="矢量瓦片（MVT，EPSG:3857）", response_class=Response)
async def tile(
    request: Request, reader: ReaderOf, when: WhenQuery, layer: str, z: int, x: int, y: int,
    filter_text: FilterText = "", demo: Demo = "1",
) -> Response:  # fmt: skip
    """Return one tile, 204 where nothing lies.

    Up to zoom 12 a tile of more than 1,000 records holds cells (``<layer>_cell``: n, sum_<field>, n_<term>).
    """
    visible_layer(reader.cat, layer, internal=INTERNAL)
    check_tile(z, x, y)
    stamp = (await reader.stamps()).get(layer, "")
    etag = etag_of("tile", FORMAT, layer, stamp, when, filter_text, demo, INTERNAL, z, x, y)
    held = not_modified(request, etag)
    if held is not None:
        return held
    cache: TileCache = request.app.state.tiles
    key = etag.strip('"')

    async def make() -> bytes:
        return await reader.tile(layer, z, x, y, filter_text, when, demo == "1", internal=INTERNAL)

    # who may read internal fields gets an answer that no shared cache may give to anybody else
    right = "private" if INTERNAL else "public"
    headers = {"ETag": etag, "Cache-Control": f"{right}, no-cache", "Vary": "Accept-Encoding"}
    raw = await kept(cache.disk, layer, stamp, f"{key}.mvt", make)
    if not raw:
        return Response(status_code=204, headers=headers)
    encoding = choose_encoding(request.headers.get("accept-encoding", "")) if len(raw) > SMALL else ""
    if not encoding:
        return Response(raw, media_type=MEDIA, headers=headers)

    async def pack() -> bytes:
        return await asyncio.to_thread(encode, raw, encoding)

    body = await kept(cache.disk, layer, stamp, f"{key}.{encoding}", pack)
    return Response(body, media_type=MEDIA, headers=headers | {"Content-Encoding": encoding})
