"""Recognitions in several columns: one column a level (国家级绿色工厂, 省级绿色工厂), and one date for all of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from etl.clean_events import EventRow, note_coarse
from etl.fault import Fault
from etl.headers import RECOGNISED
from etl.parse_date import Period, parse_date
from etl.parse_term import Terms, parse_boolean
from etl.parse_text import header_key, is_nothing
from etl.texts import as_objects, missing
from layers.registry import Catalogue
from layers.spec import EventGroup, Layer

if TYPE_CHECKING:
    from etl.clean import Cleaned
    from etl.headers import Match
    from etl.table import Column, Table

_TAIL = re.compile(r"(?:认定|评定|获评|称号|名单|情况|入选)+$")


@dataclass(frozen=True)
class LevelColumn:
    """One column that says whether a level was recognised; ``group`` None: its cells name of what."""

    at: int
    level: str
    group: EventGroup | None


@dataclass(frozen=True)
class Layout:
    """The columns of a file that hold levels, and the one that holds the date of them all."""

    levels: tuple[LevelColumn, ...] = ()
    date: int | None = None

    @property
    def used(self) -> frozenset[int]:
        """Return the places of these columns."""
        return frozenset(c.at for c in self.levels) | ({self.date} if self.date is not None else frozenset())


@dataclass
class _Row:
    """What one row says: its recognitions without a date of their own."""

    undated: list[tuple[EventGroup, str]] = field(default_factory=list)


def find_levels(table: Table, matches: Sequence[Match], layer: Layer, cat: Catalogue) -> Layout:
    """Find the columns of levels and the lone date among those that are no field."""
    groups = [g for g in layer.events if g.levels and layer.field(g.field) is not None]
    taken = {m.target for m in matches if m.kind == "field"}
    free = [g for g in groups if g.field not in taken]
    terms = {g.id: Terms(spec, cat) for g in groups if (spec := layer.field(g.field)) is not None}
    spare = [j for j, m in enumerate(matches) if m.kind == "extra" and m.how not in ("given", "remembered")]
    named, bare = [], []
    for j in spare:
        key = _TAIL.sub("", header_key(table.columns[j].header))
        found = next(((g, level) for g in free if (level := terms[g.id].within(key)) is not None), None)
        plain = next((level for g in free if (level := terms[g.id].words.get(key)) is not None), None)
        if found is not None:
            named.append(LevelColumn(j, found[1], found[0]))
        elif plain is not None and len(key) >= 2:
            bare.append(LevelColumn(j, plain, free[0] if len(free) == 1 else None))
    levels = tuple(named + (bare if len(bare) > 1 else []))
    dates = [j for j in spare if header_key(table.columns[j].header) in RECOGNISED]
    several = bool(levels) or sum(g.field in taken for g in groups) > 1
    return Layout(levels, dates[0] if len(dates) == 1 and several else None)


def read_levels(cleaned: Cleaned, layer: Layer, layout: Layout) -> list[EventRow]:
    """Read the levels into their fields; return the events whose date is certain, and say which dates are not."""
    if not layout.used:
        return []
    columns = cleaned.table.columns
    rows: dict[int, _Row] = {}
    out: list[EventRow] = []
    marks: dict[str, list[tuple[int, str]]] = {}
    for one in layout.levels:
        column = columns[one.at]
        for i in np.flatnonzero(~column.missing).tolist():
            group, period = _marked(cleaned, one, column, i, layer)
            if group is None:
                continue
            marks.setdefault(group.field, []).append((i, one.level))
            if period is not None and len(group.types) == 1:
                note_coarse(cleaned, period, group.types[0], column.header, i, period.day)
                out.append(_event(i, group, one.level, period))
            else:
                rows.setdefault(i, _Row()).undated.append((group, one.level))
    _keep_levels(cleaned, layer, marks)
    if layout.date is not None:
        _add_fields(cleaned, layer, rows, set(marks))
        out += _dated(cleaned, columns[layout.date], rows)
    return out


def _marked(
    cleaned: Cleaned, one: LevelColumn, column: Column, i: int, layer: Layer
) -> tuple[EventGroup | None, Period | None]:
    """Return of what a cell says that it was recognised at its column's level, and the date if it holds one."""
    cell = column.at(i) or ""
    said = parse_boolean(cell)
    if said is None or said is False:
        return None, None
    if said is True and one.group is not None:
        return one.group, None
    period = parse_date(cell) if isinstance(said, Fault) else None
    if isinstance(period, Period) and one.group is not None:
        return one.group, period
    groups = [g for g in layer.events if g.levels and any(t in cell for t in (*g.types, g.title))]
    if len(groups) == 1 and one.group in (None, groups[0]):
        return groups[0], None
    cleaned.extra[i][column.header] = cell
    things = "、".join(g.title for g in layer.events if g.levels)
    cleaned.log.add("level_of_which", i, "", cell, title=column.header, expected=things, found=one.level)
    return None, None


def _event(i: int, group: EventGroup, level: str, period: Period) -> EventRow:
    text = "" if period.first == period.last else period.text
    return EventRow(i, group.types[0], level, period.first, period.last, None, text)


def _keep_levels(cleaned: Cleaned, layer: Layer, marks: dict[str, list[tuple[int, str]]]) -> None:
    """Store the highest level of each row in the field of its group."""
    for name, found in marks.items():
        spec = layer.field(name)
        if spec is None:
            continue
        order = list(Terms(spec, cleaned.cat).terms)
        best: list[str | None] = [None] * len(cleaned.table)
        for i, level in found:
            now = best[i]
            best[i] = level if now is None or order.index(level) > order.index(now) else now
        cleaned.values[name] = pa.array(best, pa.string())


def _add_fields(cleaned: Cleaned, layer: Layer, rows: dict[int, _Row], done: set[str]) -> None:
    """Add the levels that stand in columns of fields: 智能工厂等级 and 绿色工厂级别 beside one 认定时间."""
    dated = {m.target for m in cleaned.matches if m.kind == "event"}
    for group in layer.events:
        values = cleaned.values.get(group.field) if group.levels else None
        if values is None or group.field in done or set(group.types) & dated:
            continue
        held = as_objects(values)
        for i in np.flatnonzero(~missing(values)).tolist():
            rows.setdefault(i, _Row()).undated.append((group, str(held[i])))


def _dated(cleaned: Cleaned, column: Column, rows: dict[int, _Row]) -> list[EventRow]:
    out = []
    for i in np.flatnonzero(~column.missing).tolist():
        cell = column.at(i) or ""
        if is_nothing(cell):
            continue
        stated = rows.get(i, _Row()).undated
        period = parse_date(cell, is_number=column.is_number(i))
        if isinstance(period, Fault):
            cleaned.log.add_fault(period, i, "events", cell, column.header)
            period = period.value  # type: ignore[assignment]
        if isinstance(period, Period) and len(stated) == 1 and len(stated[0][0].types) == 1:
            group, level = stated[0]
            note_coarse(cleaned, period, group.types[0], column.header, i, period.day)
            out.append(_event(i, group, level, period))
            continue
        cleaned.extra[i][column.header] = cell
        if isinstance(period, Period) and stated:
            listed = "、".join(f"{level}{group.title}" for group, level in stated)
            cleaned.log.add("date_of_which", i, "events", cell, title=column.header, found=listed)
    return out
