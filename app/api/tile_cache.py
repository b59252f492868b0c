"""Tiles that were made stay made while their layer stands still: answers in memory, their bytes on disk."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import brotli
import cramjam
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from geo.errors import YuantuError
from layers.store.slices import today

MEMORY_BYTES = 64 * 1024 * 1024
DISK_BYTES = 512 * 1024 * 1024
KEEP_SHARE = 0.8  # of the disk's share that stays when the oldest files go
OVERHEAD = 600  # bytes an answer takes beside its body
FORMAT = "3"  # grows when the content of a tile changes with the code


def choose_encoding(accept: str) -> str:
    """Return br, gzip or '' by what the caller accepts."""
    names = {}
    for part in accept.lower().split(","):
        name, _, quality = part.strip().partition(";q=")
        names[name.strip()] = quality.strip()
    return next((n for n in ("br", "gzip") if n in names and names[n] not in ("0", "0.0")), "")


def encode(body: bytes, encoding: str) -> bytes:
    """Compress a tile."""
    if encoding == "br":
        return brotli.compress(body, quality=4)
    return bytes(cramjam.gzip.compress(body, level=5)) if encoding == "gzip" else body


class DiskCache:
    """The bytes of tiles under one folder: ``<layer>/<stamp>/<key>.<encoding>``, up to a number of bytes.

    A layer's stamp changes with every run; what an older stamp holds goes with the first tile of a newer one.
    Several processes may share the folder: a file that another one removed is a tile to be made again.
    """

    def __init__(self, folder: Path, most: int = DISK_BYTES) -> None:
        self.folder, self.most = folder, most
        self._size: int | None = None

    def _path(self, layer: str, stamp: str, key: str) -> Path:
        return self.folder / layer / f"{FORMAT}-{stamp}" / key

    def get(self, layer: str, stamp: str, key: str) -> bytes | None:
        """Return a held tile."""
        try:
            return self._path(layer, stamp, key).read_bytes()
        except OSError:
            return None

    def put(self, layer: str, stamp: str, key: str, body: bytes) -> None:
        """Hold a tile; let what older stamps held go, and the oldest files when there is no room."""
        path = self._path(layer, stamp, key)
        with contextlib.suppress(OSError):
            if not path.parent.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                for other in path.parent.parent.iterdir():
                    if other != path.parent:
                        shutil.rmtree(other, ignore_errors=True)
                self._size = None
            part = path.with_suffix(f"{path.suffix}.part")
            part.write_bytes(body)
            part.replace(path)
            self._size = self._measure() if self._size is None else self._size + len(body)
            if self._size > self.most:
                self._prune()

    def clear(self) -> None:
        """Forget everything."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self._size = None

    def _files(self) -> list[tuple[float, int, Path]]:
        found = []
        for path in self.folder.glob("*/*/*"):
            with contextlib.suppress(OSError):
                facts = path.stat()
                found.append((facts.st_mtime, facts.st_size, path))
        return found

    def _measure(self) -> int:
        return sum(size for _, size, _ in self._files())

    def _prune(self) -> None:
        files = sorted(self._files())
        size = sum(s for _, s, _ in files)
        for _, held, path in files:
            if size <= KEEP_SHARE * self.most:
                break
            path.unlink(missing_ok=True)
            size -= held
        self._size = size


@dataclass(frozen=True)
class Answer:
    """A whole answer, and when it holds: the layer's stamp and the day it was given on."""

    stamp: str
    day: str
    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    etag: bytes


class TileCache:
    """Answers served last, by address and encoding, up to a number of bytes; a disk cache behind them."""

    def __init__(self, folder: Path, most: int = MEMORY_BYTES) -> None:
        self.most, self.size = most, 0
        self.held: OrderedDict[tuple[bytes, bytes, str], Answer] = OrderedDict()
        self.disk = DiskCache(folder)

    def get(self, key: tuple[bytes, bytes, str], stamp: str, day: str) -> Answer | None:
        """Return a held answer that still holds."""
        found = self.held.get(key)
        if found is None or found.stamp != stamp or found.day != day:
            return None
        self.held.move_to_end(key)
        return found

    def put(self, key: tuple[bytes, bytes, str], answer: Answer) -> None:
        """Hold an answer, letting the oldest go."""
        before = self.held.pop(key, None)
        self.held[key] = answer
        self.size += len(answer.body) + OVERHEAD - (len(before.body) + OVERHEAD if before else 0)
        while self.size > self.most and len(self.held) > 1:
            _, old = self.held.popitem(last=False)
            self.size -= len(old.body) + OVERHEAD

    def clear(self) -> None:
        """Forget everything, on disk too."""
        self.held.clear()
        self.size = 0
        self.disk.clear()


class TileFront:
    """Answers a tile that was answered before, as long as its layer and the day are the same, before any routing."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from memory, or let the app answer and keep what it says."""
        path = scope.get("path", "")
        if scope["type"] != "http" or scope["method"] != "GET" or not path.startswith("/tiles/"):
            return await self.app(scope, receive, send)
        state = scope["app"].state
        layer = path.split("/")[2]
        try:
            stamp = (await state.reader().stamps()).get(layer)
        except YuantuError:
            stamp = None
        if stamp is None:
            return await self.app(scope, receive, send)
        given = dict(scope["headers"])
        encoding = choose_encoding(given.get(b"accept-encoding", b"").decode("latin-1"))
        key = (path.encode(), scope["query_string"], encoding)
        day = today().isoformat()
        held = state.tiles.get(key, stamp, day)
        if held is not None:
            return await _say(held, given.get(b"if-none-match", b""), send)
        return await self.app(scope, receive, _Listener(state.tiles, key, stamp, day, send))


async def _say(answer: Answer, known: bytes, send: Send) -> None:
    status, headers, body = answer.status, answer.headers, answer.body
    if known and answer.etag in [tag.strip().removeprefix(b"W/") for tag in known.split(b",")]:
        headers = tuple(h for h in headers if h[0] not in (b"content-length", b"content-type", b"content-encoding"))
        status, body = 304, b""
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})
    await send({"type": "http.response.body", "body": body})


class _Listener:
    """Passes an answer on and keeps it when it is a tile."""

    def __init__(self, cache: TileCache, key: tuple[bytes, bytes, str], stamp: str, day: str, send: Send) -> None:
        self.cache, self.key, self.stamp, self.day, self.send = cache, key, stamp, day, send
        self.start: Message = {}
        self.body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = message
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")
            if not message.get("more_body") and self.start.get("status") in (200, 204):
                headers = tuple((bytes(k), bytes(v)) for k, v in self.start["headers"])
                etag = next((v for k, v in headers if k == b"etag"), b"")
                answer = Answer(self.stamp, self.day, self.start["status"], headers, self.body, etag)
                self.cache.put(self.key, answer)
        await self.send(message)


_writing: set[asyncio.Task[None]] = set()


async def kept(disk: DiskCache, layer: str, stamp: str, key: str, make: Callable[[], Awaitable[bytes]]) -> bytes:
    """Return what the disk holds under a key, or what ``make()`` gives, kept from then on; nobody waits for that."""
    found = await asyncio.to_thread(disk.get, layer, stamp, key)
    if found is None:
        found = await make()
        task = asyncio.create_task(asyncio.to_thread(disk.put, layer, stamp, key, found))
        _writing.add(task)
        task.add_done_callback(_writing.discard)
    return found
