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
from bench.country import country_points, in_morton_order, make_country
from bench.data import Counties, Points
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
MANY = 10
TWO = "geo.assign，两个线程"
BOTH = ("DuckDB spatial", "SedonaDB")
Answer = dict[str, list[int]]


def run(bench: Bench) -> Iterator[Case]:
    """Measure the row: the nine counties, the same points in Morton order, a country, and ten times as many points."""
    counties, points = bench.counties, bench.points
    index = AreaIndex.build(counties.codes, counties.geoms)
    wanted = _ours(index, points)
    built = measure({"build": lambda: AreaIndex.build(counties.codes, counties.geoms)})["build"]
    with bench.database.session() as cursor:
        bench.database.make_raw(cursor, counties, points)
        stored = _postgis(cursor, wanted, {"切分的面（ST_Subdivide）": CUT, "原面": RAW})
    yield _case(
        index, points, f"{TITLE}，{len(points):,} 点",
        [*stored, *_peers(bench, counties, points, wanted), _sjoin(bench, wanted)],
        f"九个县（市、区），{index.n_edges:,} 条边；网格另建一次，用时 {min(built) * 1e3:.0f} ms。"
        "各家的数据都已在自己的内存或表里；每一家的计数与合计都与园图逐县比对。",
    )  # fmt: skip
    ordered = in_morton_order(points)
    yield _case(
        index, ordered, f"{TITLE}，{len(points):,} 点，按 Morton 序",
        _peers(bench, counties, ordered, wanted, ("SedonaDB",)), "同样的点，按所在方格的 Morton 序排好，各家都是。",
    )  # fmt: skip
    yield from _country(bench)


def _country(bench: Bench) -> Iterator[Case]:
    counties = make_country()
    points = country_points(bench.rows, counties, bench.seed)
    start = time.perf_counter()
    index = AreaIndex.build(counties.codes, counties.geoms)
    took = time.perf_counter() - start
    wanted = _ours(index, points)
    with bench.database.beside("bench_country") as cursor:
        bench.database.load_raw(cursor, counties, points)
        stored = _postgis(cursor, wanted, {"切分的面（ST_Subdivide）": CUT})
    vertices = int(shapely.get_num_coordinates(counties.geoms).sum())
    what = f"{len(counties.codes):,} 个县"
    yield _case(
        index, points, f"{TITLE}，{len(points):,} 点，{what}",
        [*stored, *_peers(bench, counties, points, wanted, ("SedonaDB",))],
        f"生成的县，互不重叠，边界曲折，共 {vertices:,} 个顶点；网格另建一次，用时 {took:.1f} 秒。"
        "每一家的计数与合计都与园图逐县比对。",
    )  # fmt: skip
    many = country_points(MANY * bench.rows, counties, bench.seed)
    ordered = in_morton_order(many)
    ours = "点无序，两个线程"
    subjects = {
        ours: lambda: _ours(index, many, 2), "园图 点无序，一个线程": lambda: _ours(index, many),
        "园图 点按 Morton 序，两个线程": lambda: _ours(index, ordered, 2),
        "园图 点按 Morton 序，一个线程": lambda: _ours(index, ordered),
    }  # fmt: skip
    title = f"{TITLE}，{len(many):,} 点，{what}"
    yield case("assign", title, ours, subjects, note="只测园图。要求：10,000,000 点 ≤ 0.3 秒。")


def _ours(index: AreaIndex, points: Points, threads: int = 1) -> Answer:
    found = index.totals(points.lon, points.lat, points.value, threads=threads)
    rows = zip(index.codes, found.n.tolist(), found.total.tolist(), strict=True)
    return {code: [n, total] for code, n, total in rows if n}


def _case(index: AreaIndex, points: Points, title: str, others: list[Timing], note: str) -> Case:
    cpu = min(_cpu(lambda: _ours(index, points)) for _ in range(9))
    subjects = {TWO: lambda: _ours(index, points, 2), "园图 geo.assign，一个线程": lambda: _ours(index, points)}
    return case(
        "assign", title, TWO, subjects, repeats=9, others=others,
        note=f"{note}一个线程的处理器时间 {cpu * 1e3:.1f} ms。",
    )  # fmt: skip


def _cpu(ask: Callable[[], object]) -> float:
    start = time.process_time()
    ask()
    return time.process_time() - start


def _differs(answer: Any, wanted: Answer) -> str:
    found = {str(code): [int(n), int(total)] for code, n, total in answer}
    return "" if found == wanted else f"结果不同：{sum(v[0] for v in found.values()):,} 个点"


def _timed(name: str, ask: Callable[[], Any], wanted: Answer) -> Timing:
    """Time a slow peer, its answer compared: once where it takes longer than 10 s, else three times."""
    clock = time.perf_counter
    start = clock()
    note = _differs(ask(), wanted)
    first = clock() - start
    if note:
        return Timing(name, note=note)
    return Timing(name, (first,) if first > 10 else measure({name: ask}, SLOW, warm=0)[name])


def _sjoin(bench: Bench, wanted: Answer) -> Timing:
    areas = gpd.GeoDataFrame({"code": bench.counties.codes}, geometry=list(bench.counties.geoms), crs=4490)
    shapes = gpd.points_from_xy(bench.points.lon, bench.points.lat, crs=4490)
    table = gpd.GeoDataFrame({"value": bench.points.value}, geometry=shapes)

    def ask() -> Any:
        joined = gpd.sjoin(table, areas, predicate="intersects").groupby("code")["value"].agg(["size", "sum"])
        return joined.itertuples()

    return _timed("geopandas.sjoin", ask, wanted)


def _postgis(cursor: Any, wanted: Answer, texts: dict[str, str]) -> list[Timing]:
    cursor.execute("SELECT PostGIS_Lib_Version()")
    postgis = f"PostGIS {cursor.fetchone()[0]}"
    made = []
    for name, text in texts.items():

        def ask(text: str = text) -> Any:
            cursor.execute(text + " GROUP BY 1")
            return cursor.fetchall()

        made.append(_timed(f"{postgis}，{name}", ask, wanted))
    return made


def _peers(
    bench: Bench, counties: Counties, points: Points, wanted: Answer, only: tuple[str, ...] = BOTH
) -> list[Timing]:  # fmt: skip
    path = bench.folder / "points.npz"
    np.savez(path, lon=points.lon, lat=points.lat, value=points.value)
    work = {
        "points": str(path), "codes": list(counties.codes), "wanted": wanted, "repeats": 5, "threads": 2,
        "only": only, "areas": [shapely.to_wkb(g, hex=True) for g in counties.geoms],
    }  # fmt: skip
    return peers.run(bench.venv, "assign", work)
