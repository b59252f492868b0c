"""Sets of areas that are compared with each other, from ``peers.toml``."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from pathlib import Path

PATH = Path(__file__).with_name("peers.toml")


@dataclass(frozen=True)
class PeerSet:
    """Areas that a reader compares with each other: codes of counties and units."""

    id: str
    title: str
    codes: tuple[str, ...]


@functools.cache
def peer_sets() -> tuple[PeerSet, ...]:
    """Return the sets in the file's order."""
    found = tomllib.loads(PATH.read_text(encoding="utf-8"))["sets"]
    return tuple(PeerSet(x["id"], x["title"], tuple(x["codes"])) for x in found)
