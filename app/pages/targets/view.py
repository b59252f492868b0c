"""What a person has set up on the page of targets, frozen, and the address that restores it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args
from urllib.parse import parse_qsl, urlencode

from app.pages.state import AXES
from geo.errors import InputError
from layers.store.reader import parse_when
from layers.store.slices import When, today
from layers.targets_judge import Status

STATUSES: tuple[Status, ...] = tuple(s for s in get_args(Status) if s != "info")
BASES = ("computed", "entered")
FILTERS = ("task", "dept", "status", "basis", "open")
PAGE_ROWS = 200
EARLIEST, LATEST = 2000, 2100
NO_TASK = "0"  # the task of rows that stand before the first one


@dataclass(frozen=True)
class View:
    """Everything the address says. ``open_only`` keeps what the document leaves open; ``of`` is an area's code."""

    as_of: dt.date | None = None
    known_at: dt.datetime | None = None
    demo: bool = False
    task: str = ""
    dept: str = ""
    statuses: tuple[str, ...] = ()
    basis: str = ""
    open_only: bool = False
    target: str = ""
    axis: str = "county"
    rows: bool = False
    of: str = ""
    page: int = 1
    printed: bool = False

    @classmethod
    def from_query(cls, query: str) -> View:
        """Read a query string; what cannot be is left out, so that no address can break the page."""
        given = dict(parse_qsl(query.partition("?")[2] if "?" in query else query, keep_blank_values=True))
        page = given.get("page", "")
        return cls(
            as_of=_date(given.get("as_of", "")),
            known_at=_instant(given.get("known_at", "")),
            demo=given.get("tdemo") == "1",
            task=given.get("task", "") if given.get("task", "").isdecimal() else "",
            dept=given.get("dept", "")[:40],
            statuses=tuple(s for s in STATUSES if s in given.get("status", "").split(",")),
            basis=given["basis"] if given.get("basis") in BASES else "",
            open_only=given.get("open") == "1",
            target=given.get("t", "")[:12],
            axis=given["axis"] if given.get("axis") in AXES else "county",
            rows=given.get("rows") == "1",
            of=given.get("of", "")[:12],
            page=min(int(page), 10**6) if page.isdecimal() and page.isascii() and len(page) < 8 and int(page) else 1,
            printed=given.get("print") == "1",
        )

    def query(self) -> str:
        """Return the query string that restores this view; what is ordinary is left out."""
        pairs = [
            ("as_of", self.as_of.isoformat() if self.as_of else ""),
            ("known_at", self.known_at.isoformat() if self.known_at else ""),
            ("tdemo", "1" if self.demo else ""),
            ("task", self.task),
            ("dept", self.dept),
            ("status", ",".join(self.statuses)),
            ("basis", self.basis),
            ("open", "1" if self.open_only else ""),
            ("t", self.target),
            ("axis", "" if self.axis == "county" else self.axis),
            ("rows", "1" if self.rows else ""),
            ("of", self.of),
            ("page", "" if self.page == 1 else str(self.page)),
            ("print", "1" if self.printed else ""),
        ]
        return urlencode([(k, v) for k, v in pairs if v], safe=",:")

    def url(self) -> str:
        """Return the address of this view."""
        query = self.query()
        return f"/targets?{query}" if query else "/targets"

    def but(self, **changes: Any) -> View:
        """Return this view with some parts changed."""
        return replace(self, **changes)

    @property
    def day(self) -> dt.date:
        """The day that is judged."""
        return self.as_of or today()

    @property
    def when(self) -> When:
        """The dates that figures are asked for."""
        return When(self.day, self.known_at)

    @property
    def is_filtered(self) -> bool:
        """Whether any filter is set."""
        return bool(self.task or self.dept or self.statuses or self.basis or self.open_only)

    def keeps(self, row: Mapping[str, Any], *, status: bool = True) -> bool:
        """Whether a row passes the filters; ``status`` False leaves the one on status out."""
        tests = [
            not self.task or str(row["task"] or NO_TASK) == self.task,
            not self.dept or self.dept in row["owners"],
            not self.statuses or not status or row["status"] in self.statuses,
            not self.basis or row["basis"] == self.basis,
            not self.open_only or bool(row["question"]),
        ]
        return all(tests)

    def chosen(self, rows: Sequence[Mapping[str, Any]], *, status: bool = True) -> list[Mapping[str, Any]]:
        """Return the rows that are no aliases and pass the filters, in the document's order."""
        return [r for r in rows if not r["alias_of"] and self.keeps(r, status=status)]


def everywhere(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return who answers for every task beside its departments: the last named of all; '' where they differ."""
    last = {r["owners"][-1] for r in rows if r["task"] is not None and r["owners"]}
    return last.pop() if len(last) == 1 else ""


def departments(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the departments that answer for rows, in the document's order of first mention."""
    every = everywhere(rows)
    found = dict.fromkeys(o for r in rows if not r["alias_of"] for o in r["owners"])
    return [o for o in found if o != every]


def count_statuses(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Return how many distinct targets have each status; lists, thresholds and milestones are not among them."""
    targets = [r for r in rows if r["kind"] == "target" and not r["alias_of"]]
    return {s: sum(1 for r in targets if r["status"] == s) for s in STATUSES}


def _date(text: str) -> dt.date | None:
    try:
        found = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return found if EARLIEST <= found.year <= LATEST else None


def _instant(text: str) -> dt.datetime | None:
    try:
        found = parse_when(None, text).known_at
    except InputError:
        return None
    return found if found and EARLIEST <= found.year <= LATEST else None
