"""What lies in a drawn area: ours from cells and border, against PostGIS on the same points; the laws at this size."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterator

import shapely

from bench.context import Bench
from bench.database import LAYER
from bench.timing import Case, Timing
from layers.registry import catalogue
from layers.store.queries_drawn import Drawn, read_groups
from layers.store.reader import Reader
from layers.store.slices import When

TITLE = "自画范围统计"
ORDER = 5
DAY = When(dt.date(2026, 6, 30))
DAYS = (DAY, When(dt.date(2020, 1, 1)))
FILTERS = ("", "county_code IN ('320902', '320981')", "registered_cny > 20000000 AND county_code <> '320921'")
EVERYWHERE = "box:110,25,130,45"
REPEATS = 5
AREAS = {
    "半径 5 km 的圆": "circle:120.15,33.38,5000",
    "半径 30 km 的圆": "circle:120.15,33.38,30000",
    "多边形去掉一个圆": "poly:119.6,33.0,120.7,32.9,120.9,33.6,120.3,34.2,119.7,33.9~d.circle:120.15,33.38,20000",
    "公路网两侧 1 km": "along:highway,1000",
    "沿线两侧 2 km": "line:2000,119.7,34.0,120.1,33.4,120.5,33.1,120.6,32.7",
}
PLAIN = """SELECT count(*), coalesce(sum(value), 0) FROM bench_point
WHERE ST_Intersects(geom, ST_GeomFromWKB(%(wkb)s, 4490))"""
JOINED = """WITH piece AS MATERIALIZED (SELECT ST_Subdivide(ST_GeomFromWKB(%(wkb)s, 4490), 64) AS geom)
SELECT count(DISTINCT p.id) FROM piece JOIN bench_point AS p ON ST_Intersects(p.geom, piece.geom)"""


def run(bench: Bench) -> Iterator[Case]:
    """Measure the row."""
    bench.database.fill(bench.counties, bench.points)
    with asyncio.Runner() as runner:
        cases = runner.run(_run(bench))
    yield from cases


async def _run(bench: Bench) -> list[Case]:
    made = []
    async with Reader(bench.database.dsn("yuantu_reader"), catalogue()) as reader:
        await _hold_to_the_laws(reader)
        for title, text in AREAS.items():
            made.append(await _area(bench, reader, title, await reader.drawn(text, DAY)))
    return made


async def _hold_to_the_laws(reader: Reader) -> None:
    """Raise where tiles, cells, drawn areas and rollups disagree on the generated records, with filters and dates."""
    for when in DAYS:
        for text in FILTERS:
            body = await reader.rollup(LAYER.id, ("county",), "sum_registered_cny", text, when)
            count = await reader.rollup(LAYER.id, ("county",), "n", text, when)
            wanted = (body["n_features"], int(body["total"] or 0))
            if count["total"] != wanted[0]:
                raise AssertionError(f"{text} {when.as_of}: {count['total']} ≠ {wanted[0]}")
            for zoom in (6, 8, 10):
                n, total = await _tiles(reader, zoom, text, when)
                if n != wanted[0] or total not in (None, wanted[1]):
                    raise AssertionError(f"z{zoom} {text} {when.as_of}: {n}, {total} ≠ {wanted}")
            whole = await reader.area_summary(LAYER.id, await reader.drawn(EVERYWHERE, when), text, when, True)
            found = (whole["n"], *(int(s["value"] or 0) for s in whole["sums"] if s["field"] == "registered_cny"))
            if found != wanted:
                raise AssertionError(f"{text} {when.as_of}: {found} ≠ {wanted}")


async def _tiles(reader: Reader, zoom: int, text: str, when: When) -> tuple[int, int | None]:
    """Return how many records the tiles of a zoom hold and their sum; None where some tile lists its records."""
    import mapbox_vector_tile

    n, total = 0, 0
    listed = False
    todo = [(0, 0, 0)]
    while todo:
        z, x, y = todo.pop()
        body = await reader.tile(LAYER.id, z, x, y, text, when)
        if not body:
            continue
        if z < zoom:
            todo += [(z + 1, 2 * x + i, 2 * y + j) for i in (0, 1) for j in (0, 1)]
            continue
        for name, layer in mapbox_vector_tile.decode(body, default_options={"y_coord_down": True}).items():
            if name.endswith("_cell"):
                n += sum(one["properties"]["n"] for one in layer["features"])
                total += sum(one["properties"].get("sum_registered_cny", 0) for one in layer["features"])
            else:
                listed = True
                places = (one["geometry"]["coordinates"] for one in layer["features"])
                n += sum(all(0 <= c < 4096 for c in place) for place in places)
    return n, None if listed else total


async def _area(bench: Bench, reader: Reader, title: str, area: Drawn) -> Case:
    clock = asyncio.get_running_loop().time
    taken: dict[str, list[float]] = {"网格与边界": [], "PostGIS ST_Intersects": [], "PostGIS 切分后连接": []}
    wkb = shapely.to_wkb(area.shape)
    how, n = "", 0
    with bench.database.session() as cursor:
        for number in range(REPEATS + 1):
            start = clock()
            groups, how = await read_groups(
                reader.pool, reader.cat, LAYER, area.shape, filter_text="", when=DAY, demo=True, internal=False
            )
            ours = clock() - start
            start = clock()
            cursor.execute(PLAIN, {"wkb": wkb})
            found = cursor.fetchone()
            plain = clock() - start
            start = clock()
            cursor.execute(JOINED, {"wkb": wkb})
            joined = cursor.fetchone()
            pieces = clock() - start
            n = sum(g.n for g in groups)
            place = [f.id for f in LAYER.fields if f.role == "extensive"].index("registered_cny")
            total = sum(g.sums[place] for g in groups)
            if found is None or (n, int(total)) != (int(found[0]), int(found[1])) or joined is None or joined[0] != n:
                raise AssertionError(f"{title}: 园图 {n}, {total}；PostGIS {found}, {joined}")
            if number:
                for name, seconds in zip(taken, (ours, plain, pieces), strict=True):
                    taken[name].append(seconds)
    timings = [Timing(name, tuple(seconds)) for name, seconds in taken.items()]
    way = "网格与边界" if how == "cells" else "逐条"
    note = f"{n:,} 个点，{area.area_m2 / 1e6:,.0f} km²，{way}；数量与合计和 PostGIS 相等。"
    return Case("drawn", f"范围统计：{title}", timings[0], tuple(timings[1:]), note)
