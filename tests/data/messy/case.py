"""What one file of the corpus is: how its bytes are made, and the whole report that is expected of it."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Make = Callable[[], bytes]
WHEN = (2026, 3, 5, 0, 0, 0)
_STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


@dataclass(frozen=True)
class Case:
    """One file. ``refused`` is a pattern of the refusal's sentence; else everything of the report is stated.

    ``issues`` maps a type to the rows it stands on (None: the file), ``datum`` is (used, how), ``rows`` maps a
    name to some of its stored values, ``at`` to its true longitude and latitude, ``events`` to its dated stages.
    """

    name: str
    make: Make
    layer: str = "project"
    options: dict[str, Any] = field(default_factory=dict)
    refused: str = ""
    read: int = 0
    held: int = 0
    skipped: int = 0
    issues: dict[str, list[int | None]] = field(default_factory=dict)
    datum: tuple[str, str] = ("", "none")
    keys: tuple[str, ...] = ()
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    at: dict[str, tuple[float, float]] = field(default_factory=dict)
    events: dict[str, dict[str, str]] = field(default_factory=dict)


CASES: dict[str, Case] = {}


def case(name: str, **expected: Any) -> Callable[[Make], Make]:
    """Register the function that makes a file of this name."""

    def register(make: Make) -> Make:
        assert name not in CASES
        steady = (lambda: settled(make())) if name.endswith((".xlsx", ".xlsm")) else make
        CASES[name] = Case(name, steady, **expected)
        return make

    return register


def settled(data: bytes) -> bytes:
    """Put one fixed hour where libraries write the present one: on a workbook's parts and in its core."""
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return data
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            body = old.read(info)
            info.date_time = WHEN
            new.writestr(info, _STAMP.sub(rb"\g<1>2026-03-05T00:00:00Z", body) if "docProps" in info.filename else body)
    return out.getvalue()
