"""What the pages draw from: plain frozen records between the reader and the components."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class LayerFacts:
    """How much a layer holds and how old it is."""

    id: str
    n: int = 0
    n_demo: int = 0
    data_date: dt.date | None = None
    owner: str = ""


@dataclass(frozen=True)
class RollupRow:
    """One area or group: value in stored units (None is no data), the number of things, how many lack a value."""

    code: str
    name: str
    value: float | None
    n: int
    missing: int = 0


@dataclass(frozen=True)
class Rollup:
    """A measure by area: the areas, what lies outside, what has no place, and the total."""

    rows: tuple[RollupRow, ...]
    outside: RollupRow
    unlocated: RollupRow
    total: RollupRow
    data_date: dt.date | None = None
    partition: bool = True


@dataclass(frozen=True)
class TableRows:
    """The rows of the table and how many there are in all."""

    rows: tuple[dict[str, Any], ...] = ()
    n: int = 0


@dataclass(frozen=True)
class Event:
    """One dated happening of a thing."""

    type: str
    date: dt.date | None
    level: str = ""
    end: dt.date | None = None
    told: str = ""  # the month, quarter or year stated for it, where no day is


@dataclass(frozen=True)
class Card:
    """Everything known of one thing."""

    layer: str
    id: str
    name: str
    values: dict[str, Any] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    figures: dict[str, tuple[tuple[dt.date, float], ...]] = field(default_factory=dict)
    county: str = ""
    unit: str = ""
    township: str = ""
    accuracy: str = "none"
    lon: float | None = None
    lat: float | None = None
    geometry: str = ""
    is_demo: bool = False
    data_date: dt.date | None = None
    source_name: str = ""
    source_row: int | None = None
    run_id: int | None = None
    near: tuple[Near, ...] = ()


@dataclass(frozen=True)
class Near:
    """A thing near another, with the distance in metres."""

    layer: str
    id: str
    name: str
    note: str
    distance_m: float
    is_demo: bool = False


@dataclass(frozen=True)
class Found:
    """A search result; of the layer ``place`` it is a county, a unit or a township (``kind``)."""

    layer: str
    id: str
    name: str
    matched: str
    lon: float | None = None
    lat: float | None = None
    is_demo: bool = False
    kind: str = ""
    county: str = ""


@dataclass(frozen=True)
class Run:
    """One run of a load."""

    id: int
    layer: str
    kind: str
    at: dt.datetime | None
    file: str = ""
    read: int = 0
    loaded: int = 0
    unchanged: int = 0
    quarantined: int = 0
    who: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Histogram:
    """Counts in equal classes of a (log) scale: ``edges`` has one more than ``counts``; stored units."""

    edges: tuple[float, ...] = ()
    counts: tuple[int, ...] = ()
