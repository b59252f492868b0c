"""Ten thousand features of a box as JSON: our route, what raw SQL makes of the same, and servers that do the same."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import AsyncExitStack

import numpy as np

from bench import peers
from bench.context import Bench
from bench.data import Points
from bench.database import LAYER, SQL_DIR
from bench.rows.tiles import client_of_ours, client_of_tipg, tiles_at
from bench.timing import Case, Timing

TITLE = "一个框里的要素"
ORDER = 4.5
FEATURES, REPEATS = 10_000, 7
LIMIT = 1.3
# the same properties of the same records of the same table, as one would write it
SAME = f"""SELECT json_build_object('type', 'FeatureCollection', 'features', coalesce(json_agg(json_build_object(
    'type', 'Feature', 'id', id, 'geometry', ST_AsGeoJSON(ST_Transform(geom_3857, 4326), 6)::json, 'properties',
    json_build_object('name', name, 'location_accuracy', location_accuracy, 'is_demo', is_demo, 'county_code',
    county_code, 'unit_code', unit_code))), '[]'))::text
FROM {LAYER.table} WHERE recorded_to = 'infinity'
    AND ST_Intersects(geom_3857, ST_Transform(ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326), 3857))"""
PLAIN = """SELECT json_build_object('type', 'FeatureCollection', 'features', coalesce(json_agg(json_build_object(
    'type', 'Feature', 'id', id, 'geometry', ST_AsGeoJSON(geom, 6)::json, 'properties',
    json_build_object('name', name, 'value', value, 'code', code))), '[]'))::text
FROM bench_point WHERE ST_Intersects(geom, ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4490))"""


def box_of(points: Points, n: int) -> tuple[float, float, float, float]:
    """Return a square of degrees round the densest place that holds ``n`` points: west, south, east, north."""
    _, x, y = tiles_at(points, 10, 1)[0]
    lon = (x + 0.5) / 2**10 * 360 - 180
    lat = float(np.degrees(np.arctan(np.sinh(np.pi * (1 - (2 * y + 1) / 2**10)))))
    away = np.maximum(abs(points.lon - lon), abs(points.lat - lat))
    half = float(np.sort(away)[min(n, len(away)) - 1]) + 1e-9
    return lon - half, lat - half, lon + half, lat + half


def run(bench: Bench) -> Iterator[Case]:
    """Measure the row."""
    bench.database.fill(bench.counties, bench.points)
    box = box_of(bench.points, FEATURES)
    with asyncio.Runner() as runner:
        taken, sizes, n = runner.run(_ask(bench, box))
    with bench.database.session() as cursor:
        cursor.execute((SQL_DIR / "pygeoapi.sql").read_text("utf-8"))
    area = ",".join(f"{v!r}" for v in box)
    path = f"/collections/boxed/items?bbox={area}&limit={FEATURES}&f=json"
    others = [
        *peers.run(bench.venv, "frames", {"url": bench.database.url, "box": box, "n": n, "repeats": REPEATS}),
        *peers.ask_pygeoapi(bench.venv, bench.database.url, [("items", path)], REPEATS),
    ]
    ours, same = np.median(taken["园图"]), np.median(taken["SQL json_agg，同样的记录与字段"])
    good = "达到" if ours <= LIMIT * same else "没有达到"
    timings = [Timing(name, seconds) for name, seconds in taken.items()]
    yield Case(
        "items", f"框里 {n:,} 个要素的 JSON", Timing("/api/v1/features?bbox", timings[0].seconds),
        (*timings[1:], *others),
        f"园图 {sizes[0] / 1e6:.1f} MB，SQL {sizes[1] / 1e6:.1f} MB；要求不超过同样字段的 SQL 的 {LIMIT} 倍：{good}。"
        "普通表只有编号、名称、数值、代码，没有历史。",
    )  # fmt: skip


async def _ask(
    bench: Bench, box: tuple[float, float, float, float]
) -> tuple[dict[str, tuple[float, ...]], list[int], int]:
    area = ",".join(f"{v!r}" for v in box)
    sides = dict(zip(("west", "south", "east", "north"), box, strict=True))
    async with AsyncExitStack() as stack:
        _, ours = await stack.enter_async_context(client_of_ours(bench))
        tipg = await stack.enter_async_context(client_of_tipg(bench))
        cursor = stack.enter_context(bench.database.session())

        async def served(client: object, path: str) -> bytes:
            answer = await client.get(path, headers={"Accept-Encoding": "identity"})  # type: ignore[attr-defined]
            answer.raise_for_status()
            return bytes(answer.content)

        async def asked(text: str) -> bytes:
            cursor.execute(text, sides)
            return str(cursor.fetchone()[0]).encode()  # type: ignore[index]

        subjects = {
            "园图": lambda: served(ours, f"/api/v1/features/{LAYER.id}?bbox={area}"),
            "SQL json_agg，同样的记录与字段": lambda: asked(SAME),
            "SQL json_agg，四列的普通表": lambda: asked(PLAIN),
            "tipg": lambda: served(tipg, f"/collections/public.bench_point/items?bbox={area}&limit={FEATURES}"),
        }
        bodies = {name: await ask() for name, ask in subjects.items()}
        counts = {name: len(json.loads(body)["features"]) for name, body in bodies.items()}
        if len(set(counts.values())) != 1:
            raise AssertionError(f"数量不同：{counts}")
        clock = asyncio.get_running_loop().time
        taken: dict[str, list[float]] = {name: [] for name in subjects}
        for _ in range(REPEATS):
            for name, ask in subjects.items():
                start = clock()
                await ask()
                taken[name].append(clock() - start)
    return {n: tuple(s) for n, s in taken.items()}, [len(b) for b in bodies.values()], counts["园图"]
