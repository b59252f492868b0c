"""Security headers on every answer; a page's own inline scripts are allowed by their hashes."""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_INLINE = re.compile(rb"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL | re.IGNORECASE)
PLAIN = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(self)",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def tile_host(url: str) -> str:
    """Return the origin of a tile template for the policy, '*.'-wide where it has sub-domains ``{s}``."""
    if not url:
        return ""
    parts = urlsplit(url)
    host = parts.netloc
    if "{" in host:
        host = "*." + host.split(".", 1)[1]
    return f"{parts.scheme}://{host}"


def content_policy(scripts: list[str], image_hosts: list[str]) -> str:
    """Return the Content-Security-Policy: this origin only, but for the named tile hosts."""
    hosts = " ".join(["", *image_hosts]) if image_hosts else ""
    return "; ".join(
        [
            "default-src 'self'",
            "script-src 'self' " + " ".join(scripts) if scripts else "script-src 'self'",
            "style-src 'self' 'unsafe-inline'",
            f"img-src 'self' data: blob:{hosts}",
            "font-src 'self' data:",
            f"connect-src 'self' data: blob:{hosts}",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'self'",
        ]
    )


@functools.cache
def plain_headers() -> tuple[tuple[bytes, bytes], ...]:
    """Return the headers of an answer that is no page, for what is sent without the middleware."""
    named = {**PLAIN, "Content-Security-Policy": content_policy([], [])}
    return tuple((name.lower().encode(), value.encode()) for name, value in named.items())


def script_hashes(page: bytes) -> list[str]:
    """Return the CSP sources of a page's inline scripts."""
    made = (base64.b64encode(hashlib.sha256(m).digest()).decode() for m in _INLINE.findall(page))
    return [f"'sha256-{h}'" for h in dict.fromkeys(made)]


class SecurityMiddleware:
    """Adds the headers; holds an HTML body back until its inline scripts are known."""

    def __init__(self, app: ASGIApp, image_hosts: list[str]) -> None:
        self.app, self.image_hosts = app, image_hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        # files are sent as bytes: the compression outside does not know the server's send-by-path message
        scope.get("extensions", {}).pop("http.response.pathsend", None)
        start: Message | None = None
        body = b""

        async def secured(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in PLAIN.items():
                    headers.setdefault(name, value)
                if headers.get("content-type", "").startswith("text/html"):
                    start = message
                    return
                headers.setdefault("Content-Security-Policy", content_policy([], []))
            elif message["type"] == "http.response.body" and start is not None:
                body += message.get("body", b"")
                if message.get("more_body"):
                    return
                policy = content_policy(script_hashes(body), self.image_hosts)
                MutableHeaders(scope=start)["Content-Security-Policy"] = policy
                await send(start)
                await send({"type": "http.response.body", "body": body})
                return
            await send(message)

        await self.app(scope, receive, secured)
