"""Accepted rows as the batch that the store publishes; rows with errors as the quarantine, in their own cells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import shapely

from etl.clean import Cleaned
from etl.display import display_places, mercator
from etl.gazetteer import Gazetteer
from etl.locate import Located
from etl.options import Options
from etl.parse_date import Period, parse_date
from etl.parse_term import parse_boolean
from etl.table import objects
from layers.spec import Layer
from layers.store.slices import today
from layers.store.staging import EVENT_COLUMNS, FIGURE_COLUMNS, SHARE_COLUMNS, Batch, LazyRows, Reading

OBJECT: Any = object
WHOLE = 50_000  # rows of a larger file are made piece by piece


def make_batch(
    cleaned: Cleaned,
    located: Located,
    layer: Layer,
    options: Options,
    gazetteer: Gazetteer,
    keys: list[str],
    names: list[str],
    source_name: str,
    data_date: dt.date | None,
) -> Batch:
    """Return the batch of a file: n_read = rows + quarantine, always.

    Parameters
    ----------
    cleaned, located : Cleaned, Located
        Typed rows and their places.
    layer, options : Layer, Options
        What they become, and whether they are 演示数据.
    gazetteer : Gazetteer
        Label points, for the rows that are drawn at their county.
    keys, names : list of str, (n,)
        Of every row.
    source_name, data_date : str, date or None
        The file, and the day its data state.
    """
    n = len(cleaned.table)
    keep = np.ones(n, bool)
    keep[list(cleaned.log.bad)] = False
    good = np.flatnonzero(keep)
    spots = _spots(located, layer, gazetteer, keys, good)
    demo = _per_text(cleaned, "is_demo", lambda t: options.is_demo or _is_yes(t))
    days = _per_text(cleaned, "data_date", lambda t: stated_day(t) or data_date)

    def made(first: int, last: int) -> pd.DataFrame:
        part = good[first:last]
        rows = _rows(cleaned, located, layer, part, keys, names)
        rows["is_demo"], rows["data_date"], rows["source_name"] = _take(demo, part), _take(days, part), source_name
        rows["geom_3857"] = _drawn(located, part, spots)
        return rows

    rows = made(0, len(good)) if len(good) <= WHOLE else LazyRows(len(good), made)
    quarantine = [_held(cleaned, i, keys[i]) for i in range(n) if i in cleaned.log.bad]
    events = [
        (keys[e.row], e.type, e.level, e.day, e.end, e.text) for e in cleaned.events if e.row not in cleaned.log.bad
    ]
    figures = [(keys[f.row], f.measure, f.period_end, f.value) for f in cleaned.figures if f.row not in cleaned.log.bad]
    shares = [(keys[i], county, unit, area) for i, county, unit, area in located.shares if i not in cleaned.log.bad]
    return Batch(
        rows=rows,
        events=pd.DataFrame(events, columns=list(EVENT_COLUMNS), dtype=OBJECT).drop_duplicates(
            ["key", "type", "level", "event_date"]
        ),
        figures=pd.DataFrame(figures, columns=list(FIGURE_COLUMNS), dtype=OBJECT),
        shares=pd.DataFrame(shares, columns=list(SHARE_COLUMNS), dtype=OBJECT),
        quarantine=quarantine,
        issues=cleaned.log.issues,
        n_read=n,
        n_skipped=sum(s.row > 0 for s in cleaned.table.skipped),
        present=frozenset(cleaned.values),
        tickets=_tickets(cleaned),
        reading=_reading(cleaned),
    )


def _take(values: Any, good: np.ndarray[Any, np.dtype[np.int64]]) -> pd.Series[Any]:
    taken = values[good] if isinstance(values, np.ndarray) else objects([values[i] for i in good.tolist()])
    made: pd.Series[Any] = pd.Series(taken, dtype=OBJECT)
    return made


def _rows(
    cleaned: Cleaned, located: Located, layer: Layer, good: np.ndarray[Any, np.dtype[np.int64]],
    keys: list[str], names: list[str],
) -> pd.DataFrame:  # fmt: skip
    locality = [located.locality[i] for i in good.tolist()]
    columns: dict[str, Any] = {
        "key": _take(keys, good),
        "name": _take(names, good),
        "county_code": [p.county_code for p in locality],
        "unit_code": [p.unit_code for p in locality],
        "township_code": [p.township_code for p in locality],
        "location_accuracy": [p.location_accuracy for p in locality],
        "is_demo": False,
        "data_date": None,
        "source_name": "",
        "source_row": cleaned.table.row_numbers[good],
        "address": _written(cleaned, "address", good),
        "area_m2": pd.Series(located.area_m2[good].astype(object), dtype=OBJECT).where(
            ~np.isnan(located.area_m2[good]), None
        ),
        "extra": _take(cleaned.extra, good),
        "original": located.originals(good),
        "entry_number": cleaned.log.offset + good + 1,
        "geom": pd.Series(located.geom[good], dtype=OBJECT),
    }
    for spec in layer.fields:
        values = cleaned.values.get(spec.id)
        columns[spec.id] = None if values is None else _take(values, good)
    return pd.DataFrame(columns, index=range(len(good)))


def _per_text(cleaned: Cleaned, role: str, read: Callable[[str], Any]) -> list[Any]:
    """Read a role's column, each different text once."""
    texts = cleaned.texts(role)
    made = {text: read(text) for text in set(texts)}
    return [made[text] for text in texts]


def _written(cleaned: Cleaned, role: str, good: np.ndarray[Any, np.dtype[np.int64]]) -> list[str] | str:
    column = cleaned.roles.get(role)
    if column is None:
        return ""
    return ["" if c is None else " ".join(c.split()) for c in column.cells[good].tolist()]


def _is_yes(text: str) -> bool:
    return parse_boolean(text or None) is True


def stated_day(text: str) -> dt.date | None:
    """Return the day on which data stated as of a day, month or year were so: its last one that is past."""
    period = parse_date(text) if text else None
    if not isinstance(period, Period):
        return None
    return period.last if period.last <= today() else period.first


def _spots(
    located: Located, layer: Layer, gazetteer: Gazetteer, keys: list[str], good: np.ndarray[Any, np.dtype[np.int64]]
) -> dict[int, shapely.Point]:
    """Return where the rows without a place are drawn, by their position in the file."""
    without = good[shapely.is_missing(located.place[good])].tolist()
    counties = [located.locality[i].county_code for i in without]
    found = display_places(layer.id, [keys[i] for i in without], counties, gazetteer)
    return {without[j]: shapely.Point(lon, lat) for j, (lon, lat) in found.items()}


def _drawn(
    located: Located, good: np.ndarray[Any, np.dtype[np.int64]], spots: dict[int, shapely.Point]
) -> pd.Series[Any]:
    place = located.place[good].copy()
    for k in np.flatnonzero(shapely.is_missing(place)).tolist():
        place[k] = spots.get(int(good[k]))
    drawn: pd.Series[Any] = pd.Series(objects(list(mercator(place))), dtype=OBJECT)
    return drawn


def _tickets(cleaned: Cleaned) -> tuple[int, ...]:
    column = cleaned.roles.get("ticket")
    if column is None:
        return ()
    return tuple(sorted({int(c) for c in column.cells if c is not None and c.isdecimal() and len(c) < 19}))


def _reading(cleaned: Cleaned) -> Reading:
    columns = tuple(
        {"header": m.header, "kind": m.kind, "target": m.target, "how": m.how, "score": m.score}
        for m in cleaned.matches
    )
    return Reading(columns, cleaned.table.notes, cleaned.table.evidence)


def _held(cleaned: Cleaned, row: int, key: str) -> dict[str, Any]:
    shape = cleaned.table.geometry[row] if cleaned.table.geometry is not None else None
    return {
        "row": int(cleaned.table.row_numbers[row]),
        "entry_number": cleaned.log.offset + row + 1,
        "key": key,
        "cells": cleaned.table.cells_of(row),
        "geometry": "" if shape is None else shape.wkt,
        "sheet": "" if cleaned.table.sheets is None else str(cleaned.table.sheets[row]),
    }
