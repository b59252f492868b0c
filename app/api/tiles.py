"""/tiles: vector tiles with ETags, compressed once and kept while the layer's version stands."""

from __future__ import annotations

from collections import OrderedDict

import brotli
import cramjam
from fastapi import APIRouter, Request
from starlette.responses import Response

from app.api.common import INTERNAL, Demo, FilterText, ReaderOf, WhenQuery, etag_of, not_modified
from layers.store.queries_layers import visible_layer
from layers.store.queries_tiles import check_tile

router = APIRouter(prefix="/tiles", tags=["园图"])
MEDIA = "application/vnd.mapbox-vector-tile"
CACHE_BYTES = 64 * 1024 * 1024
SMALL = 400


class TileCache:
    """The tiles served last, by ETag and encoding, up to a number of bytes."""

    def __init__(self, most: int = CACHE_BYTES) -> None:
        self.most, self.size = most, 0
        self.held: OrderedDict[tuple[str, str], bytes] = OrderedDict()

    def get(self, etag: str, encoding: str) -> bytes | None:
        """Return a held tile."""
        found = self.held.get((etag, encoding))
        if found is not None:
            self.held.move_to_end((etag, encoding))
        return found

    def put(self, etag: str, encoding: str, body: bytes) -> None:
        """Hold a tile, letting the oldest go."""
        before = self.held.pop((etag, encoding), b"")
        self.held[etag, encoding] = body
        self.size += len(body) - len(before) + 200 * (not before)
        while self.size > self.most and len(self.held) > 1:
            _, old = self.held.popitem(last=False)
            self.size -= len(old) + 200


def choose_encoding(accept: str) -> str:
    """Return br, gzip or '' by what the caller accepts."""
    names = {}
    for part in accept.lower().split(","):
        name, _, quality = part.strip().partition(";q=")
        names[name.strip()] = quality.strip()
    return next((n for n in ("br", "gzip") if n in names and names[n] not in ("0", "0.0")), "")


def encode(body: bytes, encoding: str) -> bytes:
    """Compress a tile."""
    if encoding == "br":
        return brotli.compress(body, quality=4)
    return bytes(cramjam.gzip.compress(body, level=5)) if encoding == "gzip" else body


@router.get("/{layer}/{z}/{x}/{y}.mvt", summary="矢量瓦片（MVT，EPSG:3857）", response_class=Response)
async def tile(
    request: Request, reader: ReaderOf, when: WhenQuery, layer: str, z: int, x: int, y: int,
    filter_text: FilterText = "", demo: Demo = "1",
) -> Response:  # fmt: skip
    """Return one tile, 204 where nothing lies."""
    visible_layer(reader.cat, layer, internal=INTERNAL)
    check_tile(z, x, y)
    version = (await reader.versions()).get(layer, 0)
    etag = etag_of("tile", layer, version, when, filter_text, demo, z, x, y)
    held = not_modified(request, etag)
    if held is not None:
        return held
    cache: TileCache = request.app.state.tiles
    raw = cache.get(etag, "")
    if raw is None:
        raw = await reader.tile(layer, z, x, y, filter_text, when, demo == "1", internal=INTERNAL)
        cache.put(etag, "", raw)
    headers = {"ETag": etag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if not raw:
        return Response(status_code=204, headers=headers)
    encoding = choose_encoding(request.headers.get("accept-encoding", "")) if len(raw) > SMALL else ""
    if not encoding:
        return Response(raw, media_type=MEDIA, headers=headers)
    body = cache.get(etag, encoding)
    if body is None:
        body = encode(raw, encoding)
        cache.put(etag, encoding, body)
    return Response(body, media_type=MEDIA, headers=headers | {"Content-Encoding": encoding})
