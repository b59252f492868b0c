"""A rollup by county over the whole layer: what the server answers, the stored rollup, and a plain GROUP BY."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from bench.context import Bench
from bench.database import LAYER
from bench.timing import Case, case
from layers.registry import catalogue
from layers.store.reader import Reader

TITLE = "读取按县汇总"
ORDER = 2
STORED = "SELECT code, n, total FROM rollup WHERE layer = %s AND axis = 'county' AND measure = %s"
GROUPED = "SELECT code, count(*), sum(value) FROM bench_point GROUP BY code"
FILTER = "registered_cny >= 1000000"
SUMMED = "SELECT code, sum(value) FROM bench_point WHERE value >= 1000000 GROUP BY code"
SAME_TABLE = (
    f"SELECT county_code, sum(registered_cny) FROM {LAYER.table}"
    f" WHERE recorded_to = 'infinity' AND registered_cny >= 1000000 GROUP BY 1"
)
MATERIALISED = "SELECT code, n, total FROM bench_view"


def _rows(cursor: Any, text: str) -> list[Any]:
    cursor.execute(text)
    return list(cursor.fetchall())


def run(bench: Bench) -> Iterator[Case]:
    """Measure the row."""
    bench.database.fill(bench.counties, bench.points)
    with bench.database.session() as cursor, asyncio.Runner() as runner:
        cursor.execute(
            "CREATE MATERIALIZED VIEW IF NOT EXISTS bench_view AS"
            " SELECT code, count(*) AS n, sum(value) AS total FROM bench_point GROUP BY code"
        )
        reader = Reader(bench.database.dsn("yuantu_reader"), catalogue())
        runner.run(reader.open())

        def ask(text: str, *values: str) -> dict[str, int]:
            cursor.execute(text, values)
            return {r[0]: int(r[1]) for r in cursor.fetchall()}

        def served() -> dict[str, int]:
            body = runner.run(reader.rollup(LAYER.id, ("county",), "n"))
            return {r["code"]: r["value"] for r in body["rows"]} | {"outside": body["outside"]}

        def filtered() -> dict[str, int]:
            body = runner.run(reader.rollup(LAYER.id, ("county",), "sum_registered_cny", FILTER))
            return {r["code"]: r["value"] for r in body["rows"]} | {"outside": body["outside"]}

        plain = ask(GROUPED)
        stored = ask(STORED, LAYER.id, "n")
        answered = {code: n for code, n in served().items() if n}
        same = plain == stored == answered
        sums = {r[0]: int(r[1]) for r in _rows(cursor, SUMMED)}
        right = sums == {code: n for code, n in filtered().items() if n}
        n = len(bench.points)
        yield case(
            "rollup", f"{TITLE}，{n:,} 行：库存汇总", "库存汇总表",
            {
                "库存汇总表": lambda: ask(STORED, LAYER.id, "n"),
                "物化视图（未刷新）": lambda: ask(MATERIALISED),
                "SQL GROUP BY（普通表）": lambda: ask(GROUPED),
            },
            repeats=9,
            note=f"三者答案{'相同' if same else '不同！'}。",
        )  # fmt: skip
        yield case(
            "rollup", f"{TITLE}，{n:,} 行：服务器的回答", "Reader.rollup",
            {"Reader.rollup": served, "SQL GROUP BY（普通表）": lambda: ask(GROUPED)},
            repeats=9,
            note="服务器的回答取自库存汇总，另带名称、演示开关、缺值计数与数据日期；GROUP BY 只数行。",
        )  # fmt: skip
        yield case(
            "rollup", f"{TITLE}，{n:,} 行：服务器的回答，带筛选的合计", "Reader.rollup",
            {
                "Reader.rollup": filtered,
                "SQL GROUP BY（图层表，同一筛选）": lambda: ask(SAME_TABLE),
                "SQL GROUP BY（五列的普通表，同一筛选）": lambda: ask(SUMMED),
            },
            note=f"答案{'都相同' if right else '不同！'}。服务器读带历史的图层表（一行约为普通表的两倍宽），"
            "同一次扫描还数出缺值、演示数据和数据日期。",
        )  # fmt: skip
        runner.run(reader.close())
