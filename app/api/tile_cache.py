"""Tiles that were made stay made while their layer stands still: answers in memory, their bytes on disk."""

from __future__ import annotations

import contextlib
import shutil
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import brotli
import cramjam

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

    def has(self, layer: str, stamp: str, key: str) -> bool:
        """Whether a tile is held; quick enough for the event loop."""
        return self._path(layer, stamp, key).exists()

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
