"""Briefs that cannot be: each is a problem in Chinese that names the fault, and none is a fault of the server."""

from __future__ import annotations

import re
from typing import Any

import pytest

pytestmark = pytest.mark.asyncio(loop_scope="module")
ENGLISH = re.compile(r"Input should|should be|valid (number|integer)|greater than|less than|at (least|most)")
PLACE = [{"id": "road_port_km", "weight": 1}]


def drawn(*features: Any) -> dict[str, Any]:
    return {"alternatives": {"layer": "drawn", "sites": {"features": list(features)}}, "criteria": PLACE}


def value(**given: Any) -> dict[str, Any]:
    return {"criteria": [{"id": "price_wan", "weight": 1, "value": given}]}


def limit(ident: str, op: str, bound: Any) -> dict[str, Any]:
    return {"limits": [{"id": ident, "op": op, "value": bound}]}


BOW = {"geometry": {"type": "Polygon", "coordinates": [[[120, 33], [121, 34], [121, 33], [120, 34], [120, 33]]]}}
REFUSED = {
    "unknown criterion": ({"criteria": [{"id": "moon", "weight": 1}]}, "moon"),
    "twice": ({"criteria": [{"id": "price_wan"}, {"id": "price_wan"}]}, "两次"),
    "negative weight": ({"criteria": [{"id": "price_wan", "weight": -1}]}, "不小于 0"),
    "word as weight": ({"criteria": [{"id": "price_wan", "weight": "heavy"}]}, "数字"),
    "no criteria": ({"criteria": []}, "至少要有"),
    "version 2": ({"version": 2}, "version"),
    "huge draws": ({"draws": 10**9}, "draws"),
    "no draws": ({"draws": 0}, "draws"),
    "half a draw": ({"draws": 1.5}, "整数"),
    "seed": ({"seed": -1}, "seed"),
    "spread": ({"spread": 2}, "spread"),
    "method": ({"method": "magic"}, "topsis"),
    "policy": ({"missing": "guess"}, "median"),
    "operator": (limit("area_mu", "~", 1), "比较符"),
    "no number": (limit("area_mu", ">=", "many"), "比较"),
    "empty list": (limit("land_use", "in", []), "可选的值"),
    "object": (limit("land_use", "in", {"a": 1}), "词"),
    "numbers": (limit("land_use", "in", [1, 2]), "词"),
    "unknown kind": (limit("constraint", "outside", ["月球"]), "月球"),
    "constraint compared": (limit("constraint", ">=", 1), "outside"),
    "park's internal": (limit("park.leader", "=", "x"), "leader"),
    "geometry as a field": (limit("geom", "=", "x"), "geom"),
    "too many limits": ({"limits": [{"id": "area_mu", "op": ">=", "value": 1}] * 61}, "60"),
    "parameter": (value(type="linear", params={"best": "x"}), "best"),
    "points": (value(type="piecewise", params={"points": [1, 2]}), "points"),
    "tolerance": (value(type="target", params={"target": 1, "tolerance": 0}), "tolerance"),
    "list as value": ({"criteria": [{"id": "price_wan", "value": [1]}]}, "对象"),
    "industry": ({"industry": ["魔法"]}, "魔法"),
    "radius": ({"tuning": {"radius_km": 0}}, "大于 0"),
    "party": ({"stakeholders": [{"name": "甲", "weights": {"moon": 1}}]}, "moon"),
    "silent party": ({"stakeholders": [{"name": "甲", "weights": {"price_wan": 0}}]}, "权重"),
    "no shape": (drawn({"geometry": None}), "图形"),
    "crossing": (drawn(BOW), "自相交"),
    "text as site": (drawn("x"), "图形"),
    "grid with a filter": ({"alternatives": {"layer": "grid", "filter": "area_mu > 1"}, "criteria": PLACE}, "filter"),
    "grid of site criteria": ({"alternatives": {"layer": "grid"}}, "任意位置"),
    "brackets": ({"alternatives": {"layer": "parcel", "filter": "(" * 99 + "area_mu > 1" + ")" * 99}}, "嵌套"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
async def test_it_is_refused_and_named(client, brief, name):
    change, word = REFUSED[name]
    answer = await client.post("/api/v1/site/rank", json=brief | change)
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    detail = answer.json()["detail"]
    assert word in detail
    assert not ENGLISH.search(detail), detail


@pytest.mark.parametrize(
    "body", [b"{", b"[1]", b"null", b"\xff", b'{"criteria":[{"id":"price_wan","weight":NaN}]}',
             b'{"criteria":[{"id":"price_wan","weight":1e999}]}'])  # fmt: skip
async def test_a_broken_body_is_refused(client, body):
    answer = await client.post("/api/v1/site/rank", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert not ENGLISH.search(answer.json()["detail"])


async def test_what_a_drawn_site_states_wrongly_is_left_out(client, brief):
    one = {"properties": {"area_mu": 5, "ready_date": "soon", "id": 9, "county_code": "x", "geom": "y"},
           "geometry": {"type": "Point", "coordinates": [120.5, 33.2]}}  # fmt: skip
    two = {"properties": {"area_mu": "lots", "name": "乙"}, "geometry": {"type": "Point", "coordinates": [120.6, 33.2]}}
    chosen = brief | drawn(one, two) | {"criteria": [{"id": "area_mu"}, *PLACE], "missing": "worst"}
    body = (await client.post("/api/v1/site/rank", json=chosen)).json()
    assert [r["id"] for r in body["ranked"]] == [1, 2]
    assert body["ranked"][0]["values"]["area_mu"] == 5
    assert body["ranked"][1]["missing"] == ["area_mu"]


async def test_nothing_left_for_want_of_figures_says_which(client, brief):
    body = (await client.post("/api/v1/site/rank", json=brief | {"criteria": [{"id": "green_power_pct"}]})).json()
    assert body["ranked"] == []
    assert "园区绿电占比" in body["sentence"]
    assert "按最差" in body["sentence"]
