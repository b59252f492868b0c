"""The same lists over HTTP, with their own saved addresses."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from app.api import errors, worklists
from tests.store.worlds import SOUTH_WEST, county, event
from tests.worklists.world import fill, load, reader


@pytest.fixture
async def client(database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    fill(database_url)
    app = FastAPI()
    errors.add_handlers(app)
    app.include_router(worklists.router)
    async with reader(database_url) as store:
        app.state.reader = lambda: store
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as made:
            yield made


async def test_a_saved_address_answers_the_same_for_ever(client: httpx.AsyncClient, database_url: str) -> None:
    asked = "/api/v1/worklists/signed_not_started?as_of=2026-06-30&unit=320971&limit_days=10&demo=0"
    body = (await client.get(asked)).json()
    assert (body["n"], body["n_over"], body["rows"][0]["days"], body["limit_days"]) == (1, 1, 181, 10)
    load(database_url, "project", [{"name": "乙", "unit_code": SOUTH_WEST}], [event("乙", "开工", "2026-01-01")])
    assert (await client.get(asked)).json()["n"] == 0
    assert (await client.get(body["url"])).json() == body


async def test_every_route_answers(client: httpx.AsyncClient, database_url: str) -> None:
    load(database_url, "boundary", [county(SOUTH_WEST)])
    day = "as_of=2026-06-30"
    listed = (await client.get("/api/v1/worklists")).json()["lists"]
    assert [entry["layers"] for entry in listed if entry["kind"] == "gap"] == [["project"]] * 3
    for entry in listed:
        for layer in entry["layers"]:
            answer = await client.get(f"/api/v1/worklists/{entry['list']}?{day}&layer={layer}")
            assert answer.status_code == 200, answer.text
    five = (await client.get(f"/api/v1/worklists/five?{day}&kind=增资扩产")).json()["lists"]
    gaps = (await client.get(f"/api/v1/worklists/gaps?{day}&over=1&limit_days=180")).json()["lists"]
    assert ([b["n"] for b in five], [b["n"] for b in gaps]) == ([0, 1, 0, 0, 0], [1, 0, 0])
    rates = (await client.get(f"/api/v1/conversion/project?{day}&years=2025,2026&minimum=1&rows=1")).json()
    assert [p["steps"][1]["total"]["n_from"] for p in rates["periods"]] == [3, 2]
    span = (await client.get(f"/api/v1/conversion/project?{day}&start=2025-12-31&end=2026-01-01")).json()
    assert [r["steps"][1]["total"]["n_from"] for r in span["periods"]] == [2]
    assert (await client.get(f"/api/v1/reconciliation/project?{day}&measure=sum_invest_cny")).json()["balanced"]
    assert (await client.get(f"/api/v1/overlap/project?{day}")).json()["n_things"] == 7
    assert (await client.get(f"/api/v1/generations/project?{day}&a=a&b=a")).json()["n_moved"] == 0


REFUSED = [
    ("worklists/none", 404, "没有清单"),
    ("worklists/completed?layer=park", 400, "没有阶段事件"),
    ("worklists/completed?filter=leader='x'", 400, "leader"),
    ("worklists/completed?limit_days=x", 400, "limit_days"),
    ("worklists/completed?year=99999", 400, "年份"),
    ("conversion/project?years=abc", 400, "时期看不懂"),
    ("conversion/project?start=2026-02-01&end=2026-01-01", 400, "早于"),
    ("conversion/project?start=2026-02-01", 400, "时期看不懂"),
    ("conversion/project?minimum=0", 400, "不小于 1"),
    ("reconciliation/project?measure=mean_invest_cny", 400, "相加"),
    ("overlap/nothing", 404, "没有图层"),
    ("generations/project?a=x&b=y", 404, "没有边界版本"),
]


async def test_what_cannot_be_asked_is_a_problem_that_says_why(client: httpx.AsyncClient) -> None:
    for path, status, said in REFUSED:
        answer = await client.get(f"/api/v1/{path}")
        assert (path, answer.status_code) == (path, status)
        assert said in answer.json()["detail"]
