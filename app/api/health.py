"""/healthz, /readyz, /metrics."""

from __future__ import annotations

import time
from collections.abc import Callable

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.common import ReaderOf
from geo.errors import DatabaseUnavailableError

router = APIRouter(include_in_schema=False)
FAMILIES = ("/api/v1/", "/tiles/", "/ogc", "/_dash", "/assets", "/healthz", "/readyz", "/metrics")


class Metrics:
    """Counts and times of one app's requests, by path family."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter("yuantu_requests", "Requests", ["family", "status"], registry=self.registry)
        self.seconds = Histogram("yuantu_request_seconds", "Seconds", ["family"], registry=self.registry)

    def observe(self, path: str, status: int, seconds: float) -> None:
        """Record one request."""
        family = next((f.rstrip("/") for f in FAMILIES if path.startswith(f)), "page")
        self.requests.labels(family, str(status)).inc()
        self.seconds.labels(family).observe(seconds)


class MetricsMiddleware:
    """Times every HTTP request."""

    def __init__(self, app: ASGIApp, metrics: Metrics, clock: Callable[[], float] = time.perf_counter) -> None:
        self.app, self.metrics, self.clock = app, metrics, clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start, status = self.clock(), 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            self.metrics.observe(scope["path"], status, self.clock() - start)


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "ok"}


@router.get("/readyz")
async def readyz(reader: ReaderOf) -> JSONResponse:
    """Say whether the database answers and has every layer's tables."""
    versions = await reader.versions()
    missing = [layer for layer in reader.cat.layers if layer not in versions]
    if missing:
        raise DatabaseUnavailableError(f"数据库里还没有 {'、'.join(missing)} 的表。", "请运行 yuantu up。")
    return JSONResponse({"status": "ready", "layers": len(versions)})


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Return Prometheus metrics of this process."""
    return Response(generate_latest(request.app.state.metrics.registry), media_type=CONTENT_TYPE_LATEST)
