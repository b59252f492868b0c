"""Scenarios: saved, opened by their id, compared, changed as a new version, deleted; only from this machine."""

from __future__ import annotations

import psycopg2
import pytest

from geo.errors import InputError, NotFoundError
from layers.store.db import role_dsn
from layers.store.scenarios import delete_scenario, read_scenarios, save_scenario
from tests import support


@pytest.fixture
def writer(filled: str) -> str:
    return role_dsn(filled, "yuantu_writer", support.SECRET_KEY)


@pytest.mark.asyncio
async def test_a_change_is_a_new_version_and_nothing_is_lost(filled, reader, writer):
    ident = save_scenario(writer, " 甲 ", {"profile": {"a": 1}}, "x", {"n": 1}, who="王")
    assert save_scenario(writer, "乙", {"profile": {"a": 2}}, "y", {}, scenario_id=ident) == ident
    (found,) = await read_scenarios(reader, [ident])
    assert (found["name"], found["task"]) == ("乙", {"profile": {"a": 2}})
    assert delete_scenario(writer, ident) == "乙"
    with pytest.raises(NotFoundError):
        await read_scenarios(reader, [ident])
    with pytest.raises(NotFoundError):
        delete_scenario(writer, ident)
    with psycopg2.connect(filled) as conn, conn.cursor() as cursor:
        cursor.execute(
            "SELECT name, recorded_to < 'infinity' FROM scenario WHERE id = %s ORDER BY recorded_from", [ident]
        )
        assert cursor.fetchall() == [("甲", True), ("乙", True)]
        cursor.execute("SELECT count(*) FROM audit WHERE action IN ('save_scenario', 'delete_scenario')")
        assert cursor.fetchone()[0] >= 3


def test_a_name_is_needed_and_a_task_must_fit(writer):
    with pytest.raises(InputError):
        save_scenario(writer, "  ", {}, "x", {})
    with pytest.raises(InputError):
        save_scenario(writer, "大", {"a": "x" * 2_000_001}, "x", {})
    with pytest.raises(NotFoundError):
        save_scenario(writer, "甲", {}, "x", {}, scenario_id="nowhere000")


def test_the_serving_role_cannot_write(filled):
    with (
        psycopg2.connect(role_dsn(filled, "yuantu_reader", support.SECRET_KEY)) as conn,
        conn.cursor() as cursor,
        pytest.raises(psycopg2.Error),
    ):
        cursor.execute("DELETE FROM scenario")


@pytest.mark.asyncio(loop_scope="module")
async def test_a_link_restores_the_task_and_page_and_interface_agree(client, brief):
    task = {"profile": brief | {"title": "叶片基地"}, "off": [{"id": "area_mu", "op": ">=", "value": 100}]}
    asked = {"task": task, "as_of": "2026-06-30"}
    page = (await client.post("/site/answer", json=asked)).json()
    ranked = (await client.post("/api/v1/site/rank?as_of=2026-06-30", json=task["profile"])).json()
    assert page["sha256"] == ranked["profile_sha256"]
    assert page["found"]["sentence"] == ranked["sentence"]
    assert [x["id"] for x in page["found"]["first"]] == [r["id"] for r in ranked["ranked"][:5]]
    shown = page["html"]["site-ranking"]
    places = [shown.index(f'data-row="{r["id"]}"') for r in ranked["ranked"]]
    assert places == sorted(places)
    by_link = (await client.post("/site/answer", json={"p": page["p"], "as_of": "2026-06-30"})).json()
    assert by_link["task"] == page["task"]
    assert by_link["html"] == page["html"]
    saved = (await client.post("/site/scenarios", json=asked | {"name": "初选", "who": "王"})).json()
    opened = (await client.post("/site/answer", json={"sc": saved["id"], "as_of": "2026-06-30"})).json()
    assert opened["task"] == page["task"]
    assert opened["scenario"]["name"] == "初选"
    other = {"task": {"profile": brief | {"method": "topsis"}}, "name": "另一法"}
    second = (await client.post("/site/scenarios", json=other)).json()
    both = await client.post("/site/scenarios/compare", json={"ids": [saved["id"], second["id"]]})
    assert both.status_code == 200
    assert "TOPSIS" in both.json()["html"]
    listed = (await client.get("/site/scenarios")).json()
    assert listed["n"] >= 2
    assert (await client.post(f"/site/scenarios/{second['id']}/delete", json={})).status_code == 200
    assert (await client.post("/site/answer", json={"sc": second["id"]})).status_code == 404


@pytest.mark.asyncio(loop_scope="module")
async def test_a_held_slider_is_answered_without_what_stays_the_same(client, brief):
    asked = {"task": {"profile": brief}}
    whole = (await client.post("/site/answer", json=asked)).json()
    have = [x["url"] for x in whole["map"]["layers"]]
    part = (await client.post("/site/answer", json=asked | {"moving": True, "have": have})).json()
    assert part["html"]["site-ranking"] == whole["html"]["site-ranking"]
    assert "site-brief" not in part["html"]
    assert part["shares"] == pytest.approx([0.6, 0.4])
    shapes = [next(x for x in b["map"]["layers"] if x["id"] == "site-shape") for b in (whole, part)]
    assert shapes[0]["url"] == shapes[1]["url"]
    assert "data" in shapes[0]
    assert "data" not in shapes[1]


@pytest.mark.asyncio(loop_scope="module")
async def test_nobody_saves_from_elsewhere(client, brief):
    for address in ("/site/scenarios", "/site/scenarios/abcdefgh22/delete", "/site/sites?name=a.csv"):
        answer = await client.post(address, json={"task": {"profile": brief}, "name": "x"},
                                   headers={"X-Forwarded-For": "203.0.113.9"})  # fmt: skip
        assert answer.status_code == 403, address


@pytest.mark.asyncio(loop_scope="module")
async def test_comparisons_parties_and_the_datas_own_weights(client, brief):
    task = {"profile": brief, "pairs": [["price_wan", "power_mva", 3.0]]}
    page = (await client.post("/site/answer", json={"task": task, "wm": "ahp"})).json()
    assert [c["weight"] for c in page["task"]["profile"]["criteria"]] == [75.0, 25.0]
    assert "一致性比率" in page["html"]["site-brief"]
    made = (await client.post("/site/auto", json={"task": {"profile": brief}, "how": "entropy"})).json()
    assert sum(c["weight"] for c in made["task"]["profile"]["criteria"]) == pytest.approx(100, abs=0.1)
    parties = [{"name": "招商", "weights": {"price_wan": 1, "power_mva": 0}},
               {"name": "企业", "weights": {"price_wan": 0, "power_mva": 1}}]  # fmt: skip
    page = (await client.post("/site/answer", json={"task": {"profile": brief | {"stakeholders": parties}},
                                                    "wm": "parties"})).json()  # fmt: skip
    assert page["html"]["site-brief"].count("单看这一方") == 2
    wrong = await client.post("/site/auto", json={"task": {"profile": brief}, "how": "guess"})
    assert wrong.status_code == 400
