"""The rules of the work lists, pure: who waits how long, what is out of order, what share went on.

A record is a dict with ``stage``, ``since`` (stage -> first day in force, as of the list's date), ``told``
(stage -> the month, quarter or year stated for it, where no day is), ``county_code`` and ``unit_code``. ``types``
are the stages in their order.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True)
class Period:
    """A span of days, both ends included, with the name it is shown by."""

    label: str
    start: dt.date
    end: dt.date

    @classmethod
    def year(cls, number: int) -> Period:
        """Return a calendar year."""
        return cls(str(number), dt.date(number, 1, 1), dt.date(number, 12, 31))

    def __contains__(self, day: dt.date) -> bool:
        return self.start <= day <= self.end


def wait(row: Row, stage: str, as_of: dt.date, limit_days: int | None) -> Row:
    """Return what a record's wait in a stage adds to its row; a stage without a date waits None days."""
    since = row["since"].get(stage)
    days = (as_of - since).days if since else None
    told = row.get("told", {}).get(stage, "")
    return {
        "stage_date": since,
        "stage_text": told,
        "days": days,
        "is_over": bool(limit_days is not None and (days or 0) > limit_days),
    }


def count_areas(rows: Sequence[Row], column: str, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Count rows by area: one entry per code of ``names`` in its order, then any other code found.

    ``median_days`` is of the dated rows, None where there are none.
    """
    groups: dict[str, list[Row]] = {code: [] for code in names}
    for row in rows:
        groups.setdefault(row[column], []).append(row)
    return [
        {"code": code, "name": names.get(code, code), "n": len(found), "n_over": sum(r["is_over"] for r in found)}
        | {"median_days": median_days(found)}
        for code, found in groups.items()
    ]


def median_days(rows: Iterable[Row]) -> float | None:
    """Return the median of the rows' days, leaving out those without."""
    days = [r["days"] for r in rows if r["days"] is not None]
    return float(median(days)) if days else None


def find_violations(
    since: Mapping[str, dt.date], types: Sequence[str], first: Mapping[str, dt.date] | None = None
) -> list[dict[str, Any]]:
    """Return every pair of stages whose later one is dated before the earlier one; one day is no fault.

    ``first`` is the first day on which each can have happened, where a month or a year is stated: 2026年 and
    2026-03-05 are no contradiction.
    """
    dated = [t for t in types if t in since]
    begin = since if first is None else first
    return [
        {"stage": late, "date": since[late], "before": early, "before_date": begin[early],
         "days": (begin[early] - since[late]).days}
        for number, late in enumerate(dated) for early in dated[:number] if since[late] < begin[early]
    ]  # fmt: skip


def steps_of(types: Sequence[str]) -> list[tuple[str, str]]:
    """Return the steps from each stage to the next."""
    return list(pairwise(types))


def convert(rows: Iterable[Row], types: Sequence[str], step: tuple[str, str], period: Period) -> list[Row]:
    """Follow the records that reached the first stage of a step within a period.

    A record went on when it has reached the second stage or any later one (a file may leave stages out).
    Each gets ``from_date``, ``to_date`` (the first of those stages; None) and ``days`` between, never below 0.
    """
    here, there = step
    beyond = types[types.index(there) :]
    followed = []
    for row in rows:
        start = row["since"].get(here)
        if start is None or start not in period:
            continue
        reached = [row["since"][t] for t in beyond if t in row["since"]]
        arrived = min(reached) if reached else None
        days = max(0, (arrived - start).days) if arrived else None
        followed.append(row | {"from_date": start, "to_date": arrived, "days": days})
    return followed


def rate(followed: Sequence[Row], minimum: int) -> dict[str, Any]:
    """Return counts and the share that went on (%); no share of fewer than ``minimum`` records."""
    n_from, n_to = len(followed), sum(r["to_date"] is not None for r in followed)
    share = 100.0 * n_to / n_from if n_from >= max(minimum, 1) else None
    return {"n_from": n_from, "n_to": n_to, "rate_pct": share, "median_days": median_days(followed)}


def rate_areas(
    followed: Sequence[Row], column: str, names: Mapping[str, str], minimum: int
) -> list[dict[str, Any]]:  # fmt: skip
    """Return :func:`rate` by area, in the order of ``names``."""
    groups: dict[str, list[Row]] = {code: [] for code in names}
    for row in followed:
        groups.setdefault(row[column], []).append(row)
    return [{"code": c, "name": names.get(c, c)} | rate(found, minimum) for c, found in groups.items()]
