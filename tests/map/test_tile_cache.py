"""The disk cache of tiles: bounded, dropped by a new stamp, shared; and the answers in memory."""

from pathlib import Path

import pytest

from app.api.tile_cache import DiskCache, TileCache, choose_encoding


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


def test_memory_lets_the_oldest_answers_go(tmp_path: Path) -> None:
    from app.api.tile_cache import Answer

    cache = TileCache(tmp_path, most=10_000)
    for number in range(40):
        cache.put((b"%d" % number, b"", ""), Answer("1", "d", 200, (), bytes(1000), b""))
        assert cache.size <= 10_000
    assert cache.get((b"39", b"", ""), "1", "d") is not None
    assert cache.get((b"39", b"", ""), "1", "e") is None
    assert cache.get((b"0", b"", ""), "1", "d") is None
