"""Dated events and figure series out of a flat file: one column a type, one column a period, or a JSON list."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from etl.fault import Fault
from etl.headers import MONTHS
from etl.parse_amount import Unit, convert, parse_amount, parse_unit
from etl.parse_date import Period, find_period, parse_date
from etl.parse_text import is_nothing, plain
from etl.shared import shared_rows
from etl.texts import as_objects, missing
from layers.spec import EventGroup, FigureSeries, Layer

if TYPE_CHECKING:
    from etl.clean import Cleaned
    from etl.headers import Match
    from etl.options import Options
    from etl.table import Column
    from layers.registry import Catalogue


# a title that says up to when the sheet's figures add up: 截至2026年9月底, 2026年9月项目进度表
_UP_TO = re.compile(
    r"(?:截至|截止)\D{0,3}\d{4}\D\d{1,2}|\d{4}年(?:1[-至~—－])?\d{1,2}月份?\D{0,16}(?:进度|进展|情况|月报|统计|报表)"
)
MOST = 10**16  # as for the fields: more than all money there is


@dataclass(frozen=True)
class EventRow:
    """One dated event of the row at ``row``: of the stated period its last day counts; its words are kept."""

    row: int
    type: str
    level: str
    first: dt.date
    last: dt.date
    end: dt.date | None
    text: str

    @property
    def day(self) -> dt.date:
        """The day from which it counts."""
        return self.last


@dataclass(frozen=True)
class FigureRow:
    """One figure of the row at ``row``, in the stored unit, for the period that ends on ``period_end``."""

    row: int
    measure: str
    period_end: dt.date
    value: float


def read_events(
    cleaned: Cleaned, layer: Layer, cat: Catalogue, of_levels: list[EventRow] | None = None
) -> list[EventRow]:  # fmt: skip
    """Return the events of every row: from date columns with the level beside them, and from ``events``.

    ``of_levels`` are those that columns of levels told.
    """
    out: list[EventRow] = list(of_levels or ())
    groups = {kind: group for group in layer.events for kind in group.types}
    starts: dict[str, tuple[Match, Column]] = {}
    ends: dict[str, tuple[Match, Column]] = {}
    for match, column in zip(cleaned.matches, cleaned.table.columns, strict=True):
        if match.kind in ("event", "event_end") and match.target in groups:
            (starts if match.kind == "event" else ends)[match.target] = (match, column)
    for kind, (_, column) in starts.items():
        out += _dated(cleaned, groups[kind], kind, column, ends.pop(kind, (None, None))[1])
    for kind, (_, column) in ends.items():
        for i, cell in enumerate(column.cells):
            if cell is not None and not is_nothing(cell):
                cleaned.log.add("end_without_start", i, kind, cell, title=kind)
                cleaned.extra[i][column.header] = cell
    if "events" in cleaned.roles:
        out += _listed(cleaned, groups, cat)
    _note_undated(cleaned, layer, {(e.row, groups[e.type].id) for e in out})
    return out


def _period(cleaned: Cleaned, kind: str, column: Column, i: int) -> Period | None:
    cell = column.cells[i]
    if cell is None:
        return None
    found = parse_date(cell, is_number=column.is_number(i))
    if isinstance(found, Fault):
        cleaned.log.add_fault(found, i, kind, cell, column.header)
        if found.value is None:
            cleaned.extra[i][column.header] = cell
        found = found.value  # type: ignore[assignment]
    return found if isinstance(found, Period) else None


def note_coarse(cleaned: Cleaned, period: Period, kind: str, title: str, i: int, taken: dt.date) -> None:
    """Say where no day is stated, and which was taken."""
    if period.is_vague:
        cleaned.log.add("date_coarse", i, kind, period.text, title=title, expected=taken)


def _dated(cleaned: Cleaned, group: EventGroup, kind: str, column: Column, end_column: Column | None) -> list[EventRow]:
    said = cleaned.values.get(group.field) if group.levels else None
    levels = None if said is None else as_objects(said)
    out = []
    for i in range(len(column.cells)):
        period = _period(cleaned, kind, column, i)
        end = _period(cleaned, kind, end_column, i) if end_column is not None else None
        if period is None:
            if end is not None and end_column is not None:
                cleaned.log.add("end_without_start", i, kind, end.text, title=kind)
                cleaned.extra[i][end_column.header] = end.text
            continue
        note_coarse(cleaned, period, kind, column.header, i, period.day)
        stop = end.last if end is not None else None
        if end is not None and end_column is not None:
            note_coarse(cleaned, end, kind, end_column.header, i, end.last)
        if stop is not None and stop <= period.day:
            cleaned.log.add("end_before_start", i, kind, stop, title=kind, expected=period.day)
            stop = None
        level = "" if levels is None or levels[i] is None else str(levels[i])
        text = "" if period.first == period.last else period.text
        out.append(EventRow(i, kind, level, period.first, period.last, stop, text))
    return out


def _note_undated(cleaned: Cleaned, layer: Layer, dated: set[tuple[int, str]]) -> None:
    """Say where a recognition has a level and no date: it is stored, but as of when is unknown."""
    for group in layer.events:
        values = cleaned.values.get(group.field) if group.levels else None
        spec = layer.field(group.field)
        if values is None or spec is None:
            continue
        for i in np.flatnonzero(~missing(values)).tolist():
            if (i, group.id) not in dated:
                value = values[i].as_py()
                cleaned.log.add("level_without_date", i, group.field, value, title=spec.title)


def _listed(cleaned: Cleaned, groups: dict[str, EventGroup], cat: Catalogue) -> list[EventRow]:
    out: list[EventRow] = []
    for i, cell in enumerate(cleaned.roles["events"].cells):
        if cell is None or is_nothing(cell):
            continue
        try:
            found = json.loads(cell)
            made = [_event(i, item, groups, cat) for item in (found if isinstance(found, list) else [found])]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            why = str(error) if "“" in str(error) or "日期" in str(error) else "不是完整的清单"
            cleaned.log.add("events_unreadable", i, "events", f"{cell[:60]}（{why}）")
            continue
        for event, period in made:
            note_coarse(cleaned, period, event.type, event.type, i, event.day)
            out.append(event)
    return out


def _event(row: int, item: dict[str, Any], groups: dict[str, EventGroup], cat: Catalogue) -> tuple[EventRow, Period]:
    kind = str(item["type"])
    if kind not in groups:
        raise ValueError(f"没有事件“{kind}”")
    level = str(item.get("level") or "")
    vocabulary = groups[kind].levels
    if level and vocabulary and level not in cat.vocabularies[vocabulary].terms:
        raise ValueError(f"没有等级“{level}”")
    stated = str(item.get("date") or item.get("event_date") or "")
    period = parse_date(stated)
    if not isinstance(period, Period):
        raise ValueError(f"日期“{stated}”读不出来")
    until = parse_date(str(item.get("end") or item.get("end_date") or "") or None)
    if isinstance(until, Fault):
        raise ValueError("结束日期读不出来")
    text = str(item.get("text") or item.get("date_text") or ("" if period.first == period.last else period.text))
    last = until.last if until else None
    return EventRow(row, kind, level, period.first, period.last, last, text), period


def read_figures(cleaned: Cleaned, layer: Layer, options: Options, stated: Unit | None) -> list[FigureRow]:
    """Return the figures of every row: one column a period, a period column, or the ``figures`` list."""
    series = {s.id: s for s in layer.figures}
    out: list[FigureRow] = []
    for match, column in zip(cleaned.matches, cleaned.table.columns, strict=True):
        if match.kind == "figure" and match.target in series:
            out += _column_figures(cleaned, series[match.target], match, column, options, stated)
    if "figures" in cleaned.roles:
        out += _listed_figures(cleaned, series)
    last = {(f.row, f.measure, f.period_end): f for f in out}
    return list(last.values())


def _row_period(cleaned: Cleaned, match: Match, options: Options, i: int) -> dt.date | None:
    if match.period is not None:
        return match.period.last
    named = cleaned.role("period", i)
    if named:
        found = find_period(named)
        if found is not None:
            return found.last
        period = parse_date(named)
        if isinstance(period, Period):
            return period.last
    months = MONTHS.match(plain(match.header.split("/")[-1]))
    if months is not None and 1 <= int(months.group(1)) <= 12:
        stated = [p.last.year for note in cleaned.table.notes if (p := find_period(note)) is not None]
        told = parse_date(cleaned.role("data_date", i) or None)
        day = options.as_of or (told.last if isinstance(told, Period) else None)
        year = day.year if day else stated[0] if stated else None
        month = int(months.group(1))
        if year is None or (day is not None and day.month < month):
            return None  # 1-12月 in data of March: of the year before, or planned
        return dt.date(year + month // 12, month % 12 + 1, 1) - dt.timedelta(days=1)
    if options.as_of is not None:
        return options.as_of
    ends = {p.last for note in cleaned.table.notes if _UP_TO.search(plain(note)) and (p := find_period(note))}
    return ends.pop() if len(ends) == 1 else None


def _column_figures(
    cleaned: Cleaned, series: FigureSeries, match: Match, column: Column, options: Options, stated: Unit | None
) -> list[FigureRow]:
    target = parse_unit(series.unit)
    money = target is not None and target.dimension == "money"
    unit = parse_unit(options.units.get(column.header, "")) or match.unit or (stated if money else None)
    if unit is None and money and column.header.strip().lower() == series.id:
        unit = target
    out = []
    together = set(shared_rows(cleaned, column)) if series.role == "extensive" else set()
    for i, cell in enumerate(column.cells):
        if cell is None:
            continue
        amount = parse_amount(cell)
        fault = ""
        end = _row_period(cleaned, match, options, i)
        if isinstance(amount, Fault):
            fault = amount.type
        elif amount is None:
            continue
        elif i in together:
            fault = "amount_shared"
        elif money and unit is None and amount.unit is None and amount.number != 0:
            fault = "unit_missing"
        elif end is None:
            fault = "figure_without_period"
        elif (number := convert(amount, target, unit)) is None:
            fault = "unit_mismatch"
        elif abs(number) >= MOST:
            fault = "number_too_large"
        else:
            out.append(FigureRow(i, series.id, end, float(number)))
        if fault:
            cleaned.log.add(fault, i, series.id, cell, title=series.title, expected=series.unit)
            cleaned.extra[i][column.header] = cell
    return out


def _listed_figures(cleaned: Cleaned, series: dict[str, FigureSeries]) -> list[FigureRow]:
    out: list[FigureRow] = []
    for i, cell in enumerate(cleaned.roles["figures"].cells):
        if cell is None or is_nothing(cell):
            continue
        try:
            for item in json.loads(cell):
                if item["measure"] not in series:
                    raise ValueError(f"没有数值系列“{item['measure']}”")
                period = parse_date(str(item["period_end"]))
                if not isinstance(period, Period):
                    raise ValueError(f"日期“{item['period_end']}”读不出来")
                out.append(FigureRow(i, item["measure"], period.last, float(item["value"])))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            why = str(error) if "“" in str(error) or "日期" in str(error) else "不是完整的清单"
            cleaned.log.add("figures_unreadable", i, "figures", f"{cell[:60]}（{why}）")
    return out
