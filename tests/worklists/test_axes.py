"""The two axes reconciled, lists overlapped, boundary generations compared: by hand, then as laws."""

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from geo.errors import InputError, NotFoundError
from layers.store.queries_axes import overlap, reconciliation
from layers.store.queries_generations import compare_generations
from layers.store.slices import When
from layers.store.staging import SHARE_COLUMNS
from tests.store.worlds import SOUTH_EAST, SOUTH_WEST, county
from tests.worklists.world import DAY, ZONE, fill, filled, load, name_places, names, reader


async def test_every_difference_between_county_and_unit_has_its_records(database_url: str) -> None:
    fill(database_url)
    async with reader(database_url) as store:
        count = await reconciliation(store, "project", when=DAY)
        invest = await reconciliation(store, "project", "sum_invest_cny", when=DAY)
        with pytest.raises(InputError, match="可以相加"):
            await reconciliation(store, "project", "mean_invest_cny", when=DAY)
    assert [(r["name"], r["reason"], r["value"]) for r in count["rows"]] == [
        ("乙", "township", 1), ("丁", "declared", 1), ("戊", "outside", 1),
    ]  # fmt: skip
    assert count["balanced"] and invest["balanced"]
    assert {(c["county_code"], c["unit_code"]): c["value"] for c in count["cells"]} == {
        (SOUTH_WEST, SOUTH_WEST): 1, (SOUTH_WEST, ZONE): 1, (SOUTH_EAST, SOUTH_EAST): 2, (SOUTH_EAST, ZONE): 1,
        ("outside", ZONE): 1, ("unlocated", "unlocated"): 1,
    }  # fmt: skip
    assert {m["code"]: (m["value"], m["sum"]) for m in invest["units"]} == {
        SOUTH_WEST: (100, 100), SOUTH_EAST: (300, 300), "320904": (0, 0), "320921": (0, 0), ZONE: (600, 600),
        "outside": (0, 0), "unlocated": (None, None),
    }  # fmt: skip
    assert [(c["reasons"], c["is_same"]) for c in invest["cells"] if c["unit_code"] == ZONE] == [
        ({"township": 1}, False), ({"declared": 1}, False), ({"outside": 1}, False),
    ]  # fmt: skip


async def test_a_park_astride_two_counties_brings_its_shares_to_the_matrix(database_url: str) -> None:
    name_places(database_url)
    shares = [("跨县园", SOUTH_WEST, SOUTH_WEST, 1.5), ("跨县园", SOUTH_EAST, SOUTH_EAST, 2.25),
              ("开发区园", SOUTH_WEST, ZONE, 4.125)]  # fmt: skip
    ground = shapely.MultiPolygon([shapely.box(120.05, 33.01, 120.15, 33.02)])
    load(
        database_url, "park",
        [{"name": "跨县园", "county_code": SOUTH_EAST, "unit_code": SOUTH_EAST, "geom": ground},
         {"name": "开发区园", "county_code": SOUTH_WEST, "unit_code": ZONE, "geom": ground}],
        shares=pd.DataFrame(shares, columns=list(SHARE_COLUMNS), dtype=object),
    )  # fmt: skip
    async with reader(database_url) as store:
        body = await reconciliation(store, "park", "area_m2", when=DAY)
    assert body["balanced"]
    assert {(c["county_code"], c["unit_code"]): c["value"] for c in body["cells"]} == {
        (SOUTH_WEST, SOUTH_WEST): 1.5, (SOUTH_EAST, SOUTH_EAST): 2.25, (SOUTH_WEST, ZONE): 4.125,
    }  # fmt: skip
    assert [(r["name"], r["value"]) for r in body["rows"]] == [("开发区园", 4.125)]


CODES = st.sampled_from([SOUTH_WEST, SOUTH_EAST, "outside", "unlocated"])
WORLD = st.lists(
    st.tuples(CODES, st.one_of(CODES, st.just(ZONE)), st.one_of(st.none(), st.floats(0, 1e9)), st.booleans()),
    max_size=15,
)  # fmt: skip


@settings(
    max_examples=8,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(world=WORLD, demo=st.booleans())
def test_the_matrix_adds_up_to_both_rollups_and_its_rows_to_its_cells(
    scratch_database: Callable[[], AbstractContextManager[str]], world: list[Any], demo: bool
) -> None:
    rows = [
        {"name": f"项目{i}", "county_code": c, "unit_code": u, "land_mu": mu, "is_demo": is_demo}
        for i, (c, u, mu, is_demo) in enumerate(world)
    ]
    with scratch_database() as url:
        name_places(url)
        load(url, "project", rows)
        asyncio.run(_balance(url, demo))


async def _balance(url: str, demo: bool) -> None:
    async with reader(url) as store:
        for measure in ("n", "sum_land_mu"):
            body = await reconciliation(store, "project", measure, when=DAY, demo=demo)
            assert body["balanced"]
            apart = [c for c in body["cells"] if not c["is_same"]]
            behind = Counter((r["county_code"], r["unit_code"]) for r in body["rows"])
            assert {(c["county_code"], c["unit_code"]): c["n_features"] for c in apart} == dict(behind)
            for cell in apart:
                place = (cell["county_code"], cell["unit_code"])
                found = [r["value"] for r in body["rows"] if (r["county_code"], r["unit_code"]) == place]
                known = [v for v in found if v is not None]
                assert cell["value"] == (pytest.approx(sum(known)) if known else None)
                assert sum(cell["reasons"].values()) == len(found)


async def test_a_thing_that_two_lists_name_counts_once_with_the_lists_shown(database_url: str) -> None:
    name_places(database_url)
    load(database_url, "enterprise", [
        {"name": "盐城（一）厂有限责任公司", "county_code": SOUTH_WEST, "source_name": "高企.xlsx"},
        {"name": "二厂", "county_code": SOUTH_WEST, "source_name": "高企.xlsx"},
        {"name": "三厂", "county_code": SOUTH_EAST, "source_name": "规上.xlsx"},
    ])  # fmt: skip
    load(database_url, "enterprise", [
        {"name": "盐城(一)厂 有限公司", "key": "x", "county_code": SOUTH_EAST, "source_name": "规上.xlsx"},
        {"name": "新三厂", "key": "y", "alias_names": "老三厂；三厂", "county_code": SOUTH_EAST,
         "source_name": "规上.xlsx"},
        {"name": "二厂", "county_code": SOUTH_WEST, "source_name": "规上.xlsx", "batch": "2026"},
    ], present=frozenset({"alias_names"}))  # fmt: skip
    async with reader(database_url) as store:
        body = await overlap(store, "enterprise", when=DAY)
    assert (body["n_records"], body["n_things"], body["n_repeated"], body["n_overlapping"]) == (5, 3, 2, 1)
    assert [(g["name"], g["n"], g["lists"], g["is_split"]) for g in body["groups"]] == [
        ("盐城（一）厂有限责任公司", 2, ["规上.xlsx", "高企.xlsx"], True), ("三厂", 2, ["规上.xlsx"], False),
    ]  # fmt: skip
    assert body["pairs"] == [{"a": "规上.xlsx", "b": "高企.xlsx", "n": 1}]
    assert filled(body["counts"]) == {SOUTH_WEST: 2, SOUTH_EAST: 1}


async def test_a_record_that_a_second_list_changed_is_named_by_both(database_url: str) -> None:
    first = load(database_url, "enterprise", [{"name": "一厂", "source_name": "甲.xlsx"}])
    async with reader(database_url) as store:
        alone = await overlap(store, "enterprise", when=DAY)
        load(database_url, "enterprise", [{"name": "一厂", "energy_tce": 5.0, "source_name": "乙.xlsx"}])
        both = await overlap(store, "enterprise", when=DAY)
        then = When(DAY.as_of, dt.datetime.fromisoformat(alone["known_at"]))
        again = await overlap(store, "enterprise", when=then)
    assert first.loaded == 1
    assert [(b["n_things"], b["n_overlapping"]) for b in (alone, both)] == [(1, 0), (1, 1)]
    assert again == alone


async def test_records_that_change_county_between_generations_are_listed(database_url: str) -> None:
    load(database_url, "boundary", [county(SOUTH_WEST), county(SOUTH_EAST)])
    wide = county(SOUTH_WEST, "b", "2024-01-01", width=0.12)
    load(database_url, "boundary", [wide, county("320904", "b", "2024-01-01")])
    load(database_url, "project", [
        {"name": "留", "geom": shapely.Point(120.05, 33.05)}, {"name": "换", "geom": shapely.Point(120.11, 33.05)},
        {"name": "失", "geom": shapely.Point(120.15, 33.05)}, {"name": "得", "geom": shapely.Point(120.05, 33.15)},
        {"name": "面", "geom": shapely.box(120.0, 33.0, 120.19, 33.01)}, {"name": "无", "geom": None},
        {"name": "散", "geom": shapely.LineString([(120.11, 33.02), (120.111, 33.02)])},
    ])  # fmt: skip
    async with reader(database_url) as store:
        body = await compare_generations(store, "project", "a", "b", when=DAY)
        back = await compare_generations(store, "project", "b", "a", when=DAY)
        same = await compare_generations(store, "project", "a", "a", when=DAY)
        with pytest.raises(NotFoundError, match="现有版本：a、b"):
            await compare_generations(store, "project", "a", "c", when=DAY)
    assert [(r["name"], r["code_a"], r["code_b"]) for r in body["rows"]] == [
        ("换", SOUTH_EAST, SOUTH_WEST), ("失", SOUTH_EAST, "outside"), ("得", "outside", "320904"),
        ("散", SOUTH_EAST, SOUTH_WEST),
    ]  # fmt: skip
    assert (body["n"], body["n_placed"], same["n_moved"], names(back["rows"])) == (7, 6, 0, names(body["rows"]))
    assert sum(c["n_a"] for c in body["counts"]) == sum(c["n_b"] for c in body["counts"]) == 6
    areas = {a["code"]: a for a in body["areas"]}
    assert areas[SOUTH_WEST]["change_m2"] == pytest.approx(0.2 * areas[SOUTH_WEST]["area_a_m2"], rel=1e-6)
    assert (areas[SOUTH_EAST]["area_b_m2"], areas["320904"]["area_a_m2"]) == (0, 0)
    for area in areas.values():
        assert area["kept_m2"] + area["gained_m2"] == pytest.approx(area["area_b_m2"])
        assert area["kept_m2"] + area["lost_m2"] == pytest.approx(area["area_a_m2"])
    assert all(a["change_m2"] == pytest.approx(0, abs=1e-3) for a in same["areas"])
