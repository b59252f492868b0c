"""Every kind of measure, each against a world a reader can do by hand, and the laws over generated ones."""

import asyncio
import datetime as dt
import itertools
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.errors import InputError
from layers.registry import catalogue
from layers.settings import ROOT
from layers.store.dates import parse_when
from layers.store.db import role_dsn
from layers.store.places import seed_places
from layers.store.reader import Reader
from tests import support
from tests.api import world

CAT = catalogue()
STAGES = ("储备", "签约", "开工", "竣工", "达产", "达效")
YI = 100_000_000
DAY = dt.date(2026, 6, 30)


@pytest.fixture(scope="module")
def toy(scratch_database: Callable[[], AbstractContextManager[str]]) -> Iterator[str]:
    """Three projects in two counties, two parks side by side, a parcel astride them."""
    with scratch_database() as url:
        writer = role_dsn(url, "yuantu_writer", support.SECRET_KEY)
        seed_places(writer, ROOT / "data" / "shapefiles")
        world.boundaries(writer)
        rows = [
            world.row("project", k, county=c, project_code=k, invest_cny=v * YI, land_mu=m)
            for k, c, v, m in (("a", "320902", 2, 10.0), ("b", "320902", 4, 30.0), ("c", "320903", 8, 40.0))
        ]
        events = [
            ("a", "签约", "", dt.date(2025, 3, 1), None), ("a", "开工", "", dt.date(2026, 2, 1), None),
            ("b", "签约", "", dt.date(2026, 1, 1), None), ("b", "开工", "", dt.date(2026, 6, 30), None),
            ("b", "竣工", "", dt.date(2026, 7, 1), None), ("c", "签约", "", dt.date(2025, 12, 31), None),
        ]  # fmt: skip
        figures = [
            ("a", "invest_done_cny", dt.date(2026, 5, 31), 1.0 * YI), ("a", "invest_done_cny", DAY, 1.5 * YI),
            ("a", "invest_done_cny", dt.date(2026, 7, 31), 1.75 * YI),
            ("c", "invest_done_cny", dt.date(2025, 12, 31), 2.0 * YI),
        ]  # fmt: skip
        world.load(writer, "project", rows, events=events, figures=figures)
        lon, lat = world.CENTRES["320904"]
        shapes = [shapely.box(lon - 0.02, lat, lon, lat + 0.01), shapely.box(lon, lat, lon + 0.02, lat + 0.01)]
        parks = [
            world.row("park", f"园{i}", name=f"园{i}", county="320904", geom=shapely.multipolygons([s]), built_mu=100.0)
            for i, s in enumerate(shapes)
        ]
        shares = [("园0", "320904", "320904", 3e6), ("园1", "320904", "320904", 1e6)]
        series = [("园0", "tax_cny", dt.date(2025, 12, 31), 5e6), ("园1", "tax_cny", dt.date(2025, 12, 31), 1e6)]
        world.load(writer, "park", parks, shares=shares, figures=series)
        # three quarters in the first park, one quarter in the second
        parcel = shapely.box(lon - 0.003, lat + 0.001, lon + 0.001, lat + 0.002)
        outside = shapely.box(lon - 0.003, lat + 0.05, lon + 0.001, lat + 0.051)
        world.load(
            writer, "parcel",
            [world.row("parcel", "地1", county="320904", geom=parcel, area_mu=40.0),
             world.row("parcel", "地2", county="320904", geom=outside, area_mu=7.0)],
        )  # fmt: skip
        yield url


@pytest.fixture
async def reader(toy: str) -> AsyncIterator[Reader]:
    async with Reader(role_dsn(toy, "yuantu_reader", support.SECRET_KEY), CAT) as made:
        yield made


async def by_county(reader: Reader, layer: str, measure: str, day: dt.date = DAY, **more: Any) -> dict[str, Any]:
    body = await reader.rollup(layer, ["county"], measure, when=parse_when(day.isoformat(), None), **more)
    return {r["code"]: r["value"] for r in body["rows"] if r["n_features"]} | {"total": body["total"]}


async def test_events_of_the_year_and_the_stock_of_a_day(reader: Reader) -> None:
    assert await by_county(reader, "project", "signed") == {"320902": 1, "total": 1}
    assert await by_county(reader, "project", "events:开工") == {"320902": 2, "total": 2}
    before = await by_county(reader, "project", "events:开工", dt.date(2026, 6, 29))
    assert before == {"320902": 1, "total": 1}
    assert await by_county(reader, "project", "stock:签约") == {"320902": 2, "320903": 1, "total": 3}
    assert await by_county(reader, "project", "events:签约", since=dt.date(2025, 12, 31)) == {
        "320902": 1, "320903": 1, "total": 2,
    }  # fmt: skip
    assert (await by_county(reader, "project", "completed"))["total"] == 0


async def test_the_rows_of_a_measure_of_events_are_those_it_counts(reader: Reader) -> None:
    when = parse_when(DAY.isoformat(), None)
    for measure in ("signed", "events:开工", "stock:签约", "stock:竣工", "conversion:签约:开工"):
        body = await reader.rollup("project", ["county"], measure, when=when)
        for row in body["rows"]:
            held = await reader.rows("project", f"county_code = '{row['code']}'", when, measure=measure)
            assert held["total"] == row["n_features"]


async def test_conversion_is_of_those_who_reached_the_first(reader: Reader) -> None:
    found = await by_county(reader, "project", "conversion:签约:开工")
    assert found == {"320902": 100.0, "320903": 0.0, "total": pytest.approx(200 / 3)}
    assert (await by_county(reader, "project", "conversion:开工:竣工"))["total"] == 0.0
    assert (await by_county(reader, "project", "conversion:达产:达效"))["total"] is None


async def test_a_figure_counts_with_its_latest_value(reader: Reader) -> None:
    found = await by_county(reader, "project", "sum_invest_done_cny")
    assert found == {"320902": 1.5 * YI, "320903": 2.0 * YI, "total": 3.5 * YI}
    assert await by_county(reader, "project", "done_pct") == {"320902": 75.0, "320903": 25.0, "total": 35.0}
    assert (await by_county(reader, "park", "tax_cny_per_mu"))["total"] == 6e6 / 200


async def test_any_number_has_a_mean_a_median_and_ends(reader: Reader) -> None:
    for measure, value in (
        ("mean_land_mu", 80 / 3),
        ("median_land_mu", 30.0),
        ("min_land_mu", 10.0),
        ("max_invest_cny", 8 * YI),
    ):
        assert (await by_county(reader, "project", measure))["total"] == pytest.approx(value)


async def test_density_is_per_area_of_the_county(reader: Reader) -> None:
    areas = {f["id"] for f in json.loads(await reader.areas())["features"]}
    body = await reader.rollup("project", ["county"], "n_per_km2")
    rows = {r["code"]: r["value"] for r in body["rows"]}
    counts = {r["code"]: r["value"] for r in (await reader.rollup("project"))["rows"]}
    assert set(rows) == areas
    assert rows["320902"] / rows["320903"] == pytest.approx(counts["320902"] / counts["320903"], rel=0.01)
    # a square of 0.2° at 33.4° N is 22.18 km by 18.60 km
    assert rows["320902"] == pytest.approx(2 / (22.18 * 18.60), rel=0.002)
    share = await reader.rollup("park", ["county"], "area_pct")
    assert {r["code"]: r["value"] for r in share["rows"]}["320904"] == pytest.approx(
        100 * 4 / (22.18 * 18.64), rel=0.002
    )
    assert body["total"] == pytest.approx(3 / sum(2 / rows["320902"] for _ in range(9)), rel=0.02)
    none = await reader.rollup("project", ["unit"], "n_per_km2")
    assert none["note"]
    assert {r["value"] for r in none["rows"]} == {None}


async def test_a_parcel_astride_two_parks_is_split_by_area(reader: Reader) -> None:
    body = await reader.rollup("parcel", ["park"], "sum_area_mu")
    assert {r["name"]: r["value"] for r in body["rows"]} == {"园0": pytest.approx(30.0), "园1": pytest.approx(10.0)}
    assert (body["outside"], body["total"], body["partition"]) == (7.0, 47.0, False)
    counts = await reader.rollup("parcel", ["park", "land_use"])
    assert [r["value"] for r in counts["rows"] if r["value"]] == [1, 1]


async def test_change_between_two_days(reader: Reader) -> None:
    when = parse_when("2026-06-30", None)
    body = await reader.rollup(
        "project", ["county"], "sum_invest_done_cny", when=when, compare_to=dt.date(2026, 5, 31)
    )  # fmt: skip
    row = next(r for r in body["rows"] if r["code"] == "320902")
    assert (row["before"], row["change"]) == (1.0 * YI, 0.5 * YI)
    assert (body["total_before"], body["total_change"], body["compare_to"]) == (3.0 * YI, 0.5 * YI, "2026-05-31")
    stages = await reader.rollup(
        "project", ["stage"], when=parse_when("2026-06-30", None), compare_to=dt.date(2025, 12, 31)
    )
    assert {r["code"]: r["change"] for r in stages["rows"] if r["change"]} == {"签约": -1, "开工": 2}


async def test_many_days_in_one_reading_are_each_days_own(reader: Reader) -> None:
    days = [
        dt.date(2025, 12, 30),
        dt.date(2025, 12, 31),
        dt.date(2026, 6, 30),
        dt.date(2026, 7, 31),
        dt.date(2050, 12, 31),
    ]
    for measure in ("n", "sum_invest_cny", "events:开工", "sum_invest_done_cny", "conversion:签约:开工", "n_per_km2"):
        together = await reader.rollup_days("project", days, ["county"], measure)
        for day, body in zip(days, together, strict=True):
            alone = await reader.rollup("project", ["county"], measure, when=parse_when(day.isoformat(), None))
            assert body | {"note": ""} == alone | {"note": ""}


@pytest.mark.parametrize("measure", [
    "events:nosuch", "events", "stock:储备:国家级", "conversion:开工:签约", "conversion:签约", "mean_name",
    "mean_leader", "sum_nosuch_per_km2", "area_pct_per_km2", "events:签约:x:y", "", ":", "n_per_km2:签约",
])  # fmt: skip
async def test_a_measure_that_means_nothing_is_refused(reader: Reader, measure: str) -> None:
    with pytest.raises(InputError, match="没有指标"):
        await reader.rollup("project", ["county"], measure)


PLACES = (*world.COUNTIES, "outside", "unlocated")
DAYS = st.dates(dt.date(2024, 1, 1), dt.date(2027, 1, 1))
EXAMPLE = itertools.count()
RECORD = st.fixed_dictionaries(
    {
        "county": st.sampled_from(PLACES),
        "unit": st.sampled_from((*PLACES, "320971", "3209YN")),
        "invest_cny": st.one_of(st.none(), st.integers(0, 2**50)),
        "events": st.dictionaries(
            st.sampled_from(STAGES), st.dates(dt.date(2024, 1, 1), dt.date(2026, 12, 31)), max_size=4
        ),
    }
)


@pytest.fixture(scope="module")
def generated(scratch_database: Callable[[], AbstractContextManager[str]]) -> Iterator[str]:
    with scratch_database() as url:
        seed_places(role_dsn(url, "yuantu_writer", support.SECRET_KEY), ROOT / "data" / "shapefiles")
        yield url


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records=st.lists(RECORD, min_size=1, max_size=12), day=DAYS)
def test_law_1_for_measures_of_events(generated: str, records: list[dict[str, Any]], day: dt.date) -> None:
    keys = [f"{next(EXAMPLE)}" for _ in records]  # a key that ever was keeps its events
    rows = [
        world.row("project", key, county=r["county"], unit=r["unit"], project_code=key, invest_cny=r["invest_cny"])
        for key, r in zip(keys, records, strict=True)
    ]
    events = [(keys[i], kind, "", at, None) for i, r in enumerate(records) for kind, at in r["events"].items()]
    world.load(role_dsn(generated, "yuantu_writer", support.SECRET_KEY), "project", rows, events=events, mode="replace")
    asyncio.run(_check_law(generated, records, day))


async def _check_law(url: str, records: list[dict[str, Any]], day: dt.date) -> None:
    begin = day.replace(month=1, day=1)
    there = [r for r in records if not r["events"] or min(r["events"].values()) <= day]
    async with Reader(role_dsn(url, "yuantu_reader", support.SECRET_KEY), CAT) as reader:
        when = parse_when(day.isoformat(), None)
        for kind in ("签约", "开工"):
            happened = [r["events"][kind] for r in there if kind in r["events"]]
            wanted = {"events": sum(begin <= d <= day for d in happened), "stock": sum(d <= day for d in happened)}
            for form, n in wanted.items():
                for axis in ("county", "unit", "township", "kind"):
                    body = await reader.rollup("project", [axis], f"{form}:{kind}", when=when)
                    assert sum(r["value"] for r in body["rows"]) + body["outside"] + body["unlocated"] == n
                    assert body["total"] == n
