"""/tiles: vector tiles with ETags, compressed once and kept while the layer stands still.

``TileFront`` answers what is well asked before any routing; this route says the same, and what is wrong.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.api.common import INTERNAL, Demo, FilterText, ReaderOf, WhenQuery, not_modified
from app.api.tile_answer import Asked, make_answer
from layers.store.queries_layers import visible_layer
from layers.store.queries_tiles import check_tile

router = APIRouter(prefix="/tiles", tags=["园图"])


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
    asked = Asked(layer, z, x, y, filter_text, when, demo == "1")
    accept = request.headers.get("accept-encoding", "")
    made = await make_answer(reader, request.app.state.tiles, asked, accept)
    held = not_modified(request, made.etag.decode())
    if held is not None:
        return held
    answer = Response(made.body, made.status)
    answer.raw_headers = list(made.headers)
    return answer
