"""A file comes in over HTTP as it does by the command, and only from this machine."""

import httpx
import pytest

pytestmark = pytest.mark.asyncio(loop_scope="module")

CSV = "项目名称,县区,总投资（亿元）\n海风装备项目,大丰区,3.2\n无名县项目,不存在县,1\n,东台市,2\n".encode()
BOTH_COUNTIES = "项目名称,县区\n甲项目,大丰区\n".encode("gb18030")


async def total(client: httpx.AsyncClient) -> int:
    return int((await client.get("/api/v1/rollup/project")).json()["total"])


async def test_a_file_is_imported_and_its_report_is_the_answer(client: httpx.AsyncClient) -> None:
    before = await total(client)
    answer = await client.post("/api/v1/import/project?publisher=市发改委", files={"file": ("项目.csv", CSV)})
    assert answer.status_code == 200, answer.text
    report = answer.json()
    counts = report["counts"]
    assert counts["read"] == 3 == counts["loaded"] + counts["unchanged"] + counts["quarantined"]
    assert report["resource"]["file_name"] == "项目.csv"
    assert report["resource"]["publisher"] == "市发改委"
    assert await total(client) == before + counts["loaded"]
    again = (await client.post("/api/v1/import/project?name=项目.csv&publisher=市发改委", content=CSV)).json()
    assert again["counts"]["loaded"] == 0
    assert again["counts"]["unchanged"] == counts["loaded"]


async def test_any_encoding_comes_as_the_body(client: httpx.AsyncClient) -> None:
    report = (await client.post("/api/v1/import/project", params={"name": "甲.csv"}, content=BOTH_COUNTIES)).json()
    assert report["counts"]["loaded"] == 1


@pytest.mark.parametrize(
    ("layer", "given", "status"),
    [
        ("nosuch", {"content": CSV, "params": {"name": "a.csv"}}, 404),
        ("project", {"content": CSV}, 400),
        ("project", {"content": b"", "params": {"name": "a.csv"}}, 422),
        ("project", {"content": b"PK\x03\x04 cut", "params": {"name": "a.xlsx"}}, 422),
        ("project", {"data": {"other": "x"}, "files": {"wrong": ("a.csv", CSV)}}, 400),
        ("project", {"content": CSV, "params": {"name": "a.csv", "mode": "append"}}, 400),
        ("project", {"content": CSV, "params": {"name": "a.csv", "as_of": "2026-13-01"}}, 400),
        ("project", {"content": CSV, "params": {"name": "a.csv", "datum": "mars"}}, 400),
    ],
)
async def test_what_cannot_be_imported_is_refused_and_changes_nothing(
    client: httpx.AsyncClient, layer: str, given: dict, status: int
) -> None:
    before = await total(client)
    answer = await client.post(f"/api/v1/import/{layer}", **given)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert await total(client) == before


@pytest.mark.parametrize(
    "headers",
    [{"x-forwarded-for": "10.0.0.9"}, {"origin": "http://elsewhere.example"}, {"host": "yuantu.example"}],
)
async def test_only_this_machine_may_import_while_there_are_no_accounts(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await client.post("/api/v1/import/project?name=a.csv", content=CSV, headers=headers)
    assert answer.status_code == 403
