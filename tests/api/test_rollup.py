"""Law 1 and what a rollup says: exact sums, both axes, zero and no data apart."""

import asyncio
import datetime as dt
import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.errors import InputError, NotFoundError
from layers.registry import catalogue
from layers.settings import ROOT
from layers.store.db import role_dsn
from layers.store.places import seed_places
from layers.store.reader import Reader
from tests import support
from tests.api import world

CAT = catalogue()
PLACES = (*world.COUNTIES, "outside", "unlocated")
UNITS = (*world.COUNTIES, "320971", "3209YN", "outside", "unlocated")
AXES = ("county", "unit", "township")


def summed(body: dict[str, Any]) -> Decimal:
    values = [r["value"] for r in body["rows"]] + [body["outside"], body["unlocated"]]
    return sum((Decimal(str(v)) for v in values if v is not None), Decimal(0))


def exact(value: float | int | None) -> Decimal:
    return Decimal(0) if value is None else Decimal(str(value))


RECORD = st.fixed_dictionaries(
    {
        "county": st.sampled_from(PLACES),
        "unit": st.sampled_from(UNITS),
        "township": st.sampled_from(["320902001", "320903100", "outside", "unlocated"]),
        "demo": st.booleans(),
        "invest_cny": st.one_of(st.none(), st.integers(0, 2**53)),
        "land_mu": st.one_of(st.none(), st.floats(0, 1e6, allow_nan=False, width=32)),
        "kind": st.sampled_from([None, "新建", "技术改造"]),
        "is_industrial": st.sampled_from([None, True, False]),
        "shares": st.dictionaries(st.sampled_from(PLACES[:-1]), st.floats(0.01, 1e8), max_size=3),
    }
)
FILTERS = st.sampled_from(["", "kind = '新建'", "invest_cny > 5 OR land_mu IS NULL", "NOT is_demo AND is_industrial"])


@pytest.fixture(scope="module")
def small_world(scratch_database: Callable[[], AbstractContextManager[str]]) -> Iterator[str]:
    with scratch_database() as url:
        seed_places(role_dsn(url, "yuantu_writer", support.SECRET_KEY), ROOT / "data" / "shapefiles")
        yield url


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records=st.lists(RECORD, max_size=14), text=FILTERS, demo=st.booleans())
def test_parts_add_up_to_the_total_on_every_axis(
    small_world: str, records: list[dict[str, Any]], text: str, demo: bool
) -> None:
    rows = [
        world.row(
            "project", f"K{i}", county=r["county"], unit=r["unit"], township=r["township"], demo=r["demo"],
            geom=world.square(120, 33), project_code=f"K{i}", invest_cny=r["invest_cny"], land_mu=r["land_mu"],
            kind=r["kind"], is_industrial=r["is_industrial"],
        )
        for i, r in enumerate(records)
    ]  # fmt: skip
    shares = [(f"K{i}", c, c, area) for i, r in enumerate(records) for c, area in r["shares"].items()]
    if not rows:
        rows = [world.row("project", "K0", county="320902", project_code="K0", demo=True)]
    writer = role_dsn(small_world, "yuantu_writer", support.SECRET_KEY)
    world.load(writer, "project", rows, shares=shares, mode="replace")
    asyncio.run(_check_sums(small_world, text, demo))


async def _check_sums(url: str, text: str, demo: bool) -> None:
    async with Reader(role_dsn(url, "yuantu_reader", support.SECRET_KEY), CAT) as reader:
        for axis, measure in itertools.product(AXES, ("n", "sum_invest_cny", "sum_land_mu")):
            # the first may come from the stored rollup; a filter that keeps everything never does
            stored = await reader.rollup("project", [axis], measure, "", None, demo)
            read = await reader.rollup("project", [axis], measure, "id > 0", None, demo)
            assert stored == read | {"filter": ""}
        rows = (await reader.rows("project", text, None, demo, limit=1000))["rows"]
        for measure in ("n", "sum_invest_cny", "sum_land_mu", "area_m2"):
            bodies = [
                await reader.rollup("project", by.split(","), measure, text, None, demo)
                for by in (*AXES, "kind", "is_industrial", "county,kind", "kind,unit", "county,unit")
            ]
            assert len({b["total"] for b in bodies}) == 1
            for body in bodies:
                assert body["partition"]
                assert abs(summed(body) - exact(body["total"])) <= abs(exact(body["total"])) * Decimal("1e-12")
            if measure in ("n", "sum_invest_cny"):
                assert all(summed(b) == exact(b["total"]) for b in bodies)
        assert (await reader.rollup("project", ["unit"], "n", text, None, demo))["total"] == len(rows)
        wanted = sum(r["invest_cny"] or 0 for r in rows)
        assert exact((await reader.rollup("project", ["unit"], "sum_invest_cny", text, None, demo))["total"]) == wanted
        for cell in (await reader.rollup("project", ["county", "kind"], "n", text, None, demo))["rows"]:
            behind = [r for r in rows if (r["county_code"], r["kind"] or "") == (cell["code"], cell["code2"])]
            assert cell["value"] == len(behind)


async def test_every_layer_adds_up_on_both_axes(reader: Reader) -> None:
    for layer in CAT.layers.values():
        totals = set()
        for by in AXES:
            body = await reader.rollup(layer.id, [by])
            assert summed(body) == body["total"]
            totals.add(body["total"])
        assert len(totals) == 1


async def test_all_counties_and_units_are_listed_even_at_zero(reader: Reader) -> None:
    body = await reader.rollup("parcel", ["county"])
    assert [r["code"] for r in body["rows"]] == list(world.COUNTIES)
    assert {r["value"] for r in body["rows"]} == {0}
    units = await reader.rollup("parcel", ["unit"], "sum_area_mu")
    assert [r["code"] for r in units["rows"]] == [*world.COUNTIES, "320971", "3209YN"]
    assert units["total"] == 0


async def test_nothing_known_is_null_and_not_zero(reader: Reader) -> None:
    body = await reader.rollup("park", ["county"], "sum_built_mu")
    by_code = {r["code"]: r for r in body["rows"]}
    assert by_code["320904"] | {"name": ""} == {
        "code": "320904", "name": "", "value": None, "n_features": 1, "n_missing": 1,
    }  # fmt: skip
    assert by_code["320902"]["value"] == 0
    assert body["total"] is None


async def test_area_is_split_by_share_and_the_rest_is_outside(reader: Reader) -> None:
    body = await reader.rollup("park", ["county"], "area_m2")
    values = {r["code"]: r["value"] for r in body["rows"] if r["value"]}
    assert values == {"320904": 1_500_000.25, "320921": 2_000_000.5, "320922": 500_000.125}
    assert (body["outside"], body["total"]) == (250_000.0, 4_250_000.875)
    township = await reader.rollup("park", ["township"], "area_m2")
    assert township["total"] == body["total"]


async def test_means_and_ratios_come_from_the_records(reader: Reader) -> None:
    rows = (await reader.rows("project", limit=1000))["rows"]
    known = [r["invest_cny"] for r in rows if r["invest_cny"] is not None]
    mean = await reader.rollup("project", ["county"], "mean_invest_cny")
    assert mean["total"] == pytest.approx(sum(known) / len(known))
    both = [r for r in rows if r["invest_cny"] is not None and r["land_mu"] is not None]
    ratio = await reader.rollup("project", ["county"], "invest_cny_per_mu")
    assert ratio["total"] == pytest.approx(sum(r["invest_cny"] for r in both) / sum(r["land_mu"] for r in both))
    middle = sorted(known)
    median = await reader.rollup("project", ["county"], "median_invest_cny")
    half = len(middle) // 2
    assert median["total"] == (middle[half] if len(middle) % 2 else (middle[half - 1] + middle[half]) / 2)
    assert not mean["extensive"]


async def test_lists_and_parks_say_that_they_are_no_partition(reader: Reader) -> None:
    lists = await reader.rollup("park", ["industries"])
    assert not lists["partition"]
    assert {r["code"]: r["value"] for r in lists["rows"] if r["value"]} == {"汽车": 1, "新能源": 1, "": 2}
    assert lists["total"] == 3
    parks = await reader.rollup("infrastructure", ["park"])
    assert not parks["partition"]
    assert [(r["name"], r["value"]) for r in parks["rows"]] == [("大丰港经济区", 1)]
    assert parks["outside"] == 1


async def test_a_field_lists_its_vocabulary_in_order_and_the_unfilled_last(reader: Reader) -> None:
    body = await reader.rollup("project", ["kind"])
    assert [r["code"] for r in body["rows"]] == [*CAT.vocabularies["project_kind"].terms, ""]
    assert body["rows"][-1]["name"] == "未填写"
    assert (body["outside"], body["unlocated"]) == (0, 0)


@pytest.mark.parametrize(
    "by", [["nosuch"], ["leader"], [""], ["county", "county"], ["county", "unit", "kind"], ["invest_cny"]]
)
async def test_an_unknown_or_hidden_axis_is_refused(reader: Reader, by: list[str]) -> None:
    with pytest.raises(InputError):
        await reader.rollup("project", by)


async def test_hidden_measures_and_layers_are_refused_like_unknown_ones(reader: Reader) -> None:
    texts = []
    for name in ("sum_grid_capacity_mva", "sum_nosuch"):
        with pytest.raises(InputError) as caught:
            await reader.rollup("infrastructure", ["county"], name)
        texts.append(str(caught.value).replace(name, "?"))
    assert texts[0] == texts[1]
    assert "grid_capacity" not in texts[0]
    allowed = await reader.rollup("infrastructure", ["county"], "sum_grid_capacity_mva", internal=True)
    assert allowed["total"] == 100.0
    with pytest.raises(NotFoundError):
        await reader.rollup("nosuch")


async def test_demo_rows_vanish_with_one_switch(reader: Reader) -> None:
    shown, hidden = await reader.rollup("project"), await reader.rollup("project", demo=False)
    assert shown["n_demo"] == shown["total"] - hidden["total"] == 9
    assert hidden["n_demo"] == 0
    layers = {x["id"]: x for x in await reader.layers(demo=False)}
    assert (layers["project"]["n"], layers["project"]["n_demo"]) == (hidden["total"], 9)


async def test_counts_are_their_own_drill_through(reader: Reader) -> None:
    for axis, column in (("county", "county_code"), ("unit", "unit_code"), ("stage", "stage")):
        body = await reader.rollup("project", [axis], filter="invest_cny >= 100000000")
        for row in body["rows"]:
            test = f"{column} = '{row['code']}'" if row["code"] else f"{column} IS NULL"
            found = await reader.rows("project", f"invest_cny >= 100000000 AND {test}", limit=500)
            assert found["total"] == len(found["rows"]) == row["value"]
            assert all(r["source_name"] and r["source_row"] for r in found["rows"])


async def test_the_days_events_decide_the_stage(reader: Reader) -> None:
    from layers.store.reader import parse_when

    early = await reader.rollup("project", ["stage"], when=parse_when("2023-06-30", None))
    late = await reader.rollup("project", ["stage"], when=parse_when("2026-06-30", None))
    assert {r["code"]: r["value"] for r in early["rows"] if r["value"] and r["code"]} == {"储备": 51}
    assert {r["code"]: r["value"] for r in late["rows"] if r["code"]} == {
        "储备": 9, "签约": 9, "开工": 9, "竣工": 8, "达产": 8, "达效": 8,
    }  # fmt: skip


async def test_what_was_known_then_stays(reader: Reader, writer: str) -> None:
    from layers.store.reader import parse_when

    before = await reader.rollup("platform")
    first = world.load(writer, "platform", [world.row("platform", "甲", county="320902")])
    at = (await reader.runs(run=first.run_id))[0]["recorded_at"]
    world.load(writer, "platform", [world.row("platform", "甲", county="320903"), world.row("platform", "乙")])
    now = await reader.rollup("platform")
    then = await reader.rollup("platform", when=parse_when(None, at))
    assert (before["total"], now["total"], then["total"]) == (0, 2, 1)
    assert [r["code"] for r in then["rows"] if r["value"]] == ["320902"]
    assert [r["code"] for r in now["rows"] if r["value"]] == ["320903"]
    assert then["known_at"] == dt.datetime.fromisoformat(at).isoformat()
    old = await reader.rollup("platform", when=parse_when(None, "2020-01-01"))
    assert old["total"] == 0


async def test_a_histogram_counts_every_record_once(reader: Reader) -> None:
    found = await reader.histogram("project", "invest_cny", bins=7)
    assert sum(found["counts"]) + found["n_missing"] == 60
    assert len(found["edges"]) == len(found["counts"]) + 1
    empty = await reader.histogram("project", "invest_cny", "invest_cny < 0")
    assert empty["counts"] == []
    one = await reader.histogram("project", "invest_cny", "project_code = 'P0003'")
    assert one["counts"] == [1]
