"""Loading points with their location: our whole publish against writing a plain table."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from itertools import count

import numpy as np

from bench import peers
from bench.context import Bench
from bench.database import LAYER
from bench.rows.refresh import make_batch
from bench.timing import Case, Timing, case, measure
from layers.registry import catalogue
from layers.store.load import RunInfo, publish

TITLE = "入库 100,000 个点"
ORDER = 5
MOST = 100_000
TIMES = 3


def run(bench: Bench) -> Iterator[Case]:
    """Measure the row."""
    n = min(MOST, bench.rows)
    dsn, cat, turn = bench.database.dsn("yuantu_writer"), catalogue(), count()
    batches = iter([make_batch(bench, 0, n, 0, f"load{next(turn)}-") for _ in range(TIMES)])
    path = bench.folder / "load.npz"
    part = slice(0, n)
    np.savez(path, lon=bench.points.lon[part], lat=bench.points.lat[part], value=bench.points.value[part])
    work = {"points": str(path), "url": bench.database.url, "repeats": TIMES}
    with bench.database.session() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_copied")
        bench.database.make_raw(cursor, bench.counties, bench.points)

        def copied() -> None:
            cursor.execute("DROP TABLE IF EXISTS bench_copied")
            cursor.execute(f"CREATE TABLE bench_copied AS TABLE bench_point LIMIT {n:d}")
            cursor.execute("CREATE INDEX ON bench_copied USING gist (geom)")

        floor = Timing("服务器内复制同样的行（底线）", measure({"copy": copied}, TIMES)["copy"])
    yield case(
        "load", f"入库 {n:,} 个点", "publish（比对、版本、检索词、汇总、索引）",
        {"publish（比对、版本、检索词、汇总、索引）": lambda: publish(dsn, LAYER, cat, next(batches), RunInfo())},
        repeats=TIMES, warm=0, others=[*peers.run(bench.venv, "load", work), *_ogr(bench, n), floor],
        note="publish 写全部字段、县区代码、版本、检索词和库存汇总，数据已在内存；对照只写坐标和一个数字的普通表。",
    )  # fmt: skip


def _ogr(bench: Bench, n: int) -> list[Timing]:
    program = shutil.which("ogr2ogr")
    if program is None:
        return [Timing("ogr2ogr", note="这台机器没有装")]
    path = bench.folder / "load.geojsonl"
    with path.open("w", encoding="utf-8") as out:
        for lon, lat, value in zip(bench.points.lon[:n], bench.points.lat[:n], bench.points.value[:n], strict=True):
            shape = {"type": "Point", "coordinates": [float(lon), float(lat)]}
            out.write(json.dumps({"type": "Feature", "properties": {"value": int(value)}, "geometry": shape}) + "\n")
    command = [
        program, "-q", "-overwrite", "-f", "PostgreSQL", f"PG:{bench.database.url}", str(path), "-nln", "bench_ogr",
    ]  # fmt: skip
    copying = {"ogr": lambda: subprocess.run(command, check=True, env={"PG_USE_COPY": "YES"})}
    return [Timing("ogr2ogr", measure(copying, TIMES, warm=0)["ogr"])]
