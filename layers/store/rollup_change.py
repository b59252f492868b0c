"""A rollup against itself on another day."""

from __future__ import annotations

import datetime as dt
from typing import Any

Row = dict[str, Any]


def shifted(since: dt.date | None, day: dt.date, other: dt.date) -> dt.date | None:
    """Return the beginning of a period as long before ``other`` as it is before ``day``; None stays None."""
    if since is None:
        return None
    return dt.date.fromordinal(max(1, other.toordinal() - (day - since).days))


def changed(body: Row, before: Row) -> Row:
    """Return a rollup's body with what each value was on the other day and how it changed.

    A cell that only one of the days has is None on the other for means and ratios, 0 for what adds up.
    """
    nothing = 0 if body["extensive"] else None
    was = {(r["code"], r.get("code2", "")): r["value"] for r in before["rows"]}
    rows = [r | _pair(r["value"], was.pop((r["code"], r.get("code2", "")), nothing)) for r in body["rows"]]
    gone = [r for r in before["rows"] if (r["code"], r.get("code2", "")) in was and r["n_features"]]
    rows += [r | {"value": nothing, "n_features": 0, "n_missing": 0} | _pair(nothing, r["value"]) for r in gone]
    sums = {part: _pair(body[part], before[part]) for part in ("outside", "unlocated", "total")}
    named = {f"{part}_{k}": v for part, pair in sums.items() for k, v in pair.items()}
    return body | named | {"rows": rows, "compare_to": before["as_of"]}


def _pair(value: float | None, was: float | None) -> Row:
    return {"before": was, "change": None if value is None or was is None else value - was}
