"""One tile as a whole answer: from memory, from the disk, else from one statement."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from dataclasses import dataclass

from app.api.common import INTERNAL
from app.api.headers import plain_headers
from app.api.tile_cache import FORMAT, Answer, TileCache, choose_encoding, encode
from layers.store.reader import Reader
from layers.store.slices import When, today

MEDIA = b"application/vnd.mapbox-vector-tile"
SMALL = 400  # bytes below which nothing is compressed
AT_ONCE = 16_384  # bytes up to which compressing is quicker than handing it to a thread
WRITE_AFTER_S = 0.1
# who may read internal fields gets an answer that no shared cache may give to anybody else
KEEPING = (b"private" if INTERNAL else b"public") + b", no-cache"


@dataclass(frozen=True)
class Asked:
    """Which tile, of which records, on which day."""

    layer: str
    z: int
    x: int
    y: int
    filter_text: str
    when: When
    demo: bool

    @property
    def name(self) -> str:
        """Name the tile within one stamp of its layer."""
        parts = (FORMAT, self.when, self.filter_text, self.demo, INTERNAL, self.z, self.x, self.y)
        return hashlib.blake2b("\x1f".join(map(str, parts)).encode(), digest_size=12).hexdigest()


def etag_of_tile(stamp: str, name: str) -> bytes:
    """Return the ETag of a tile of a layer's present content."""
    return b'"%s"' % hashlib.blake2b(f"{stamp}/{name}".encode(), digest_size=12).hexdigest().encode()


def _write(cache: TileCache, layer: str, stamp: str, key: str, body: bytes) -> None:
    """Keep a tile on the disk once its answer is on its way; a server that stops keeps nothing more."""
    loop = asyncio.get_running_loop()

    def begin() -> None:
        with contextlib.suppress(RuntimeError):
            loop.run_in_executor(None, cache.disk.put, layer, stamp, key, body)

    loop.call_later(WRITE_AFTER_S, begin)


async def _pack(body: bytes, encoding: str) -> bytes:
    return encode(body, encoding) if len(body) <= AT_ONCE else await asyncio.to_thread(encode, body, encoding)


async def make_answer(reader: Reader, cache: TileCache, asked: Asked, accept: str) -> Answer:
    """Return a tile as a whole answer: 200, or 204 where nothing lies."""
    name, encoding = asked.name, choose_encoding(accept)
    stamp, raw, packed = await _on_disk(reader, cache, asked.layer, name, encoding)
    if raw is None and packed is None:
        stamp, raw = await reader.stamped_tile(
            asked.layer, asked.z, asked.x, asked.y, asked.filter_text, asked.when, asked.demo, internal=INTERNAL
        )
        _write(cache, asked.layer, stamp, f"{name}.mvt", raw)
    etag = etag_of_tile(stamp, name)
    headers = [(b"etag", etag), (b"cache-control", KEEPING), (b"vary", b"Accept-Encoding"), *plain_headers()]
    day = today().isoformat()
    if packed is None and raw is not None:
        if not raw:
            return Answer(stamp, day, 204, tuple(headers), b"", etag)
        if encoding and len(raw) > SMALL:
            packed = await _pack(raw, encoding)
            _write(cache, asked.layer, stamp, f"{name}.{encoding}", packed)
    body = packed if packed is not None else raw or b""
    headers += [(b"content-type", MEDIA), (b"content-length", b"%d" % len(body))]
    if packed is not None:
        headers.append((b"content-encoding", encoding.encode()))
    return Answer(stamp, day, 200, tuple(headers), body, etag)


async def _on_disk(
    reader: Reader, cache: TileCache, layer: str, name: str, encoding: str
) -> tuple[str, bytes | None, bytes | None]:
    """Return the stamp, and what the disk holds of a tile: its bytes, or its packed bytes."""
    stamp = reader.last_stamp(layer)
    keys = [f"{name}.{e}" for e in (encoding, "mvt") if e]
    key = next((k for k in keys if stamp and cache.disk.has(layer, stamp, k)), "")
    if not key or await reader.stamp(layer) != stamp:
        return stamp, None, None
    found = await asyncio.to_thread(cache.disk.get, layer, stamp, key)
    return (stamp, found, None) if key.endswith(".mvt") else (stamp, None, found)
