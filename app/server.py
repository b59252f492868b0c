"""The one ASGI process: FastAPI is Dash's server; API, tiles, OGC and pages live side by side."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path

from dash import Dash
from fastapi import Depends, FastAPI, Request
from starlette.responses import RedirectResponse, Response
from starlette_cramjam.middleware import Compression, CompressionMiddleware

from app import logs, state
from app.api import drawn, errors, health, imports, ogc, rounds, routes, site, targets, tiles, worklists
from app.api.compare import router as compare_router
from app.api.constant import ConstantMiddleware
from app.api.headers import SecurityMiddleware, tile_host
from app.api.spelling import check_spelling
from app.api.tile_cache import TileCache
from app.api.tile_front import TileFront
from app.export.report_routes import router as report_router
from app.export.routes import router as export_router
from app.export.worker import workshop
from app.pages.lists.routes import router as lists_router
from app.pages.report.pages import router as report_page_router
from app.pages.shell import Site, build
from app.pages.targets.document import router as document_router
from app.place import database_dsn
from geo.errors import MachineError
from layers.registry import Catalogue, catalogue
from layers.settings import Settings
from layers.store.db import role_dsn, role_url
from layers.store.reader import Reader

# the first pages come first: the drawing process imports for seconds on another core
WARM_UP_AFTER_S = 120.0
TIANDITU = "https://*.tianditu.gov.cn"


def create_app(settings: Settings | None = None, cat: Catalogue | None = None) -> FastAPI:
    """Make the ASGI app.

    Parameters
    ----------
    settings : Settings, optional
        Read from the environment by default.
    cat : Catalogue, optional
        The layers to serve; the shipped ones by default.

    Raises
    ------
    MachineError
        There is no database to ask.
    """
    logs.configure()
    settings = settings or Settings()
    cat = cat or catalogue()
    dsn = database_dsn(settings)
    reader = Reader(role_dsn(dsn, "yuantu_reader", settings.secret()), cat)
    app = FastAPI(
        title="园图", version="1", openapi_url="/api/openapi.json", docs_url=None, redoc_url=None,
        lifespan=_lifespan(reader, role_url(dsn, "yuantu_public", settings.secret()), settings.data_dir),
    )  # fmt: skip
    app.state.reader = lambda: reader
    app.state.metrics = health.Metrics()
    app.state.tiles = TileCache(settings.var_dir / "tiles")
    app.state.basemap = _basemap(settings.data_dir)
    app.state.collection_catalog = ogc.collections(cat)
    state.hold(settings, reader, cat)
    errors.add_handlers(app)
    app.include_router(health.router)
    for part in (
        routes.router, imports.router, drawn.router, targets.router, worklists.router, rounds.router, export_router,
        report_router, site.router, tiles.router,
    ):  # fmt: skip
        app.include_router(part, dependencies=[Depends(check_spelling)])
    for part in (compare_router, report_page_router, document_router, lists_router):
        app.include_router(part)
    app.include_router(ogc.router(), prefix=ogc.PREFIX, tags=["OGC API"], include_in_schema=False)
    _refuse_unknown(app)
    _add_pages(app)
    hosts = [TIANDITU] if settings.tianditu_key else []
    hosts += [h for h in (tile_host(settings.basemap_url),) if h]
    app.add_middleware(ogc.OgcGuard, cat=cat)
    app.add_middleware(SecurityMiddleware, image_hosts=hosts)
    app.add_middleware(
        CompressionMiddleware,
        compression=[Compression.br, Compression.gzip],
        compression_level=4,
        minimum_size=800,
        exclude_path={r"/tiles/.*"},
        exclude_mediatype={"image/png", "image/jpeg", "font/woff2", "application/zip"},
    )
    app.add_middleware(ConstantMiddleware)
    app.add_middleware(TileFront)
    app.add_middleware(health.MetricsMiddleware, metrics=app.state.metrics)
    return app


def _basemap(data_dir: Path) -> Callable[[], Awaitable[bytes]]:
    """Return a function that makes the base map once, on a thread, and keeps it."""
    made: dict[str, bytes] = {}
    lock = asyncio.Lock()

    async def basemap() -> bytes:
        from app.map.basemap import build_basemap

        async with lock:
            if "bytes" not in made:
                made["bytes"] = await asyncio.to_thread(build_basemap, data_dir)
        return made["bytes"]

    return basemap


async def _warm_up_ground(app: FastAPI) -> None:
    """Make the base map while the server starts, so that the first page is not without land."""
    with suppress(MachineError):  # a missing file is told to whoever asks for the map
        await app.state.basemap()


async def _warm_up_drawing(data_dir: Path) -> None:
    """Start the drawing process once the first pages have been answered, so that no report waits for it."""
    await asyncio.sleep(WARM_UP_AFTER_S)
    await workshop(data_dir).warm_up()


def _lifespan(
    reader: Reader, public_url: str, data_dir: Path
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        ground = asyncio.create_task(_warm_up_ground(app))
        await reader.open()
        await ogc.open_pool(app, public_url)
        drawing = asyncio.create_task(_warm_up_drawing(data_dir))
        yield
        drawing.cancel()
        await ground
        workshop(data_dir).close()
        app.state.pool.terminate()
        await reader.close()

    return lifespan


def _refuse_unknown(app: FastAPI) -> None:
    """Answer every other path under /api, /tiles and /ogc with 404; Dash would answer them with its page."""

    async def unknown(request: Request) -> Response:
        return errors.problem(404, "没有找到", f"没有 {request.url.path} 这个地址。", instance=request.url.path)

    async def described(_: Request) -> Response:
        return RedirectResponse("/api/openapi.json")

    # tipg's landing page links to a route of this name.
    app.add_api_route("/api/docs", described, name="swagger_ui_html", include_in_schema=False)
    methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
    for path in ("/api", "/tiles", "/ogc"):
        app.add_api_route(path, unknown, methods=methods, include_in_schema=False)
        app.add_api_route(path + "/{rest:path}", unknown, methods=methods, include_in_schema=False)


def _add_pages(app: FastAPI) -> Dash:
    """Put the Dash app and its pages on the server."""
    dash_app = Site(
        "app",
        server=app,
        title="园图",
        update_title=None,
        suppress_callback_exceptions=True,
        add_log_handler=False,
    )
    build(dash_app)
    # Dash looks for its assets at the first request of "/" only; a person may open another page first.
    dash_app._setup_server()
    return dash_app
