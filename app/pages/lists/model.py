"""What a work list is asked for, read from the address, and everything the view shows of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from app.pages.source import Source, while_unchanged
from app.pages.state import State
from geo.errors import InputError
from layers.store.dates import parse_when
from layers.store.queries_worklists import Ask, Period, conversion, five_lists, read_worklist, three_gaps
from layers.store.saved_lists import read_saved
from layers.store.slices import When, today
from layers.store.worklist_spec import FIVE, GAPS, WORKLISTS, describe_worklists

CONVERSION = "conversion"
CHECKS = ("order_violations", "stale", "unlocated")
YEARS = 3
Body = dict[str, Any]


@dataclass(frozen=True)
class Choice:
    """What the address asks: the list, the layer, the nature of the projects, a limit, a year, one area."""

    list_id: str
    layer: str
    kind: str = ""
    limit: int | None = None
    over: bool = False
    year: int | None = None
    area: str = ""
    axis: str = "county"

    def ask(self, filter_text: str, **changes: Any) -> Ask:
        """Return what the store is asked."""
        place = {self.axis: self.area} if self.area else {}
        given = {"limit_days": self.limit, "only_over": self.over, "year": self.year} | changes
        return Ask(self.layer, filter_text, self.kind, **place, **given)


@dataclass(frozen=True)
class Lists:
    """All that the view shows."""

    state: State
    choice: Choice
    when: When
    counts: dict[str, Body]
    body: Body
    rates: Body | None = None
    picked: tuple[int, str, str] | None = None  # step, label of the period, code of the area or ""
    saved: tuple[Body, ...] = ()


def _whole(text: str, low: int, high: int) -> int | None:
    return int(text) if text.isdecimal() and low <= int(text) <= high else None


def choose(source: Source, state: State) -> Choice:
    """Read the choice; what cannot be is left out."""
    cat = source.cat
    known = {**WORKLISTS, CONVERSION: None}
    list_id = state.extra("list") if state.extra("list") in known else GAPS[0]
    layers = {d["list"]: d["layers"] for d in describe_worklists(cat)}.get(list_id, layers_with_stages(source))
    layer = state.layer if state.layer in layers else layers[0]
    spec = cat.layer(layer).field("kind")
    kind = state.extra("kind") if spec is not None and state.extra("kind") in cat.terms(spec) else ""
    area = state.areas[0] if len(state.areas) == 1 else ""
    return Choice(
        list_id, layer, kind, _whole(state.extra("limit"), 0, 36_500), state.extra("over") == "1",
        _whole(state.extra("year"), 1950, 2200), area, state.axis,
    )  # fmt: skip


def layers_with_stages(source: Source) -> list[str]:
    """Return the layers that have ordered stages."""
    found: list[str] = next(d["layers"] for d in describe_worklists(source.cat) if d["list"] == FIVE[0])
    return found


def when_of(state: State) -> When:
    """Return the dates; a recorded time that cannot be is left out."""
    day = (state.as_of or today()).isoformat()
    try:
        return parse_when(day, state.extra("known_at") or None)
    except InputError:
        return parse_when(day, None)


async def gather_lists(source: Source, state: State) -> Lists:
    """Read the counts of every list and the one that is chosen, or the conversion rates."""
    choice, when = choose(source, state), when_of(state)
    reader, demo = source.reader, state.demo
    layer = source.cat.layer(choice.layer)
    text = state.but(areas=()).filter_of(layer)
    staged = choice.layer if choice.layer in layers_with_stages(source) else layers_with_stages(source)[0]

    async def counted() -> dict[str, Body]:
        at = Choice(choice.list_id, staged, choice.kind, choice.limit, False, choice.year, choice.area, choice.axis)
        stage_text = text if staged == choice.layer else ""
        five, gaps, *checks = await asyncio.gather(
            five_lists(reader, at.ask(stage_text), when, demo), three_gaps(reader, at.ask(stage_text), when, demo),
            *(read_worklist(reader, x, at.ask(stage_text, limit_days=None, year=None), when, demo) for x in CHECKS),
        )  # fmt: skip
        found = [*five["lists"], *gaps["lists"], *checks]
        return {b["list"]: {k: v for k, v in b.items() if k != "rows"} for b in found}

    async def chosen() -> Body:
        if choice.list_id == CONVERSION:
            return {}
        gap = choice.list_id in GAPS or choice.list_id == "stale"
        ask = choice.ask(text, year=choice.year if choice.list_id in FIVE else None,
                         limit_days=choice.limit if gap else None, only_over=choice.over and gap)  # fmt: skip
        return await read_worklist(reader, choice.list_id, ask, when, demo)

    key = (choice, text, when, demo)
    counts, body = await asyncio.gather(
        while_unchanged(reader, ("lists", *key), counted), while_unchanged(reader, ("list", *key), chosen)
    )
    picked = pick_of(state) if choice.list_id == CONVERSION else None
    rates, saved = await asyncio.gather(
        rates_of(source, choice, text, when, demo, with_rows=picked is not None), read_saved(reader.pool)
    )
    return Lists(state, choice, when, counts, body, rates, picked, tuple(saved))


def pick_of(state: State) -> tuple[int, str, str] | None:
    """Return the number of a rate whose records are asked for: step, year, code of the area or ""."""
    step, _, rest = state.extra("pick").partition(".")
    year, _, code = rest.partition(".")
    return (int(step), year, code) if step.isdecimal() and len(step) < 3 and year.isdecimal() else None


async def rates_of(
    source: Source, choice: Choice, text: str, when: When, demo: bool, *, with_rows: bool = False
) -> Body | None:
    """Return the conversion rates of the past years, with the records behind them; None for another list."""
    if choice.list_id != CONVERSION:
        return None
    last = choice.year or when.as_of.year
    periods = [Period.year(y) for y in range(last - YEARS + 1, last + 1)]
    ask = choice.ask(text, limit_days=None, only_over=False, year=None)
    found: Body = await while_unchanged(
        source.reader, ("rates", choice, text, when, demo, with_rows),
        lambda: conversion(source.reader, periods, ask, when, demo, with_rows=with_rows),
    )  # fmt: skip
    return found
