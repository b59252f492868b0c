"""演示数据: one seed, one world; everything in its place; nothing that could pass for real."""

import datetime as dt
import hashlib
import json
import re
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from etl import demo
from etl.demo_names import FIRST_DAY, LAST_DAY
from etl.demo_world import read_world
from etl.parse_code import parse_credit_code, parse_industry, parse_project_code
from geo.crs import geodesic_area_m2
from layers.registry import catalogue

Frames = dict[str, gpd.GeoDataFrame]


@pytest.fixture(scope="module")
def frames() -> Frames:
    return demo.generate()


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    def digests(folder: str, seed: int) -> dict[str, str]:
        written = demo.write(tmp_path / folder, seed)
        return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for _, p in written}

    first, again, other = digests("a", 7), digests("b", 7), digests("c", 8)
    assert first == again
    assert not set(first.values()) & set(other.values())


def test_the_sizes_asked_for(frames: Frames) -> None:
    sizes = {layer: len(frame) for layer, frame in frames.items()}
    assert sizes.pop("constraint") > 30
    assert sizes == demo.COUNTS
    assert set(frames) | {"infrastructure", "boundary"} <= set(catalogue().layers)


def test_every_record_says_that_it_is_invented_and_has_a_key_of_its_own(frames: Frames) -> None:
    for layer, frame in frames.items():
        assert frame["name"].str.startswith("演示·").all(), layer
        assert frame["is_demo"].all(), layer
        assert frame["key"].is_unique, layer
        assert frame["name"].is_unique, layer


def test_codes_are_valid(frames: Frames) -> None:
    for code in frames["project"]["project_code"]:
        assert parse_project_code(code) == code
    for code in [*frames["enterprise"]["credit_code"], *frames["factory"]["credit_code"]]:
        assert parse_credit_code(code) == code
    for layer in ("project", "enterprise", "factory"):
        assert all(parse_industry(code) == code for code in frames[layer]["industry_code"]), layer
    assert set(frames["platform"]["host_code"]) <= set(frames["enterprise"]["credit_code"])


def test_located_records_lie_in_the_county_they_name(frames: Frames) -> None:
    world = read_world()
    for layer, frame in frames.items():
        for row in frame[frame.geometry.notna() & (frame["county"] != "")].itertuples():
            county = world.counties[row.county]
            if layer == "constraint":
                assert shapely.intersects(county, row.geometry), row.name
            else:
                assert shapely.covers(county, row.geometry), (layer, row.name)


def test_some_are_at_sea_some_have_only_a_town_or_county_some_nothing(frames: Frames) -> None:
    world = read_world()
    projects = frames["project"]
    at_sea = projects[projects.geometry.notna() & (projects["county"] == "")]
    assert len(at_sea) > 3
    assert not any(shapely.intersects(world.land, g) for g in at_sea.geometry)
    for layer in ("project", "enterprise"):
        frame = frames[layer]
        vague = frame[frame["location_accuracy"].isin(["township", "county", "none"])]
        assert vague.geometry.isna().all()
        assert 0.02 < len(vague) / len(frame) < 0.1
        towns = frame[frame["location_accuracy"] == "township"]
        assert all(t in world.townships[c] for c, t in zip(towns["county"], towns["township"], strict=True))


def test_parks_stand_apart_and_hold_their_parcels_and_premises(frames: Frames) -> None:
    parks = frames["park"].set_index("name").geometry
    assert not any(a.intersects(b) for i, a in enumerate(parks) for b in parks[i + 1 :])
    for layer in ("parcel", "premises"):
        for row in frames[layer].itertuples():
            assert shapely.covers(parks[row.park_key], row.geometry), row.name
    parcels = frames["parcel"]
    assert parcels.geometry.is_valid.all()
    stated = parcels["area_mu"] * 2000 / 3
    assert (abs(stated - geodesic_area_m2(parcels.geometry.to_numpy())) < 50).all()
    assert not any(len(group.sindex.query(group.geometry, "overlaps")[0]) for _, group in parcels.groupby("park_key"))


def test_stages_come_in_order_within_the_three_years(frames: Frames) -> None:
    order = ["储备", "签约", "开工", "竣工", "达产", "达效"]
    stalled = 0
    for row in frames["project"].itertuples():
        assert 3e7 <= row.invest_cny <= 1.2e10
        kinds, days = [e[0] for e in row.events], [e[2] for e in row.events]
        assert days == sorted(days)
        assert kinds == sorted(kinds, key=order.index)
        assert FIRST_DAY <= days[0] <= days[-1] <= LAST_DAY
        assert row.stage == kinds[-1]
        stalled += kinds[-1] == "签约" and (LAST_DAY - days[-1]).days > 365
    assert stalled > 30
    reached = {e[0] for events in frames["project"]["events"] for e in events}
    assert reached == set(order)


def test_cumulative_investment_begins_at_the_start_and_never_falls(frames: Frames) -> None:
    with_figures = 0
    for row in frames["project"].itertuples():
        started = [e[2] for e in row.events if e[0] == "开工"]
        if not started:
            assert row.figures == []
            continue
        values, ends = [f[2] for f in row.figures], [f[1] for f in row.figures]
        assert values == sorted(values)
        assert all(end >= started[0] and (end + dt.timedelta(days=1)).day == 1 for end in ends)
        assert not values or values[-1] <= 1.02 * row.invest_cny + 10_000
        with_figures += len(values) > 0
    assert with_figures > 500


def test_recognitions_come_in_batches_and_rise(frames: Frames) -> None:
    smart = catalogue().vocabularies["smart_level"].terms
    rose = 0
    for row in frames["factory"].itertuples():
        levels = [smart.index(e[1]) for e in row.events if e[0] == "智能工厂"]
        assert levels == sorted(set(levels))
        rose += len(levels) > 1
        assert row.smart_level == (smart[levels[-1]] if levels else "")
    assert rose > 50
    days = {e[2] for events in frames["factory"]["events"] for e in events}
    assert len(days) <= 6


def test_every_value_is_a_term_of_its_vocabulary(frames: Frames) -> None:
    cat = catalogue()
    for layer_id, frame in frames.items():
        for field in cat.layer(layer_id).fields:
            if field.is_categorical and field.id in frame:
                cells = frame[field.id].dropna()
                used = {term for cell in cells for term in (cell if isinstance(cell, list) else [cell])}
                assert used - {""} <= set(cat.terms(field)), (layer_id, field.id)


def test_the_files_hold_every_event_once_under_titles_of_the_catalogue(frames: Frames, tmp_path: Path) -> None:
    common = {"名称", "所属县区", "所属板块", "乡镇", "地址", "位置精度", "数据日期", "演示数据", "events"}
    dated: dict[str, int] = dict.fromkeys(frames, 0)
    for layer_id, path in demo.write(tmp_path):
        layer = catalogue().layer(layer_id)
        titles = {a for f in layer.fields for a in (f.title, *f.aliases)}
        dates = {a for g in layer.events for aliases in g.date_aliases.values() for a in aliases}
        ends = {a for g in layer.events for aliases in g.end_aliases.values() for a in aliases}
        series = {s.title for s in layer.figures}
        for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
            for column in feature["properties"]:
                bare = re.sub(r"（[^（）]*）$", "", column)
                known = bare in titles | dates | ends | common or column in titles
                assert known or re.sub(r"^\d{4}年\d{1,2}月", "", bare) in series, column
                dated[layer_id] += column in dates
            dated[layer_id] += len(json.loads(feature["properties"].get("events", "[]")))
    assert dated == {layer: int(frame["events"].map(len).sum()) for layer, frame in frames.items()}
