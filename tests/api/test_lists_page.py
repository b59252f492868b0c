"""The views of work lists and of the two axes say what the API says, row for row."""

import io
import re
from collections.abc import Mapping
from urllib.parse import urlencode

import httpx
import openpyxl
import pytest

from app.pages.lists.axes import shared_rows
from layers.store.worklist_spec import FIVE, GAPS, WORKLISTS

pytestmark = pytest.mark.asyncio(loop_scope="module")
DAY = "2026-06-30"


async def body_of(client: httpx.AsyncClient, query: Mapping[str, str]) -> str:
    at = f"/compare?{urlencode({'as_of': DAY, **query})}"
    answer = await client.get("/panels/compare", params={"at": at})
    assert answer.status_code == 200
    made = answer.json()
    assert "outage" not in made, made
    return str(made["html"]["compare-body"])


def rows_of(html: str) -> int:
    table = re.search(r'<table class="ct dt(?: rows-of)?">.*?</table>', html, re.DOTALL)
    return table.group().count("<tr>") - 1 if table else 0


@pytest.mark.parametrize("list_id", list(WORKLISTS))
async def test_each_list_has_the_rows_of_the_api(client: httpx.AsyncClient, list_id: str) -> None:
    api = (await client.get(f"/api/v1/worklists/{list_id}?as_of={DAY}")).json()
    html = await body_of(client, {"view": "lists", "list": list_id})
    assert rows_of(html) == api["n"]
    entry = re.search(rf"{WORKLISTS[list_id].title}.*?<b>(\d+)</b>", html, re.DOTALL)
    assert entry is not None and int(entry.group(1)) == api["n"]
    found = await client.get(f"/api/v1/export/worklist.xlsx?view=lists&list={list_id}&as_of={DAY}")
    book = openpyxl.load_workbook(io.BytesIO(found.content))
    assert book["清单"].max_row - 1 == api["n"]
    assert sum(r[2].value for r in book["按区域"].iter_rows(min_row=2) if r[0].value == "县区") == api["n"]


async def test_area_nature_limit_and_year_narrow_a_list(client: httpx.AsyncClient) -> None:
    for list_id, more, asked in (
        (GAPS[0], {"area": "320902", "limit": "30", "over": "1"}, {"county": "320902", "limit_days": 30, "over": 1}),
        (GAPS[1], {"kind": "新建", "axis": "unit", "area": "320904"}, {"kind": "新建", "unit": "320904"}),
        (FIVE[1], {"year": "2024", "demo": "0"}, {"year": 2024, "demo": 0}),
    ):
        api = (await client.get(f"/api/v1/worklists/{list_id}", params={"as_of": DAY, **asked})).json()
        html = await body_of(client, {"view": "lists", "list": list_id, **more})
        assert rows_of(html) == api["n"]


async def test_a_pinned_list_names_both_dates(client: httpx.AsyncClient) -> None:
    html = await body_of(client, {"view": "lists", "list": GAPS[0]})
    address = re.search(r'href="(/compare\?[^"]*known_at[^"]*)"', html)
    assert address is not None
    query = httpx.QueryParams(address.group(1).partition("?")[2].replace("&amp;", "&"))
    assert query["as_of"] == DAY and query["list"] == GAPS[0]
    again = await body_of(client, dict(query))
    assert rows_of(again) == rows_of(html) and "所知" in again


async def test_conversion_counts_those_of_the_api(client: httpx.AsyncClient) -> None:
    api = (await client.get(f"/api/v1/conversion/project?as_of={DAY}&years=2024,2025,2026")).json()
    html = await body_of(client, {"view": "lists", "list": "conversion"})
    total = html[html.index('<tr class="sum">') :]
    for period in api["periods"]:
        for step in period["steps"]:
            if step["total"]["rate_pct"] is not None:
                assert f"{step['total']['n_to']}/{step['total']['n_from']}" in total
    book = await client.get(f"/api/v1/export/worklist.xlsx?view=lists&list=conversion&as_of={DAY}")
    assert book.status_code == 200


async def test_the_axes_add_up_and_say_why_they_differ(client: httpx.AsyncClient) -> None:
    for layer, measure in (
        ("project", ""),
        ("project", "sum_invest_cny"),
        ("project", "events:开工"),
        ("park", "area_m2"),
    ):
        html = await body_of(client, {"view": "axes", "layer": layer, "measure": measure})
        assert "两种口径合计相同" in html
    assert "不足两版" in html


async def test_what_the_address_asks_in_vain_leaves_a_list(client: httpx.AsyncClient) -> None:
    html = await body_of(
        client, {"view": "lists", "list": "nosuch", "kind": "x", "limit": "-3", "year": "12", "known_at": "x",
                 "layer": "park"}
    )  # fmt: skip
    assert rows_of(html) == (await client.get(f"/api/v1/worklists/{GAPS[0]}?as_of={DAY}")).json()["n"]
    assert "对账" in await body_of(client, {"view": "axes", "ga": "x", "gb": "y"})


async def test_a_comparison_at_any_address_answers(client: httpx.AsyncClient) -> None:
    for query in (
        {}, {"axis": "unit", "multi": "area", "mine": "3209YN"},
        {"ms": "park.area_m2,park.tax_cny_per_mu,factory.stock:智能工厂"},
        {"shown": "320902,320903", "vs": "2025-01-31", "pins": "320902"}, {"ms": "parcel.n", "demo": "0"},
        {"rows": "@project.events:开工"}, {"rows": "outside@project.n", "f.project.stage": "开工"},
    ):  # fmt: skip
        assert '<table class="ct">' in await body_of(client, query)


async def test_the_drill_through_has_as_many_rows_as_the_number(client: httpx.AsyncClient) -> None:
    for measure in ("n", "signed", "stock:开工", "signed_to_started_pct"):
        api = (await client.get(f"/api/v1/rollup/project?as_of={DAY}&measure={measure}")).json()
        for row in api["rows"][:3]:
            html = await body_of(client, {"rows": f"{row['code']}@project.{measure}"})
            assert rows_of(html) == row["n_features"]


async def test_a_list_is_kept_with_both_dates_taken_away_and_brought_back(client: httpx.AsyncClient) -> None:
    at = f"/compare?view=lists&list={GAPS[0]}&as_of={DAY}&kind=新建"
    said = (await client.post("/saved-lists", json={"address": at, "who": "王五"})).json()["done"]
    assert "签约未开工（新建）" in said
    again = await client.post("/saved-lists", json={"address": at, "who": "王五"})
    assert "已经存过" in again.json()["done"]
    html = await body_of(client, {"view": "lists"})
    kept = re.search(r'<a class="wl" href="([^"]+)"[^>]*>.*?<b>(\d+)</b>', html)
    assert kept is not None
    query = httpx.QueryParams(kept.group(1).partition("?")[2].replace("&amp;", "&"))
    assert query["as_of"] == DAY and query["known_at"]
    assert rows_of(await body_of(client, dict(query))) == int(kept.group(2))
    ident = re.search(r'data-drop-list="(\d+)"', html)
    assert ident is not None
    assert (await client.post(f"/saved-lists/{ident.group(1)}/remove")).status_code == 200
    assert "已存清单" not in await body_of(client, {"view": "lists"})
    assert (await client.post(f"/saved-lists/{ident.group(1)}/remove")).status_code == 404
    assert (await client.post(f"/saved-lists/{ident.group(1)}/restore")).status_code == 200
    assert "已存清单" in await body_of(client, {"view": "lists"})
    assert (await client.post("/saved-lists", json={"address": at.replace("新建", ""), "who": ""})).status_code == 400
    assert (await client.post("/saved-lists", json={"address": "/data", "who": "王五"})).status_code == 400


async def test_every_rate_opens_as_many_records_as_it_counts(client: httpx.AsyncClient) -> None:
    html = await body_of(client, {"view": "lists", "list": "conversion"})
    cells = re.findall(r">(\d+)/(\d+)<.*?", html)
    keys = re.findall(r"&quot;pick&quot;,&quot;([0-9.a-z]+)&quot;", html)
    assert len(keys) == len(cells) > 10
    totals = [(k, c) for k, c in zip(keys, cells, strict=True) if k.endswith(".")]
    for key, (went, n) in [*totals[:5], *list(zip(keys, cells, strict=True))[:4]]:
        opened = await body_of(client, {"view": "lists", "list": "conversion", "pick": key})
        assert rows_of(opened) == int(n), key
        table = re.search(r'<table class="ct dt(?: rows-of)?">.*?</table>', opened, re.DOTALL)
        assert table is not None and table.group().count("尚未") == int(n) - int(went), key


async def test_a_cell_of_the_matrix_opens_its_records(client: httpx.AsyncClient) -> None:
    plain = await body_of(client, {"view": "axes"})
    cells = re.findall(r"&quot;pick&quot;,&quot;([0-9A-Za-z]+~[0-9A-Za-z]+)&quot;.*?>(\d+)</button>", plain)
    assert len(cells) > 3
    for key, n in cells[:5]:
        opened = await body_of(client, {"view": "axes", "pick": key})
        section = opened.partition('id="compare-rows"')[2]
        assert rows_of(section) == int(n), key


async def test_sums_of_the_matrix_and_repeated_things_open_their_records(client: httpx.AsyncClient) -> None:
    plain = await body_of(client, {"view": "axes"})
    number = r"&quot;pick&quot;,&quot;({})&quot;[^>]*>(\d[\d,]*)</button>"
    sums = re.findall(number.format("[0-9A-Za-z]*~|~[0-9A-Za-z]+"), plain)
    repeated = re.findall(number.format(r"repeated|both\.\d+|thing\.\d+"), plain)
    assert {"~"} < {key for key, _ in sums} and len(sums) > 5
    for key, n in [*sums[:3], *(x for x in sums if x[0] == "~"), *repeated[:6]]:
        opened = await body_of(client, {"view": "axes", "pick": key})
        assert rows_of(opened.partition('id="compare-rows"')[2]) == int(n.replace(",", "")), key


async def test_the_records_behind_the_total_without_repetition_are_as_many_as_it_says() -> None:
    def row(number: int) -> dict[str, object]:
        return {"id": number, "name": "甲", "county_code": "320902"}

    found = {
        "pairs": [{"a": "一.xlsx", "b": "二.xlsx", "n": 1}],
        "groups": [
            {"name": "甲", "n": 3, "lists": ["一.xlsx", "二.xlsx"], "rows": [row(1), row(2), row(3)]},
            {"name": "乙", "n": 2, "lists": ["一.xlsx"], "rows": [row(4), row(5)]},
        ],
    }
    ids = {key: [r["id"] for r in shared_rows(found, key)[1]] for key in ("repeated", "both.0", "thing.0", "thing.1")}
    assert ids == {"repeated": [2, 3, 5], "both.0": [1], "thing.0": [1, 2, 3], "thing.1": [4, 5]}
    assert shared_rows(found, "both.1") is None


@pytest.mark.parametrize("pick", ["9.2026.", "0.1900.320902", "x", "320902-", "both.99", "thing.x"])
async def test_a_number_that_is_not_there_opens_nothing(client: httpx.AsyncClient, pick: str) -> None:
    for view in ({"view": "lists", "list": "conversion"}, {"view": "axes"}):
        opened = await body_of(client, {**view, "pick": pick})
        assert rows_of(opened.partition('id="compare-rows"')[2]) == 0
