"""Answers that never change while the server runs: compressed once, sent as they are from then on."""

from __future__ import annotations

from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

PREFIXES = ("/assets/", "/_dash-component-suites/", "/_dash-layout", "/_dash-dependencies", "/api/v1/basemap")
MOST_BYTES = 48 * 1024 * 1024


class ConstantMiddleware:
    """Keeps whole answers by path, query and accepted encodings; a request with conditions passes through."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.held: dict[tuple[str, bytes, bytes], list[Message]] = {}
        self.size = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(PREFIXES):
            await self.app(scope, receive, send)
            return
        asked: dict[bytes, bytes] = dict(scope["headers"])
        if asked.keys() & {b"if-none-match", b"if-modified-since", b"range"}:
            await self.app(scope, receive, send)
            return
        key = (scope["path"], scope.get("query_string", b""), asked.get(b"accept-encoding", b""))
        held = self.held.get(key)
        if held is None:
            made: list[Message] = []

            async def keeping(message: Message) -> None:
                made.append(dict(message))
                await send(message)

            await self.app(scope, receive, keeping)
            self._keep(key, made)
            return
        for message in held:
            await send(dict(message))

    def _keep(self, key: tuple[str, bytes, bytes], made: list[Message]) -> None:
        n_bytes = sum(len(_body(m)) for m in made)
        if made and made[0].get("status") == 200 and self.size + n_bytes <= MOST_BYTES:
            self.held[key] = made
            self.size += n_bytes


def _body(message: Message) -> bytes:
    body: Any = message.get("body", b"")
    return bytes(body)
