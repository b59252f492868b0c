"""Whether a tile costs the same as the table grows: the same uncached tiles with all points and several times more."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack

from bench.context import Bench
from bench.database import LAYER
from bench.rows.tiles import Tile, client_of_ours, get, tiles_at
from bench.timing import Case, Timing

TITLE = "数据变多时的瓦片"
ORDER = 9
TIMES, TILES, ROUNDS = 4, 4, 6
ZOOMS = (6, 8, 10)
FLAT = 1.5


def run(bench: Bench) -> Iterator[Case]:
    """Measure the row."""
    many = bench.at_size(bench.rows)[0], bench.at_size(bench.rows * TIMES)[0]
    with asyncio.Runner() as runner:
        for zoom, taken in runner.run(_run(bench)).items():
            few, more = (Timing(f"/tiles，{len(p):,} 个点", s) for p, s in zip(many, taken, strict=True))
            ratio = (more.median or 0) / (few.median or 1)
            good = "达到" if ratio <= FLAT else "没有达到"
            yield Case(
                "growth", f"瓦片 z{zoom}，未缓存，点增加到 {TIMES} 倍", few, (more,),
                f"同样的瓦片，数据增加到 {TIMES} 倍后用时是 {ratio:.2f} 倍；要求不随总量增长：{good}。",
            )  # fmt: skip


async def _run(bench: Bench) -> dict[int, tuple[tuple[float, ...], tuple[float, ...]]]:
    sizes = (bench.rows, bench.rows * TIMES)
    clock = asyncio.get_running_loop().time
    async with AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(client_of_ours(bench, bench.at_size(rows)[1].url)) for rows in sizes]
        found: dict[int, tuple[tuple[float, ...], tuple[float, ...]]] = {}
        for zoom in ZOOMS:
            tiles: list[Tile] = tiles_at(bench.points, zoom, TILES)
            taken: list[list[float]] = [[], []]
            for number in range(ROUNDS + 1):
                for z, x, y in tiles:
                    for (app, client), seconds in zip(servers, taken, strict=True):
                        await asyncio.to_thread(app.state.tiles.clear)
                        start = clock()
                        await get(client, f"/tiles/{LAYER.id}/{z}/{x}/{y}.mvt")
                        if number:
                            seconds.append(clock() - start)
            found[zoom] = (tuple(taken[0]), tuple(taken[1]))
        return found
