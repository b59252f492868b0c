"""Which days a question may name, and what to say of a day that the records do not reach."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from psycopg import sql

from geo.errors import InputError
from layers.store.db import statement
from layers.store.slices import When, today

if TYPE_CHECKING:
    from layers.spec import Layer
    from layers.store.pool import Pool

FIRST_DAY = dt.date(1949, 10, 1)
YEARS_AHEAD = 30


def last_day() -> dt.date:
    """Return the last day a question may be about: some plans reach that far, no record does."""
    now = today()
    return dt.date(now.year + YEARS_AHEAD, 12, 31)


def check_days(when: When) -> When:
    """Return the dates as they are.

    Raises
    ------
    InputError
        ``as_of`` lies where no record can, or ``known_at`` lies ahead: what will be known then is not known now,
        and a figure for a pair of dates never changes.
    """
    if not FIRST_DAY <= when.as_of <= last_day():
        raise InputError(
            f"{when.as_of.isoformat()} 超出了可以查询的日期。",
            f"请用 {FIRST_DAY.isoformat()} 到 {last_day().isoformat()} 之间的一天。",
            as_of=when.as_of.isoformat(),
        )
    tomorrow = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    if when.known_at is not None and when.known_at.astimezone(dt.UTC) > tomorrow:
        raise InputError(
            f"{when.known_at.date().isoformat()} 还没有到，那时知道什么现在无法回答。",
            "请用今天或以前的日期；不写就是按现在所知。",
            known_at=when.known_at.isoformat(),
        )
    return when


async def day_note(pool: Pool, layer: Layer, when: When) -> str:
    """Return what to know of an answer for this day, in one sentence; "" where it needs none."""
    now = today()
    if when.as_of == now:
        return ""
    first = await _first_day(pool, layer)
    day = when.as_of.isoformat()
    if first is None:
        return f"“{layer.title}”的记录没有日期：{day} 的回答与任何一天相同。"
    if when.as_of > now:
        return f"{day} 还没有到：按今天（{now.isoformat()}）所知的日期回答。"
    if when.as_of < first:
        return f"“{layer.title}”最早的日期是 {first.isoformat()}，{day} 的情况不知道：这里只有没有日期的记录。"
    return ""


async def _first_day(pool: Pool, layer: Layer) -> dt.date | None:
    """Return the earliest day that any record of the layer, as known now, states."""
    found: list[dt.date] = []
    if layer.events:
        rows = await pool.fetch(
            sql.SQL(statement("query/first_event")).format(events=sql.Identifier(layer.event_table))
        )
        found += [r["first"] for r in rows if r["first"] is not None]
    for name in (layer.exists_from, layer.exists_to):
        spec = layer.field(name) if name else None
        if spec is None or spec.internal:
            continue
        text = "query/first_date" if spec.type == "date" else "query/first_year"
        rows = await pool.fetch(
            sql.SQL(statement(text)).format(layer=sql.Identifier(layer.table), field=sql.Identifier(spec.id))
        )
        found += [r["first"] for r in rows if r["first"] is not None]
    return min(found, default=None)
