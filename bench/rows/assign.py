"""Exact count and sum of points by county: the cell index against every peer, all answers compared."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from bench import peers
from bench.context import Bench
from bench.timing import Case, Timing, case, measure
from geo.assign import AreaIndex

TITLE = "按县计数与求和（精确）"
ORDER = 1
RAW = "SELECT a.code, count(*), sum(p.value) FROM bench_point AS p JOIN bench_county AS a ON ST_Covers(a.geom, p.geom)"
# a point on a cut line lies in two pieces of one county, so that pieces alone count it twice
CUT = (
    "SELECT code, count(*), sum(value) FROM (SELECT DISTINCT p.id, a.code, p.value FROM bench_point AS p"
    " JOIN bench_county_part AS a ON ST_Covers(a.geom, p.geom)) AS d"
)
SLOW = 3


def run(bench: Bench) -> Iterator[Case]:
    """Measure the row."""
    counties, points = bench.counties, bench.points
    index = AreaIndex.build(counties.codes, counties.geoms)

    def ours(threads: int) -> dict[str, list[int]]:
        where = index.points(points.lon, points.lat, threads=threads)
        inside = where >= 0
        n = np.bincount(where[inside], minlength=len(counties.codes))
        # a float64 sum of whole yuan is exact below 2**53
        total = np.bincount(where[inside], weights=points.value[inside], minlength=len(counties.codes))
        return {c: [int(a), int(b)] for c, a, b in zip(counties.codes, n, total, strict=True)}

    wanted = ours(1)
    built = measure({"build": lambda: AreaIndex.build(counties.codes, counties.geoms)})["build"]
    yield case(
        "assign", f"{TITLE}，{len(points):,} 点", "geo.assign，两个线程",
        {"geo.assign，两个线程": lambda: ours(2), "园图 geo.assign，一个线程": lambda: ours(1)},
        others=[*_postgis(bench, wanted), *_peers(bench, wanted), _sjoin(bench, wanted)],
        note=f"九个县（市、区），{len(index._edges):,} 条边；网格另建一次，用时 {min(built) * 1e3:.0f} ms。"
        "各家的数据都已在自己的内存或表里；每一家的计数与合计都与园图逐县比对。",
    )  # fmt: skip


def _differs(answer: Any, wanted: dict[str, list[int]]) -> str:
    found = {str(code): [int(n), int(total)] for code, n, total in answer}
    return "" if found == wanted else f"结果不同：{sum(v[0] for v in found.values()):,} 个点"


def _timed(name: str, ask: Callable[[], Any], wanted: dict[str, list[int]]) -> Timing:
    """Time a slow peer, its answer compared: once where it takes longer than 10 s, else three times."""
    clock = time.perf_counter
    start = clock()
    note = _differs(ask(), wanted)
    first = clock() - start
    if note:
        return Timing(name, note=note)
    return Timing(name, (first,) if first > 10 else measure({name: ask}, SLOW, warm=0)[name])


def _sjoin(bench: Bench, wanted: dict[str, list[int]]) -> Timing:
    areas = gpd.GeoDataFrame({"code": bench.counties.codes}, geometry=list(bench.counties.geoms), crs=4490)
    shapes = gpd.points_from_xy(bench.points.lon, bench.points.lat, crs=4490)
    table = gpd.GeoDataFrame({"value": bench.points.value}, geometry=shapes)

    def ask() -> Any:
        joined = gpd.sjoin(table, areas, predicate="intersects").groupby("code")["value"].agg(["size", "sum"])
        return joined.itertuples()

    return _timed("geopandas.sjoin", ask, wanted)


def _postgis(bench: Bench, wanted: dict[str, list[int]]) -> list[Timing]:
    made = []
    with bench.database.session() as cursor:
        bench.database.make_raw(cursor, bench.counties, bench.points)
        cursor.execute("SELECT PostGIS_Lib_Version()")
        postgis = f"PostGIS {cursor.fetchone()[0]}"  # type: ignore[index]
        for name, text in ((f"{postgis}，切分的面（ST_Subdivide）", CUT), (f"{postgis}，原面", RAW)):

            def ask(text: str = text) -> Any:
                cursor.execute(text + " GROUP BY 1")
                return cursor.fetchall()

            made.append(_timed(name, ask, wanted))
    return made


def _peers(bench: Bench, wanted: dict[str, list[int]]) -> list[Timing]:
    path = bench.folder / "points.npz"
    np.savez(path, lon=bench.points.lon, lat=bench.points.lat, value=bench.points.value)
    work = {
        "points": str(path), "codes": list(bench.counties.codes), "wanted": wanted, "repeats": 5, "threads": 2,
        "areas": [shapely.to_wkb(g, hex=True) for g in bench.counties.geoms],
    }  # fmt: skip
    return peers.run(bench.venv, "assign", work)
