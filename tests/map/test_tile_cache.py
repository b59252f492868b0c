"""The disk cache of tiles: bounded, dropped by a new stamp, shared; and the answers in memory."""

from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.api.tile_cache import DiskCache, TileCache, TileFront, choose_encoding
from geo.errors import DatabaseUnavailableError


def held(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.glob("*/*/*"))


def test_a_new_stamp_drops_what_the_old_one_held(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path)
    cache.put("park", "1", "a.mvt", b"old")
    cache.put("project", "1", "b.mvt", b"other")
    assert (cache.get("park", "1", "a.mvt"), cache.get("park", "2", "a.mvt")) == (b"old", None)
    cache.put("park", "2", "a.mvt", b"")
    assert cache.get("park", "2", "a.mvt") == b""
    assert cache.get("park", "1", "a.mvt") is None
    assert held(tmp_path) == ["a.mvt", "b.mvt"]


def test_the_disk_cache_never_outgrows_its_bound(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path, most=1000)
    for number in range(50):
        cache.put("park", "1", f"{number}.mvt", bytes(100))
        assert sum(p.stat().st_size for p in tmp_path.glob("*/*/*")) <= 1000
    assert cache.get("park", "1", "49.mvt") == bytes(100)
    other = DiskCache(tmp_path, most=1000)
    other.put("park", "1", "new.mvt", bytes(900))
    assert sum(p.stat().st_size for p in tmp_path.glob("*/*/*")) <= 1000


def test_a_folder_that_cannot_be_written_is_a_cache_that_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    cache = DiskCache(tmp_path / "file")
    cache.put("park", "1", "a", b"x")
    assert cache.get("park", "1", "a") is None


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [("gzip, br", "br"), ("gzip;q=0.5", "gzip"), ("br;q=0, gzip", "gzip"), ("identity", ""), ("", "")],
)
def test_encoding_follows_the_caller(accept: str, chosen: str) -> None:
    assert choose_encoding(accept) == chosen


class Stamps:
    """Stands where a reader would: says a layer's stamp."""

    stamp: str | None = "1"

    async def stamps(self) -> dict[str, str]:
        if self.stamp is None:
            raise DatabaseUnavailableError("没有数据库。", "")
        return {"park": self.stamp}


async def test_an_answer_is_given_again_until_a_run_changes_the_layer(tmp_path: Path) -> None:
    asked = []

    async def tile(request: Request) -> Response:
        asked.append(request.url.path)
        return Response(f"{len(asked)}", headers={"ETag": f'"{len(asked)}"'})

    app = Starlette(routes=[Route("/tiles/{layer}/{rest:path}", tile)])
    stamps = Stamps()
    app.state.reader = lambda: stamps
    app.state.tiles = TileCache(tmp_path)
    app.add_middleware(TileFront)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://tiles") as client:
        first = await client.get("/tiles/park/1/0/0.mvt")
        again = await client.get("/tiles/park/1/0/0.mvt")
        assert (first.text, again.text, len(asked)) == ("1", "1", 1)
        same = await client.get("/tiles/park/1/0/0.mvt", headers={"If-None-Match": '"1"'})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", '"1"')
        stamps.stamp = "2"
        assert (await client.get("/tiles/park/1/0/0.mvt")).text == "2"
        assert (await client.get("/tiles/nosuch/1/0/0.mvt")).text == "3"
        stamps.stamp = None
        assert (await client.get("/tiles/park/1/0/0.mvt")).text == "4"
        app.state.tiles.clear()
        stamps.stamp = "2"
        assert (await client.get("/tiles/park/1/0/0.mvt")).text == "5"


def test_memory_lets_the_oldest_answers_go(tmp_path: Path) -> None:
    from app.api.tile_cache import Answer

    cache = TileCache(tmp_path, most=10_000)
    for number in range(40):
        cache.put((b"%d" % number, b"", ""), Answer("1", "d", 200, (), bytes(1000), b""))
        assert cache.size <= 10_000
    assert cache.get((b"39", b"", ""), "1", "d") is not None
    assert cache.get((b"39", b"", ""), "1", "e") is None
    assert cache.get((b"0", b"", ""), "1", "d") is None
