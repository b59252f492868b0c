"""1,000 rows change: publishing them, against a bare UPDATE and against computing everything again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import numpy as np
import pandas as pd
import shapely
from psycopg2 import sql
from pyproj import Transformer

from bench.context import Bench
from bench.database import LAYER
from bench.timing import Case, case
from geo.assign import AreaIndex
from layers.registry import catalogue
from layers.store.db import connect, statement
from layers.store.load import Batch, RunInfo, publish
from layers.store.rollup_kept import kept_parts

TITLE = "1,000 行变化后汇总仍然正确"
ORDER = 3
CHANGED = 1000
GROUPED = "SELECT code, count(*), sum(value) FROM bench_point GROUP BY code"
CLOSE = "UPDATE {table} SET recorded_to = now() WHERE recorded_from = %(at)s AND run_id = %(run_id)s"
OPEN = (
    "INSERT INTO {table} (id, key, name, county_code, unit_code, location_accuracy, row_hash, geom, geom_3857, run_id,"
    " entry_number, recorded_from, registered_cny) SELECT id, key, name, county_code, unit_code, location_accuracy,"
    " row_hash, geom, geom_3857, run_id, entry_number, now(), registered_cny FROM {table}"
    " WHERE recorded_from = %(at)s AND run_id = %(run_id)s"
)
TO_MERCATOR = Transformer.from_crs(4326, 3857, always_xy=True)


def make_batch(bench: Bench, first: int, n: int, add: int, prefix: str = "bench-") -> Batch:
    """Return ``n`` rows of the layer from number ``first`` on, every value ``add`` more than generated."""
    part = slice(first, first + n)
    lon, lat = bench.points.lon[part], bench.points.lat[part]
    index = AreaIndex.build(bench.counties.codes, bench.counties.geoms)
    codes = np.array([*index.codes, "outside"], dtype=object)[index.points(lon, lat)]
    numbers = np.arange(first + 1, first + n + 1)
    base: dict[str, Any] = {f.id: None for f in LAYER.fields}
    base |= {
        "key": [f"{prefix}{i}" for i in numbers], "name": [f"企业{i}" for i in numbers], "county_code": codes,
        "unit_code": codes, "township_code": "unlocated", "location_accuracy": "surveyed", "is_demo": False,
        "data_date": dt.date(2026, 1, 1), "source_name": "性能测试.csv", "source_row": numbers + 1, "address": "",
        "area_m2": None, "extra": [{}] * n, "original": ["{}"] * n, "entry_number": numbers,
        "registered_cny": bench.points.value[part] + add,
        "geom": shapely.points(lon, lat), "geom_3857": shapely.points(*TO_MERCATOR.transform(lon, lat)),
    }  # fmt: skip
    return Batch(rows=pd.DataFrame(base).astype(object), n_read=n)


def run(bench: Bench) -> Iterator[Case]:
    """Measure the row."""
    bench.database.fill(bench.counties, bench.points)
    dsn, cat, turn = bench.database.dsn("yuantu_writer"), catalogue(), count(1)

    def publishing() -> Callable[[], object]:
        batches = iter([make_batch(bench, 1000, CHANGED, i) for i in range(1, 12)])
        return lambda: publish(dsn, LAYER, cat, next(batches), RunInfo(reason="性能测试"))

    with bench.database.session() as cursor:
        cursor.execute(
            "CREATE MATERIALIZED VIEW IF NOT EXISTS bench_view AS"
            " SELECT code, count(*) AS n, sum(value) AS total FROM bench_point GROUP BY code"
        )

        def add(some: int) -> None:
            cursor.execute(
                "UPDATE bench_point SET value = value + %s WHERE id BETWEEN 1001 AND %s", (some, 1000 + CHANGED)
            )  # fmt: skip

        def update() -> None:
            add(next(turn))

        def update_and(text: str) -> Callable[[], None]:
            def both() -> None:
                update()
                cursor.execute(text)

            return both

        n = len(bench.points)
        measured = case(
            "refresh", f"{TITLE}（{n:,} 行的图层）", "publish（整次导入）",
            {
                "publish（整次导入）": publishing(),
                "只 UPDATE，不管汇总（普通表）": update,
                "UPDATE ＋ 全表 GROUP BY": update_and(GROUPED),
                "UPDATE ＋ 刷新物化视图": update_and("REFRESH MATERIALIZED VIEW bench_view"),
            },
            note="publish 是一次完整的导入：比对、换版本、事件、检索词、汇总都在一个事务里；其余只改一张普通表。",
        )  # fmt: skip
        add(-sum(range(1, next(turn))))  # the rows that follow are measured on what was generated
    publish(dsn, LAYER, cat, make_batch(bench, 1000, CHANGED, 0), RunInfo(reason="性能测试"))
    yield measured
    yield _delta(bench, dsn)


def _delta(bench: Bench, dsn: str) -> Case:
    """The stored rollup brought in step with the last run, alone, against the bare change and computing it again.

    The bare change closes the current versions of as many records and inserts their next ones, in the layer's own
    table with its own indexes, and touches no rollup: the floor of keeping it in step.
    """
    parts = kept_parts(LAYER)
    with connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT run_id, recorded_at FROM load_run WHERE layer = %s ORDER BY 1 DESC LIMIT 1", (LAYER.id,))
        last = cursor.fetchone() or (None, None)
        params = {"layer": LAYER.id, "run_id": last[0], "at": last[1]}

        def execute(name: str) -> Callable[[], None]:
            text = sql.SQL(statement(name)).format(**parts)

            def once() -> None:
                cursor.execute(text, params)
                connection.rollback()

            return once

        def change() -> None:
            cursor.execute(sql.SQL(CLOSE).format(table=parts["table"]), params)
            cursor.execute(sql.SQL(OPEN).format(table=parts["table"]), params)
            connection.rollback()

        return case(
            "refresh", f"其中汇总增量一步（{len(bench.points):,} 行的图层）", "rollup/delta.sql",
            {
                "rollup/delta.sql": execute("rollup/delta"),
                "换 1,000 个版本，不管汇总（图层表）": change,
                "rollup/recompute.sql（全部重算）": execute("rollup/recompute"),
            },
        )  # fmt: skip
