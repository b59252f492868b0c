"""Reporting rounds: who owes which layer by when, and what became of it. Pure: files and days in, states out."""

from __future__ import annotations

import calendar
import datetime as dt
import functools
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from geo.errors import InputError

STATES = {"received": "已到", "late": "迟到", "returned": "退回待改", "overdue": "逾期未到", "due": "待报"}
_PERIOD = re.compile(r"^(\d{4})-(\d{2})$")


class Duty(BaseModel):
    """One layer that is owed each month, by every unit or by one department, before a day of the month after."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    layer: str
    title: str
    by: Literal["unit", "department"]
    department: str = ""
    aliases: tuple[str, ...] = ()
    due_day: int = Field(ge=1, le=28)

    @model_validator(mode="after")
    def _names_its_department(self) -> Duty:
        if (self.by == "department") != bool(self.department):
            raise ValueError("by = department 须写 department，by = unit 不写")
        return self


@dataclass(frozen=True)
class Owner:
    """Who owes: a unit's code or '' for a department, its name, and the words by which a file names it."""

    code: str
    name: str
    words: tuple[str, ...] = ()

    def sent(self, text: str) -> int:
        """Return how long the longest of its words in a text is; 0 when the text names it not."""
        return max((len(w) for w in (self.name, *self.words) if len(w) >= 2 and w in text), default=0)


@dataclass(frozen=True)
class Delivery:
    """One file that came: its run, layer, when, by whom, the day its data state, and its rows that wait."""

    run: int
    layer: str
    at: dt.datetime
    publisher: str
    file_name: str
    data_date: dt.date | None
    n_read: int
    waiting: int


@dataclass(frozen=True)
class Item:
    """What one owner owes in a round, and what became of it; ``days`` late or to go (negative: still to go)."""

    duty: Duty
    owner: Owner
    due: dt.date
    state: str
    days: int
    deliveries: tuple[Delivery, ...]


@functools.cache
def duties() -> tuple[Duty, ...]:
    """Return what is owed each month, as ``duties.toml`` declares it."""
    raw = tomllib.loads((Path(__file__).parent / "duties.toml").read_text(encoding="utf-8"))
    return tuple(Duty(**item) for item in raw["duty"])


def month_of(period: str, today: dt.date) -> tuple[dt.date, dt.date]:
    """Return the first and last day of a round's month; '' is the month before today's.

    Raises
    ------
    InputError
        Not a month.
    """
    if not period:
        last = today.replace(day=1) - dt.timedelta(days=1)
        return last.replace(day=1), last
    found = _PERIOD.match(period)
    if not found or not 1 <= int(found.group(2)) <= 12 or not 2000 <= int(found.group(1)) <= 2100:
        raise InputError(f"期次“{period}”看不懂。", "请写作年月，例如 2026-10。", value=period)
    year, month = int(found.group(1)), int(found.group(2))
    return dt.date(year, month, 1), dt.date(year, month, calendar.monthrange(year, month)[1])


def due_of(duty: Duty, last: dt.date) -> dt.date:
    """Return the last day on which a round's file is in time."""
    return (last + dt.timedelta(days=1)).replace(day=duty.due_day)


def belongs(delivery: Delivery, duty: Duty, first: dt.date, last: dt.date) -> bool:
    """Whether a file is of a round: by the day its data state, else by the day it came."""
    if delivery.layer != duty.layer:
        return False
    if delivery.data_date is not None:
        return first <= delivery.data_date <= last
    before = due_of(duty, first - dt.timedelta(days=1))
    return before < delivery.at.date() <= due_of(duty, last)


def judge(
    wanted: Sequence[Duty], owners: Sequence[Owner], deliveries: Sequence[Delivery], first: dt.date, last: dt.date,
    today: dt.date,
) -> list[Item]:  # fmt: skip
    """Say of every duty of a round what became of it: each file counts for the owner that it names best."""
    items = []
    for duty in wanted:
        mine = [Owner("", duty.department, duty.aliases)] if duty.by == "department" else list(owners)
        came: dict[str, list[Delivery]] = {o.name: [] for o in mine}
        for d in deliveries:
            if belongs(d, duty, first, last):
                best = max(mine, key=lambda o: (o.sent(d.publisher), o.sent(d.file_name)), default=None)
                if best is not None and (best.sent(d.publisher) or best.sent(d.file_name)):
                    came[best.name].append(d)
        due = due_of(duty, last)
        items += [_item(duty, o, due, came[o.name], today) for o in mine]
    return items


def _item(duty: Duty, owner: Owner, due: dt.date, came: list[Delivery], today: dt.date) -> Item:
    if not came:
        days = (today - due).days
        return Item(duty, owner, due, "overdue" if days > 0 else "due", days, ())
    days = (came[0].at.date() - due).days
    state = "returned" if any(d.waiting for d in came) else "late" if days > 0 else "received"
    return Item(duty, owner, due, state, max(days, 0), tuple(came))


def as_body(items: Sequence[Item]) -> list[dict[str, Any]]:
    """Return the items as JSON-serialisable rows."""
    return [
        {
            "layer": i.duty.layer, "title": i.duty.title, "owner": i.owner.name, "code": i.owner.code,
            "due": i.due.isoformat(), "state": i.state, "state_title": STATES[i.state], "days": i.days,
            "waiting": sum(d.waiting for d in i.deliveries),
            "files": [
                {"run": d.run, "file": d.file_name, "publisher": d.publisher, "at": d.at.isoformat(), "read": d.n_read,
                 "waiting": d.waiting}
                for d in i.deliveries
            ],
        }
        for i in items
    ]  # fmt: skip
