"""The lists drawn by hand, drawn again from their address, and drawn over random histories."""

import asyncio
import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from geo.errors import FilterError, InputError, NotFoundError
from layers.store.queries_worklists import Ask, Period, conversion, five_lists, read_worklist, three_gaps
from layers.store.slices import When
from tests.store.worlds import SOUTH_EAST, SOUTH_WEST, event
from tests.worklists.world import DAY, ZONE, fill, filled, load, names, reader

STAGES = ("储备", "签约", "开工", "竣工", "达产", "达效")


async def test_the_five_lists_hold_each_project_at_its_latest_stage(database_url: str) -> None:
    fill(database_url)
    async with reader(database_url) as store:
        body = await five_lists(store, Ask(), DAY)
        real = await five_lists(store, Ask(), DAY, demo=False)
        expansion = await five_lists(store, Ask(kind="增资扩产"), DAY)
    assert [(b["title"], names(b["rows"])) for b in body["lists"]] == [
        ("储备清单", ["戊"]), ("开工清单", ["丙"]), ("竣工清单", ["丁"]), ("达产清单", ["辛演示"]), ("达效清单", []),
    ]  # fmt: skip
    assert [b["n"] for b in real["lists"]] == [1, 1, 1, 0, 0]
    assert [names(b["rows"]) for b in expansion["lists"]] == [[], ["丙"], [], [], []]
    completed = body["lists"][2]
    assert (filled(completed["counts"]), filled(completed["unit_counts"])) == ({SOUTH_EAST: 1}, {ZONE: 1})
    assert [c["name"] for c in completed["unit_counts"]] == [
        "西南县", "东南县", "西北县", "东北县", "开发区", "界外", "未定位",
    ]  # fmt: skip


async def test_a_year_asks_who_reached_the_stage_then_whatever_came_later(database_url: str) -> None:
    fill(database_url)
    async with reader(database_url) as store:
        now = await read_worklist(store, "started", Ask(year=2025), DAY)
        this_year = await read_worklist(store, "started", Ask(year=2026), DAY)
        before = await read_worklist(store, "started", Ask(year=2026), When(dt.date(2026, 2, 28)))
    assert (names(now["rows"]), names(this_year["rows"]), before["n"]) == (["丁"], ["丙"], 0)
    assert now["rows_filter"] is None


async def test_the_gaps_count_days_against_a_limit_that_can_be_set(database_url: str) -> None:
    fill(database_url)
    async with reader(database_url) as store:
        signed, started, completed = (await three_gaps(store, Ask(limit_days=180), DAY))["lists"]
        strict = await read_worklist(store, "signed_not_started", Ask(limit_days=179), DAY)
        over = await read_worklist(store, "signed_not_started", Ask(only_over=True, limit_days=180), DAY)
        plain = await read_worklist(store, "signed_not_started", Ask(), DAY)
        zone = await read_worklist(store, "signed_not_started", Ask(unit=ZONE), DAY)
        later = await read_worklist(store, "signed_not_started", Ask(), When(dt.date(2026, 8, 11)))
    assert [(r["name"], r["days"], r["is_over"]) for r in signed["rows"]] == [
        ("乙", 181, True), ("甲", 180, False), ("己", None, False),
    ]  # fmt: skip
    assert (signed["n"], signed["n_over"], signed["n_undated"], signed["median_days"]) == (3, 1, 1, 180.5)
    assert [(c["code"], c["n"], c["n_over"], c["median_days"]) for c in signed["counts"] if c["n"]] == [
        (SOUTH_WEST, 2, 1, 180.5), ("unlocated", 1, 0, None),
    ]  # fmt: skip
    assert (plain["limit_days"], plain["n_over"]) == (365, 0)
    assert [(r["name"], r["days"]) for r in started["rows"] + completed["rows"]] == [("丙", 121), ("丁", 60)]
    assert (strict["n_over"], names(over["rows"]), names(zone["rows"])) == (2, ["乙"], ["乙"])
    assert [(r["name"], r["days"]) for r in later["rows"]] == [("乙", 223), ("甲", 222), ("庚", 10), ("己", None)]


async def test_a_stage_before_its_turn_is_listed_with_both_dates(database_url: str) -> None:
    fill(database_url)
    async with reader(database_url) as store:
        body = await read_worklist(store, "order_violations", Ask(), DAY)
        earlier = await read_worklist(store, "order_violations", Ask(), When(dt.date(2025, 2, 15)))
    assert [(r["name"], r["violations"]) for r in body["rows"]] == [
        ("丁", [{"stage": "开工", "date": "2025-02-01", "before": "签约", "before_date": "2025-03-01", "days": 28}])
    ]
    assert earlier["n"] == 0


async def test_old_records_and_records_without_a_place_are_listed(database_url: str) -> None:
    fill(database_url)
    load(database_url, "factory", [
        {"name": "老厂", "data_date": dt.date(2026, 1, 1)}, {"name": "新厂", "data_date": dt.date(2026, 1, 2)},
        {"name": "无日期厂", "data_date": None, "location_accuracy": "county"},
    ])  # fmt: skip
    async with reader(database_url) as store:
        stale = await read_worklist(store, "stale", Ask("factory"), DAY)
        on_edge = await read_worklist(store, "stale", Ask("factory", limit_days=179), DAY)
        vague = await read_worklist(store, "unlocated", Ask("factory"), DAY)
        nowhere = await read_worklist(store, "unlocated", Ask(), DAY)
        ages_ago = await read_worklist(store, "stale", Ask("factory"), When(dt.date(1, 1, 1)))
    assert (stale["n"], stale["limit_days"], stale["n_checked"], stale["n_undated"]) == (0, 180, 3, 1)
    assert ([(r["name"], r["days"]) for r in on_edge["rows"]], ages_ago["n"]) == ([("老厂", 180)], 0)
    assert (names(vague["rows"]), vague["groups"]) == (["无日期厂"], {"none": 0, "county": 1, "township": 0})
    assert (names(nowhere["rows"]), filled(nowhere["counts"])) == (["己"], {"unlocated": 1})


async def test_conversion_follows_those_who_reached_a_stage_in_the_year(database_url: str) -> None:
    fill(database_url)
    years = [Period.year(2025), Period.year(2026)]
    async with reader(database_url) as store:
        body = await conversion(store, years, Ask(), DAY, minimum=3, with_rows=True)
        loose = await conversion(store, years, Ask(), DAY, demo=False, minimum=1)
    first, second = (p["steps"][1] for p in body["periods"])
    assert (first["from"], first["to"]) == ("签约", "开工")
    assert first["total"] == {"n_from": 3, "n_to": 2, "rate_pct": 100 * 2 / 3, "median_days": 212.0}
    assert [(r["name"], r["from_date"], r["to_date"], r["days"]) for r in first["rows"]] == [
        ("乙", "2025-12-31", None, None), ("丙", "2025-01-01", "2026-03-01", 424),
        ("丁", "2025-03-01", "2025-02-01", 0),
    ]  # fmt: skip
    assert [(c["code"], c["n_from"], c["n_to"], c["rate_pct"]) for c in first["counties"] if c["n_from"]] == [
        (SOUTH_WEST, 1, 0, None), (SOUTH_EAST, 2, 2, None),
    ]  # fmt: skip
    assert second["total"] == {"n_from": 2, "n_to": 1, "rate_pct": None, "median_days": 147.0}
    assert loose["periods"][1]["steps"][1]["total"]["rate_pct"] == 0.0


async def test_an_address_draws_the_list_again_after_a_correction(database_url: str) -> None:
    fill(database_url)
    async with reader(database_url) as store:
        before = await read_worklist(store, "signed_not_started", Ask(), DAY)
        load(database_url, "project", [{"name": "甲", "county_code": SOUTH_WEST, "unit_code": SOUTH_WEST}],
             [event("甲", "签约", "2026-02-01")])  # fmt: skip
        after = await read_worklist(store, "signed_not_started", Ask(), DAY)
        known = dt.datetime.fromisoformat(before["known_at"])
        again = await read_worklist(store, "signed_not_started", Ask(), When(DAY.as_of, known))
    assert (again, before["url"] == after["url"]) == (before, False)
    assert [r["days"] for r in after["rows"]] == [181, 149, None]


async def test_what_cannot_be_listed_is_refused_by_name(database_url: str) -> None:
    async with reader(database_url) as store:
        with pytest.raises(NotFoundError, match="没有清单“nothing”"):
            await read_worklist(store, "nothing", Ask(), DAY)
        with pytest.raises(InputError, match="没有阶段事件"):
            await read_worklist(store, "completed", Ask("park"), DAY)
        with pytest.raises(InputError, match="期限天数"):
            await three_gaps(store, Ask(limit_days=-1), DAY)
        with pytest.raises(FilterError, match="leader"):
            await read_worklist(store, "completed", Ask(filter="leader = '张三'"), DAY)
        empty = await read_worklist(store, "completed", Ask(), DAY)
    assert (empty["n"], empty["rows"], empty["known_at"]) == (0, [], None)


AREAS = st.sampled_from([SOUTH_WEST, SOUTH_EAST, ZONE, "outside", "unlocated"])
WORLD = st.lists(
    st.tuples(AREAS, AREAS, st.sampled_from([None, *STAGES]), st.booleans(),
              st.dictionaries(st.sampled_from(STAGES), st.dates(dt.date(2024, 1, 1), dt.date(2026, 12, 31)))),
    max_size=12,
)  # fmt: skip


@settings(
    max_examples=10,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(world=WORLD, day=st.dates(dt.date(2024, 6, 1), dt.date(2026, 12, 31)), demo=st.booleans())
def test_the_lists_count_what_the_rollup_and_the_rows_count(
    scratch_database: Callable[[], AbstractContextManager[str]], world: list[Any], day: dt.date, demo: bool
) -> None:
    rows = [
        {"name": f"项目{i}", "county_code": county, "unit_code": unit, "stage": stage, "is_demo": is_demo}
        for i, (county, unit, stage, is_demo, _) in enumerate(world)
    ]
    happened = [event(f"项目{i}", t, d.isoformat()) for i, (*_, dates) in enumerate(world) for t, d in dates.items()]
    with scratch_database() as url:
        load(url, "project", rows, happened)
        asyncio.run(_agree(url, When(day), demo))


async def _agree(url: str, when: When, demo: bool) -> None:
    async with reader(url) as store:
        five = (await five_lists(store, Ask(), when, demo))["lists"]
        gaps = (await three_gaps(store, Ask(), when, demo))["lists"]
        stages = await store.rollup("project", ("stage",), when=when, demo=demo)
        rates = await conversion(store, [Period.year(y) for y in (2024, 2025, 2026)], Ask(), when, demo)
        by_stage = {r["code"]: r["value"] for r in stages["rows"]}
        for body in (*five, *gaps):
            assert body["n"] == by_stage[body["stage"]] == len({r["id"] for r in body["rows"]})
            assert body["n"] == sum(c["n"] for c in body["counts"]) == sum(c["n"] for c in body["unit_counts"])
            drilled = await store.rows("project", body["rows_filter"], when, demo)
            assert {r["id"] for r in drilled["rows"]} == {r["id"] for r in body["rows"]}
            assert all(r["days"] is None or r["days"] >= 0 for r in body["rows"])
        for step in (s for p in rates["periods"] for s in p["steps"]):
            for axis in ("counties", "units"):
                for name in ("n_from", "n_to"):
                    assert sum(c[name] for c in step[axis]) == step["total"][name]
        reached = [
            (await read_worklist(store, "started", Ask(year=year), when, demo))["n"] for year in (2024, 2025, 2026)
        ]
        assert reached == [p["steps"][2]["total"]["n_from"] for p in rates["periods"]]
