"""Tiles before any routing: what was answered before from memory, what is well asked at once; the rest is routed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.common import INTERNAL
from app.api.tile_answer import Asked, make_answer
from app.api.tile_cache import Answer, choose_encoding
from geo.errors import YuantuError
from layers.store.dates import parse_when
from layers.store.queries_layers import visible_layer
from layers.store.queries_tiles import check_tile
from layers.store.reader import Reader
from layers.store.slices import today

PATH = re.compile(r"/tiles/([a-z][a-z0-9_]{0,40})/(\d{1,2})/(\d{1,8})/(\d{1,8})\.mvt")
KNOWN = {"filter", "as_of", "known_at", "demo"}
Key = tuple[bytes, bytes, str]


def read_asked(reader: Reader, path: str, query: bytes) -> Asked | None:
    """Return what a tile's address asks for; None where the router is to say what is wrong with it."""
    found = PATH.fullmatch(path)
    if found is None:
        return None
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, strict_parsing=bool(query))
        given = dict(pairs)
        if len(given) != len(pairs) or not given.keys() <= KNOWN or given.get("demo", "1") not in ("0", "1"):
            return None
        layer, z, x, y = found[1], int(found[2]), int(found[3]), int(found[4])
        visible_layer(reader.cat, layer, internal=INTERNAL)
        check_tile(z, x, y)
        when = parse_when(given.get("as_of") or None, given.get("known_at") or None)
        return Asked(layer, z, x, y, given.get("filter", ""), when, given.get("demo", "1") == "1")
    except (YuantuError, ValueError):
        return None


class TileFront:
    """Answers tiles: those answered before as long as their layer and the day are the same, others once for all."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._making: dict[Key, asyncio.Task[Answer]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a tile, or let the app say what is wrong."""
        path = scope.get("path", "")
        if scope["type"] != "http" or scope["method"] != "GET" or not path.startswith("/tiles/"):
            return await self.app(scope, receive, send)
        state = scope["app"].state
        reader: Reader = state.reader()
        given: dict[bytes, bytes] = dict(scope["headers"])
        accept = given.get(b"accept-encoding", b"").decode("latin-1")
        key = (path.encode(), scope["query_string"], choose_encoding(accept))
        try:
            held = await self._held(reader, state.tiles, key, path)
            if held is None:
                asked = read_asked(reader, path, scope["query_string"])
                if asked is None:
                    return await self.app(scope, receive, send)

                async def make() -> Answer:
                    made = await make_answer(reader, state.tiles, asked, accept)
                    state.tiles.put(key, made)
                    return made

                held = await self._once(reader, asked.layer, key, make)
        except YuantuError:
            return await self.app(scope, receive, send)
        return await say(held, given.get(b"if-none-match", b""), send)

    async def _held(self, reader: Reader, tiles: Any, key: Key, path: str) -> Answer | None:
        if key not in tiles.held:
            return None
        layer = path.split("/")[2]
        stamp = await reader.stamp(layer)
        found: Answer | None = tiles.get(key, stamp, today().isoformat()) if stamp is not None else None
        return found

    async def _once(self, reader: Reader, layer: str, key: Key, make: Callable[[], Awaitable[Answer]]) -> Answer:
        """Make an answer once for all who ask for it at the same time; who came later sees no older content."""
        task = self._making.get(key)
        if task is not None:
            found = await asyncio.shield(task)
            if found.stamp == await reader.stamp(layer):
                return found
        task = asyncio.ensure_future(make())
        self._making[key] = task
        task.add_done_callback(lambda _: self._making.pop(key, None))
        return await asyncio.shield(task)


async def say(answer: Answer, known: bytes, send: Send) -> None:
    """Send an answer, or 304 to who holds it."""
    status, headers, body = answer.status, answer.headers, answer.body
    tags = [tag.strip().removeprefix(b"W/") for tag in known.split(b",")] if known else []
    if answer.etag in tags or b"*" in tags:
        headers = tuple(h for h in headers if h[0] not in (b"content-length", b"content-type", b"content-encoding"))
        status, body = 304, b""
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})
    await send({"type": "http.response.body", "body": body})
