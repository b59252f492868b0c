"""Vector tiles of a big point layer: our route uncached and cached, tipg in the same process, bare ST_AsMVT."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx
import numpy as np
from fastapi import FastAPI

from bench import peers
from bench.context import Bench
from bench.data import Points
from bench.database import LAYER, SECRET_KEY, SQL_DIR
from bench.timing import Case, Timing, measure
from layers.settings import Settings

TITLE = "矢量瓦片"
ORDER = 4
ZOOMS = (6, 8, 10, 12)
TILES = 8
CLIENTS, REQUESTS = 8, 200
PYGEOAPI_ROUNDS = 5
BARE = """SELECT ST_AsMVT(t, 'bench_point', 4096, 'geom') FROM (
    SELECT id, name, value, ST_AsMVTGeom(geom_3857, ST_TileEnvelope(%(z)s, %(x)s, %(y)s), 4096, 64, true) AS geom
    FROM bench_point WHERE geom_3857 && ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => 0.015625)) AS t"""
Tile = tuple[int, int, int]


def tiles_at(points: Points, zoom: int, most: int = TILES) -> list[Tile]:
    """Return the tiles that hold the most points at a zoom, the densest first."""
    n = 2**zoom
    x = np.floor((points.lon + 180) / 360 * n).astype(int)
    y = np.floor((1 - np.arcsinh(np.tan(np.radians(points.lat))) / np.pi) / 2 * n).astype(int)
    keys, counts = np.unique(x * n + y, return_counts=True)
    densest = keys[np.argsort(-counts, kind="stable")[:most]]
    return [(zoom, int(k // n), int(k % n)) for k in densest]


def rounds(tiles: list[Tile]) -> int:
    """Return how often to ask for each tile, so that there are at least six answers."""
    return max(2, -(-6 // len(tiles)))


def run(bench: Bench) -> Iterator[Case]:
    """Measure the row."""
    bench.database.fill(bench.counties, bench.points)
    with asyncio.Runner() as runner:
        cases = runner.run(_run(bench))
    yield from _with_pygeoapi(bench, cases)


def _with_pygeoapi(bench: Bench, cases: list[Case]) -> Iterator[Case]:
    """Add pygeoapi to the uncached tiles: the densest one of each zoom, as often as ours was asked at least."""
    with bench.database.session() as cursor:
        cursor.execute((SQL_DIR / "pygeoapi.sql").read_text("utf-8"))
    asked = []
    for zoom in ZOOMS:
        z, x, y = tiles_at(bench.points, zoom, 1)[0]
        asked.append((f"z{zoom}", f"/collections/tiled/tiles/WebMercatorQuad/{z}/{y}/{x}?f=mvt"))
    found = peers.ask_pygeoapi(bench.venv, bench.database.url, asked, PYGEOAPI_ROUNDS)
    uncached = [case for case in cases if "未缓存" in case.title]
    beside = dict(zip((case.title for case in uncached), found, strict=False))
    for case in cases:
        other = beside.get(case.title)
        if other is not None:
            other = replace(other, name=f"{other.name}（最密的一片）")
        yield case if other is None else replace(case, peers=(*case.peers, other))


async def _run(bench: Bench) -> list[Case]:
    made = []
    async with AsyncExitStack() as stack:
        ours_app, ours = await stack.enter_async_context(client_of_ours(bench))
        peer = await stack.enter_async_context(client_of_tipg(bench))
        cursor = stack.enter_context(bench.database.session())

        def bare(tile: Tile) -> bytes:
            cursor.execute(BARE, dict(zip(("z", "x", "y"), tile, strict=True)))
            return bytes(cursor.fetchone()[0])  # type: ignore[index]

        async def fresh(tile: Tile) -> int:
            return len(await get(ours, f"/tiles/{LAYER.id}/{tile[0]}/{tile[1]}/{tile[2]}.mvt"))

        async def kept(tile: Tile) -> int:
            return len(await get(ours, f"/tiles/{LAYER.id}/{tile[0]}/{tile[1]}/{tile[2]}.mvt"))

        async def tipg(tile: Tile) -> int:
            path = f"/collections/public.bench_point/tiles/WebMercatorQuad/{tile[0]}/{tile[1]}/{tile[2]}"
            return len(await get(peer, path))

        for zoom in ZOOMS:
            tiles = tiles_at(bench.points, zoom)
            sizes = [await fresh(tiles[0]), await tipg(tiles[0]), len(bare(tiles[0]))]
            taken = await _in_turns({"未缓存": fresh, "缓存": kept, "tipg": tipg}, tiles, ours_app.state.tiles.clear)
            plain = tuple(
                s for t in tiles for s in measure({"bare": lambda t=t: bare(t)}, max(2, -(-6 // len(tiles))))["bare"]
            )
            note = "最密的一片：园图 {} KB，tipg {} KB，ST_AsMVT {} KB。".format(*(f"{s / 1000:,.0f}" for s in sizes))
            peers = (Timing("tipg（最多 10,000 个要素）", taken["tipg"]), Timing("裸 ST_AsMVT", plain))
            made.append(Case("tiles", f"瓦片 z{zoom}，未缓存", Timing("/tiles", taken["未缓存"]), peers, note))
            made.append(Case("tiles", f"瓦片 z{zoom}，缓存", Timing("/tiles", taken["缓存"]), peers[:1]))
        made.append(await _crowd(tiles_at(bench.points, 10), kept, tipg))
    return made


async def _crowd(tiles: list[Tile], kept: Callable[[Tile], Any], tipg: Callable[[Tile], Any]) -> Case:
    """Eight clients at once: seconds a request."""

    async def seconds(get: Callable[[Tile], Any], total: int) -> float:
        clock = asyncio.get_running_loop().time
        start = clock()
        await asyncio.gather(*(_client(get, tiles, i, total // CLIENTS) for i in range(CLIENTS)))
        return (clock() - start) / total

    await seconds(kept, CLIENTS)
    ours = [await seconds(kept, REQUESTS) for _ in range(5)]
    peer = [await seconds(tipg, REQUESTS // 5) for _ in range(5)]
    return Case(
        "tiles", f"瓦片 z10，{CLIENTS} 个客户端，每个请求",
        Timing("/tiles，缓存", tuple(ours)), (Timing("tipg", tuple(peer)),),
        f"每秒请求：园图 {1 / min(ours):,.0f}，tipg {1 / min(peer):,.0f}（同一进程，最好的一轮）。",
    )  # fmt: skip


async def _client(get: Callable[[Tile], Any], tiles: list[Tile], first: int, n: int) -> None:
    for i in range(n):
        await get(tiles[(first + i) % len(tiles)])


async def _in_turns(
    subjects: dict[str, Callable[[Tile], Any]], tiles: list[Tile], forget: Callable[[], None]
) -> dict[str, tuple[float, ...]]:
    """Ask every subject for every tile in turns; what ours remembers is forgotten before each round, unmeasured."""
    clock = asyncio.get_running_loop().time
    taken: dict[str, list[float]] = {name: [] for name in subjects}
    for number in range(1 + rounds(tiles)):
        for tile in tiles:
            await asyncio.to_thread(forget)
            for name, get in subjects.items():
                start = clock()
                await get(tile)
                if number:
                    taken[name].append(clock() - start)
    return {name: tuple(seconds) for name, seconds in taken.items()}


async def get(client: httpx.AsyncClient, path: str) -> bytes:
    """Return the body of an answer that is not compressed."""
    answer = await client.get(path, headers={"Accept-Encoding": "identity"})
    answer.raise_for_status()
    return answer.content


@asynccontextmanager
async def _client_of(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bench", timeout=120) as client,
    ):
        yield client


@asynccontextmanager
async def client_of_ours(bench: Bench, url: str = "") -> AsyncIterator[tuple[FastAPI, httpx.AsyncClient]]:
    """Our server in this process on a filled database, the run's own without ``url``, and a client of it."""
    from app.server import create_app

    settings = Settings(database_url=url or bench.database.url, var_dir=bench.folder, secret_key=SECRET_KEY)
    app = create_app(settings)
    async with _client_of(app) as client:
        yield app, client


@asynccontextmanager
async def client_of_tipg(bench: Bench) -> AsyncIterator[httpx.AsyncClient]:
    """A client of tipg in this process, on the plain points."""
    from tipg.collections import register_collection_catalog
    from tipg.database import close_db_connection, connect_to_db
    from tipg.factory import Endpoints
    from tipg.settings import DatabaseSettings, PostgresSettings

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        chosen = DatabaseSettings(schemas=["public"], tables=["public.bench_point"], functions=[])
        await connect_to_db(app, schemas=["public"], settings=PostgresSettings(database_url=bench.database.url))
        await register_collection_catalog(app, db_settings=chosen)
        yield
        await close_db_connection(app)

    app = FastAPI(lifespan=lifespan)
    app.include_router(Endpoints(with_tiles_viewer=False).router)
    async with _client_of(app) as client:
        yield client
