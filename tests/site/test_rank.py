"""A brief answered over a database: figures by hand, limits in words, demo rows said, the same twice."""

import asyncio
import copy
import itertools
import json
from typing import Any

import numpy as np
import psycopg2
import pytest
import shapely

from geo.criteria_limits import intersecting
from geo.errors import InputError, NotFoundError
from layers.settings import ROOT
from layers.site import parse_profile
from layers.site_answer import answer_rank, answer_routes, answer_weights, list_criteria
from layers.site_cell import explain_cell
from layers.site_surface import answer_surface
from layers.site_words import percent
from layers.store.reader import Reader
from tests.site.conftest import PARCELS

DATA = ROOT / "data" / "shapefiles"


async def ask(reader: Reader, brief: dict[str, Any], **more: Any) -> dict[str, Any]:
    return await answer_rank(reader, parse_profile(brief), data_dir=DATA, **more)


def names(body: dict[str, Any]) -> list[str]:
    return [r["name"].removeprefix("地块") for r in body["ranked"]]


async def test_scores_are_what_a_hand_computes(reader, brief):
    body = await ask(reader, brief)
    # 0.6 × (30 − price) / 20 + 0.4 × power / 20
    by_hand = {"甲": 0.5, "乙": 0.61, "丙": 0.52, "丁": 0.44, "己": 0.84}
    assert {r["name"].removeprefix("地块"): r["score"] for r in body["ranked"]} == pytest.approx(by_hand)
    assert names(body) == ["己", "乙", "丙", "甲", "丁"]
    assert [r["rank"] for r in body["ranked"]] == [1, 2, 3, 4, 5]
    first = body["ranked"][0]
    assert first["contributions"] == pytest.approx({"price_wan": 0.6, "power_mva": 0.24})
    assert first["values"] == pytest.approx({"price_wan": 10.0, "power_mva": 12.0})
    assert first["utilities"] == pytest.approx({"price_wan": 1.0, "power_mva": 0.6})
    assert sum(r["p_first"] for r in body["ranked"]) == pytest.approx(1)
    assert all(0 <= r["score_low"] <= r["score_high"] <= 1 for r in body["ranked"])
    # 戊 has no price, 无 has neither: left out by the stated policy
    assert {e["name"]: e["rule"] for e in body["excluded"]} == {
        "地块戊": "missing:price_wan",
        "地块无": "missing:price_wan",
    }
    assert body["n"] == 7
    assert body["criteria"][0]["weight"] == pytest.approx(0.6)
    assert sum(body["criteria"][0]["histogram"]["counts"]) == 5


async def test_the_other_policies_keep_the_sites(reader, brief):
    worst = await ask(reader, brief | {"missing": "worst"})
    assert {r["name"]: r["score"] for r in worst["ranked"]}["地块戊"] == pytest.approx(0.4 * 6.3 / 20)
    middle = await ask(reader, brief | {"missing": "median"})
    found = {r["name"]: r for r in middle["ranked"]}
    assert found["地块戊"]["score"] == pytest.approx(
        0.6 * 0.6 + 0.4 * 6.3 / 20
    )  # the median price value of five is 0.6
    assert found["地块无"]["missing"] == ["price_wan", "power_mva"]
    assert middle["excluded"] == []


async def test_the_same_seed_gives_the_same_table_and_another_does_not_change_the_scores(reader, brief):
    a, b = await ask(reader, brief), await ask(reader, copy.deepcopy(brief))
    assert a == b
    other = await ask(reader, brief | {"seed": 9})
    assert [r["score"] for r in other["ranked"]] == [r["score"] for r in a["ranked"]]
    assert other["profile_sha256"] != a["profile_sha256"]


async def test_weights_move_the_ranking_and_their_scale_does_not(reader, brief):
    power = copy.deepcopy(brief)
    power["criteria"][0]["weight"], power["criteria"][1]["weight"] = 5, 95
    assert names(await ask(reader, power))[0] == "丙"
    scaled = copy.deepcopy(brief)
    for criterion in scaled["criteria"]:
        criterion["weight"] *= 0.37
    assert names(await ask(reader, scaled)) == names(await ask(reader, brief))


async def test_what_would_dethrone_the_winner_does(reader, brief):
    body = await ask(reader, brief)
    shift = body["dethrone"][0]
    moved = copy.deepcopy(brief)
    share = shift["share"] + (0.001 if shift["share"] > shift["share_now"] else -0.001)
    for criterion in moved["criteria"]:
        criterion["weight"] = share if criterion["id"] == shift["id"] else 1 - share
    again = await ask(reader, moved)
    assert again["ranked"][0]["id"] == shift["winner_id"]
    assert shift["title"] in body["sentence"]
    assert body["leave_one_out"][0]["rank_of_winner"] == 2  # without price the strongest power leads


async def test_demo_rows_are_marked_said_and_switched_off(reader, brief):
    shown = await ask(reader, brief)
    assert [r["is_demo"] for r in shown["ranked"]] == [True, False, False, False, False]
    assert "演示数据" in shown["sentence"]
    assert shown["is_demo"]
    assert any("演示数据" in note for note in shown["notes"])
    real = await ask(reader, brief, demo=False)
    assert names(real) == ["乙", "丙", "甲", "丁"]
    assert "演示数据" not in str(real)
    assert not real["is_demo"]


async def test_both_methods_stand_side_by_side(reader, brief):
    sums, ideal = await ask(reader, brief), await ask(reader, brief | {"method": "topsis"})
    wsm = {r["id"]: r["score"] for r in sums["ranked"]}
    assert {r["id"]: r["other"]["score"] for r in ideal["ranked"]} == pytest.approx(wsm)
    assert {r["id"]: r["other"]["rank"] for r in sums["ranked"]} == {r["id"]: r["rank"] for r in ideal["ranked"]}


async def test_every_exclusion_says_rule_found_limit_and_the_nearest_change(reader, brief):
    body = await ask(reader, brief | {"limits": [
        {"id": "area_mu", "op": ">=", "value": 100}, {"id": "power_mva", "op": ">=", "value": 10},
        {"id": "industries", "op": "in", "value": ["汽车", "新能源"]},
        {"id": "ready_date", "op": "<=", "value": "2027-06-30"},
    ]})  # fmt: skip
    assert names(body) == ["甲"]
    assert body["sentence"].startswith("只有地块甲一处")
    out = {e["name"].removeprefix("地块"): e for e in body["excluded"]}
    assert (out["乙"]["rule"], out["乙"]["found"], out["乙"]["limit"], out["乙"]["short"]) == (
        "area_mu",
        80.0,
        100,
        20.0,
    )
    assert [f["rule"] for f in out["乙"]["fails"]] == ["area_mu", "power_mva"]
    assert out["丙"]["rule"] == "ready_date"
    assert out["丙"]["change"] == "把“可交付日期”改为不超过 2027-12-31即可入选。"
    assert out["己"]["text"] == "准入产业属于汽车、新能源：没有资料"
    assert [lim["n_excluded"] for lim in body["limits"]] == [3, 4, 3, 2]
    # what the change says does admit the site
    wider = await ask(reader, brief | {"limits": [{"id": "ready_date", "op": "<=", "value": "2027-12-31"}]})
    assert "丙" in names(wider)


async def test_a_contradictory_brief_names_the_limit_that_empties_the_list(reader, brief):
    body = await ask(reader, brief | {"limits": [
        {"id": "area_mu", "op": ">=", "value": 190}, {"id": "price_wan", "op": "<=", "value": 20},
    ]})  # fmt: skip
    assert body["ranked"] == []
    assert body["emptied"]["id"] == "price_wan"
    assert body["emptied"]["best_id"] == "area_mu"
    assert body["emptied"]["best_admits"] == 4
    assert "地价" in body["sentence"]
    alone = await ask(reader, brief | {"limits": [{"id": "area_mu", "op": ">=", "value": 9999}]})
    assert alone["emptied"]["alone"]
    assert "单凭这一条" in alone["sentence"]


async def test_areas_to_keep_out_of_and_to_stay_in(reader, brief):
    out = {"id": "constraint", "op": "outside", "value": ["永久基本农田", "生态保护红线", "世界自然遗产"]}
    body = await ask(reader, brief | {"limits": [out], "missing": "worst"})
    found = {e["name"].removeprefix("地块"): e for e in body["excluded"]}
    assert set(found) == {"乙", "丙", "无"}  # 乙 only touches an edge: that is intersecting
    assert found["乙"]["short"] == 0.0
    assert found["丙"]["short"] == pytest.approx(50, abs=0.5)
    assert found["丙"]["found"] == "半压红线"
    assert any("无图遗产没有图形" in note for note in body["notes"])
    inside = {"id": "constraint", "op": "inside", "value": "城镇开发边界"}
    body = await ask(reader, brief | {"limits": [inside], "missing": "worst"})
    assert {e["name"].removeprefix("地块"): e["found"] for e in body["excluded"]} == {
        "丙": "全部在外", "己": "全部在外", "无": None,
    }  # fmt: skip


async def test_a_kind_without_outlines_is_said_not_judged(reader, brief):
    body = await ask(reader, brief | {"limits": [{"id": "constraint", "op": "outside", "value": ["洪水风险"]}]})
    assert body["limits"][0]["n_excluded"] == 0
    assert any("没有洪水风险的图形" in note for note in body["notes"])


def test_exclusion_is_postgis_st_intersects(filled):
    """Random plots and areas, some sharing an edge or a corner: the same pairs as the database finds."""
    rng = np.random.default_rng(5)
    corner = np.round(rng.uniform(119, 121, (150, 2)), 1)
    sites = [shapely.box(x, y, x + 0.1, y + 0.1) for x, y in corner[:100]]
    areas = [shapely.box(x, y, x + rng.choice([0.1, 0.35]), y + 0.2) for x, y in corner[100:]]
    ours = intersecting(sites, areas)
    with psycopg2.connect(filled) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.i, a.i FROM unnest(%s::text[]) WITH ORDINALITY AS s(g, i), unnest(%s::text[]) WITH ORDINALITY"
            " AS a(g, i) WHERE ST_Intersects(ST_SetSRID(s.g::geometry, 4490), ST_SetSRID(a.g::geometry, 4490))"
            " ORDER BY 1, 2",
            ([g.wkb_hex for g in sites], [g.wkb_hex for g in areas]),
        )
        theirs = [(s - 1, a - 1) for s, a in cursor.fetchall()]
    connection.close()
    assert list(zip(ours.site.tolist(), ours.area.tolist(), strict=True)) == theirs
    assert len(theirs) > 100


async def test_a_criterion_without_any_data_is_said_and_left_out(reader, brief):
    more = copy.deepcopy(brief)
    more["criteria"].append({"id": "road_exit_km", "weight": 50})
    body = await ask(reader, more)
    assert names(body) == names(await ask(reader, brief))
    assert any("高速出入口" in note for note in body["notes"])
    assert body["criteria"][2]["is_void"]
    only = await ask(reader, brief | {"criteria": [{"id": "road_exit_km", "weight": 1}]})
    assert only["ranked"] == []
    assert {e["rule"] for e in only["excluded"]} == {"missing:road_exit_km"}


async def test_no_alternatives_one_and_all_equal(reader, brief):
    none = await ask(reader, brief | {"alternatives": {"layer": "parcel", "filter": "area_mu > 9999"}})
    assert (none["ranked"], none["excluded"], none["n"]) == ([], [], 0)
    assert none["sentence"].startswith("没有备选：“地块”没有符合备选条件的记录。")
    one = await ask(reader, brief | {"alternatives": {"layer": "parcel", "filter": "name = '地块甲'"}})
    assert [(r["rank"], r["p_first"]) for r in one["ranked"]] == [(1, 1.0)]
    same = {"id": "area_mu", "weight": 1, "value": {"type": "linear", "params": {"worst": 0, "best": 1}}}
    tied = await ask(reader, brief | {"criteria": [same], "method": "topsis"})
    assert {r["rank"] for r in tied["ranked"]} == {1}
    assert "并列第一" in tied["sentence"]


@pytest.mark.parametrize(
    "limit",
    [{"id": "moon", "op": ">=", "value": 1}, {"id": "area_mu", "op": "~", "value": 1},
     {"id": "area_mu", "op": ">=", "value": "大"}, {"id": "area_mu", "op": "inside", "value": "城镇开发边界"},
     {"id": "constraint", "op": ">=", "value": 3}, {"id": "park.moon", "op": "=", "value": 1},
     {"id": "geom", "op": "=", "value": "x"}],
)  # fmt: skip
async def test_a_limit_that_cannot_be_used_is_refused(reader, brief, limit):
    with pytest.raises(InputError):
        await ask(reader, brief | {"limits": [limit]})


async def test_the_parks_of_sites_can_be_limited(reader, brief):
    body = await ask(
        reader, brief | {"limits": [{"id": "park.level", "op": "in", "value": ["省级"]}], "missing": "worst"}
    )
    # 甲 names its park; 乙 and 丙 lie in it
    assert set(names(body)) == {"甲", "乙", "丙"}


async def test_internal_fields_are_nobodys_limit(reader, brief):
    premises = brief | {"alternatives": {"layer": "premises"}, "criteria": [{"id": "area_mu", "weight": 1}]}
    assert (await ask(reader, premises))["ranked"][0]["values"] == {"area_mu": 3.0}
    for field, value in (("leader", "张三"), ("park.leader", "李四")):
        for nobody in ("", "name = 'x'"):
            asked = premises | {"alternatives": {"layer": "premises", "filter": nobody}}
            with pytest.raises(InputError) as caught:
                await ask(reader, asked | {"limits": [{"id": field, "op": "=", "value": value}]})
            assert "责任领导" not in str(caught.value)


async def test_drawn_sites_are_ranked_too(reader, brief):
    here = [json.loads(shapely.to_geojson(shapely.box(x, 33.2, x + 0.005, 33.205))) for x in (120.45, 120.58)]
    sites = {"type": "FeatureCollection", "features": [
        {"type": "Feature", "geometry": here[0], "properties": {"name": "近处", "price_cny_per_mu": 150_000}},
        {"type": "Feature", "geometry": here[1], "properties": {}},
    ]}  # fmt: skip
    criteria = [{"id": "road_port_km", "weight": 1}, {"id": "area_mu", "weight": 1}]
    body = await ask(reader, brief | {"alternatives": {"layer": "drawn", "sites": sites}, "criteria": criteria})
    assert {r["name"] for r in body["ranked"]} == {"近处", "自绘地块 2"}
    assert body["ranked"][0]["values"]["area_mu"] == pytest.approx(387, abs=2)  # 466 m × 555 m
    assert {r["county_code"] for r in body["ranked"]} == {"320904"}
    broken = {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": None, "properties": {}}]}
    with pytest.raises(InputError, match="第 1 个"):
        await ask(reader, brief | {"alternatives": {"layer": "drawn", "sites": broken}})


async def test_routes_say_every_leg_and_can_be_drawn(reader, brief):
    chosen = brief | {"criteria": [{"id": "road_port_km", "weight": 1}, {"id": "price_wan", "weight": 1}]}
    ranked = (await ask(reader, chosen))["ranked"]
    far = next(r for r in ranked if r["name"] == "地块己")
    body = await answer_routes(reader, parse_profile(chosen), far["id"], data_dir=DATA)
    (route,) = body["routes"]
    assert route["target"] == "大丰港"
    assert route["total_km"] == pytest.approx(route["access_km"] + route["network_km"] + route["egress_km"])
    assert route["total_km"] == pytest.approx(far["values"]["road_port_km"])
    assert not route["is_straight"]
    kinds = [p["kind"] for p in route["pieces"]]
    assert (kinds[0], kinds[-1]) == ("access", "egress")
    assert "road" in kinds
    ends = [p["coordinates"] for p in route["pieces"]]
    assert all(a[-1] == pytest.approx(b[0]) for a, b in itertools.pairwise(ends))
    assert ends[-1][-1] == pytest.approx([120.52, 33.21], abs=1e-6)
    with pytest.raises(NotFoundError):
        await answer_routes(reader, parse_profile(chosen), -5, data_dir=DATA)


async def test_weights_from_pairs_and_from_the_data(reader, brief):
    pairs = [("price_wan", "power_mva", 3.0)]
    found = await answer_weights(reader, parse_profile(brief), "ahp", pairs, data_dir=DATA)
    assert found["weights"] == pytest.approx({"price_wan": 0.75, "power_mva": 0.25})
    for method in ("entropy", "critic"):
        found = await answer_weights(reader, parse_profile(brief), method, [], data_dir=DATA)
        assert sum(found["weights"].values()) == pytest.approx(1)
    with pytest.raises(InputError):
        await answer_weights(reader, parse_profile(brief), "ahp", [("price_wan", "moon", 3.0)], data_dir=DATA)


SURFACE = [{"id": "road_port_km", "weight": 2, "value": {"type": "linear", "params": {"worst": 150, "best": 0}}},
           {"id": "park_level", "weight": 1, "value": {"type": "categorical", "params": {"values": {"省级": 1}}}},
           {"id": "price_wan", "weight": 1}]  # fmt: skip


async def test_the_surface_says_what_a_site_there_would_score(reader, brief):
    chosen = parse_profile(brief | {"criteria": SURFACE})
    made, body = await answer_surface(reader, chosen, data_dir=DATA, hot=True)
    assert body["n_cells"] == len(made.scores) > 100_000
    assert sum(body["counts"]) + body["n_missing"] + body["n_excluded"] == body["n_cells"]
    assert [c["id"] for c in body["criteria"]] == ["road_port_km", "park_level"]
    assert any("地价" in note for note in body["notes"])
    cell = explain_cell(made, 120.5, 33.2)
    assert cell["score"] == pytest.approx(sum(c["contribution"] for c in cell["criteria"]), abs=1e-5)
    point = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [cell["lon"], cell["lat"]]},
        "properties": {},
    }
    drawn = {"layer": "drawn", "sites": {"type": "FeatureCollection", "features": [point]}}
    same = await ask(reader, brief | {"criteria": SURFACE[:2], "alternatives": drawn})
    assert same["ranked"][0]["score"] == pytest.approx(cell["score"], abs=1e-5)
    assert any("地块甲" in spot["sites"] for spot in body["hot_areas"])
    with pytest.raises(NotFoundError):
        explain_cell(made, 110.0, 33.2)


async def test_a_slider_changes_the_surface_and_limits_exclude_cells(reader, brief):
    one = parse_profile(brief | {"criteria": SURFACE[:2]})
    other = copy.deepcopy(SURFACE[:2])
    other[0]["weight"] = 40
    made, _ = await answer_surface(reader, one, data_dir=DATA)
    moved, _ = await answer_surface(reader, parse_profile(brief | {"criteria": other}), data_dir=DATA)
    assert moved.stack is made.stack  # only the weighting is computed again
    assert (moved.scores != made.scores).any()
    limits = [{"id": "road_port_km", "op": "<=", "value": 60}, {"id": "area_mu", "op": ">=", "value": 5},
              {"id": "constraint", "op": "outside", "value": ["生态保护红线"]}]  # fmt: skip
    cut, body = await answer_surface(
        reader, parse_profile(brief | {"criteria": other, "limits": limits}), data_dir=DATA
    )
    assert np.isnan(cut.scores[cut.stack.raw[0] > 60]).all()
    assert body["n_excluded"] == int(np.isnan(cut.scores).sum())
    assert any("可用面积" in note for note in body["notes"])
    assert explain_cell(cut, 120.55, 33.2)["is_excluded"]
    with pytest.raises(InputError):
        await answer_surface(reader, parse_profile(brief), data_dir=DATA)  # price and power: a cell has neither


def test_percentages_never_say_certain_when_it_is_not():
    assert [percent(v) for v in (1.0, 0.99999, 0.64149, 0.00001, 0.0)] == ["100%", "99.9%", "64.1%", "0.1%", "0%"]
    assert percent(0.2, 0) == "20%"


def test_the_list_of_criteria_has_the_contracts_keys():
    for entry in list_criteria()["criteria"]:
        assert {"id", "title", "unit", "objective", "layers", "source"} <= set(entry)


async def test_twenty_askers_at_once_get_the_same(reader, brief):
    bodies = await asyncio.gather(*(ask(reader, brief) for _ in range(20)))
    assert all(b == bodies[0] for b in bodies)
    assert len(PARCELS) == 6
