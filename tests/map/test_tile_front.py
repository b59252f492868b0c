"""Tiles before routing: the same answers as the routed ones, from memory and disk while the layer stands still."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import httpx
import mapbox_vector_tile
import pytest
import pytest_asyncio
from fastapi import FastAPI

from app.api.tile_front import read_asked
from app.server import create_app
from layers.settings import ROOT, Settings
from layers.store.db import role_dsn
from layers.store.places import seed_places
from tests import support
from tests.api import world

pytestmark = pytest.mark.asyncio(loop_scope="module")
PATH = "/tiles/rd_project/6/53/25.mvt"


@pytest.fixture(scope="module")
def seeded(scratch_database: Callable[[], AbstractContextManager[str]]) -> Iterator[str]:
    with scratch_database() as url:
        dsn = role_dsn(url, "yuantu_writer", support.SECRET_KEY)
        seed_places(dsn, ROOT / "data" / "shapefiles")
        load(url, 1)
        yield url


def load(url: str, n: int) -> None:
    rows = [world.row("rd_project", f"攻关{i}", at=world.CENTRES["320902"], county="320902") for i in range(n)]
    world.load(role_dsn(url, "yuantu_writer", support.SECRET_KEY), "rd_project", rows)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("var")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def started(seeded: str, folder: Path) -> AsyncIterator[FastAPI]:
    made = create_app(Settings(database_url=seeded, secret_key=support.SECRET_KEY, var_dir=folder))
    async with made.router.lifespan_context(made):
        yield made


@pytest.fixture
def app(started: FastAPI) -> FastAPI:
    started.state.tiles.clear()
    return started


@pytest_asyncio.fixture(loop_scope="module")
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as made:
        yield made


def count(body: bytes) -> int:
    return len(mapbox_vector_tile.decode(body)["rd_project"]["features"])


async def test_an_answer_is_given_again_until_a_load_changes_the_layer(
    app: FastAPI, client: httpx.AsyncClient, seeded: str
) -> None:
    before = count((await client.get(PATH)).content)
    (held,) = app.state.tiles.held.values()
    again = await client.get(PATH)
    assert next(iter(app.state.tiles.held.values())) is held and count(again.content) == before
    load(seeded, before + 2)
    assert count((await client.get(PATH)).content) == before + 2
    same = await client.get(PATH, headers={"If-None-Match": again.headers["etag"]})
    assert same.status_code == 200


async def test_the_disk_answers_what_memory_forgot_while_the_layer_stands_still(
    app: FastAPI, client: httpx.AsyncClient, folder: Path, seeded: str
) -> None:
    load(seeded, 5)  # content that no earlier test asked for and may still be writing
    stamp = (await app.state.reader().stamps())["rd_project"]
    first = await client.get(PATH, headers={"accept-encoding": "identity"})

    async def written() -> Path:
        while not (found := list((folder / "tiles").glob(f"rd_project/*-{stamp}/*.mvt"))):
            await asyncio.sleep(0.01)
        return found[0]

    path = await asyncio.wait_for(written(), 30)
    assert path.read_bytes() == first.content
    app.state.tiles.held.clear()
    path.write_bytes(b"from the disk")
    kept = await client.get(PATH, headers={"accept-encoding": "identity"})
    assert (kept.content, kept.headers["etag"]) == (b"from the disk", first.headers["etag"])
    load(seeded, count(first.content) + 1)
    assert count((await client.get(PATH)).content) == count(first.content) + 1


async def test_many_who_ask_at_once_get_one_answer(app: FastAPI, client: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(client.get(PATH) for _ in range(20)))
    assert len({(a.status_code, a.headers["etag"], a.content) for a in answers}) == 1
    assert len(app.state.tiles.held) == 1


@pytest.mark.parametrize(
    "asked",
    ["demo=2", "demo=0&demo=1", "asof=2026-01-01", "as_of=2026-13-01", "filter=nothing%20%3D%201", "filter=%", "&&",
     "known_at=2990-01-01"],
)  # fmt: skip
async def test_what_is_asked_wrongly_is_refused_as_the_route_does(client: httpx.AsyncClient, asked: str) -> None:
    answer = await client.get(f"{PATH}?{asked}")
    if asked in ("&&", "filter=%", "demo=0&demo=1"):
        assert answer.status_code in (200, 400)
    else:
        assert answer.status_code == 400
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("path", "status"),
    [("/tiles/rd_project/6/64/1.mvt", 400), ("/tiles/rd_project/23/0/0.mvt", 400), ("/tiles/none/6/1/1.mvt", 404),
     ("/tiles/rd_project/6/53/25.png", 404), ("/tiles/rd_project/x/1/1.mvt", 400), ("/tiles/", 404),
     ("/tiles/rd_project/6/-1/1.mvt", 400)],
)  # fmt: skip
async def test_addresses_that_are_no_tile_are_problems(client: httpx.AsyncClient, path: str, status: int) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


async def test_the_front_and_the_route_say_the_same(app: FastAPI, client: httpx.AsyncClient) -> None:
    quick = await client.get(PATH, headers={"accept-encoding": "identity"})
    # a parameter that nobody knows is left alone by the route and never seen by the front
    assert read_asked(app.state.reader(), PATH, b"x=1") is None
    routed = await client.get(f"{PATH}?x=1", headers={"accept-encoding": "identity"})
    names = ("etag", "cache-control", "vary", "content-type", "content-length", "content-security-policy",
             "x-content-type-options", "referrer-policy")  # fmt: skip
    assert quick.content == routed.content
    assert [quick.headers[n] for n in names] == [routed.headers[n] for n in names]
