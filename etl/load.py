"""Accepted rows as the batch that the store publishes; rows with errors as the quarantine, in their own cells."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from etl.clean import Cleaned
from etl.clean_events import EventRow
from etl.display import display_places, mercator
from etl.gazetteer import Gazetteer
from etl.locate import Located
from etl.options import Options
from etl.parse_date import Period, parse_date
from etl.parse_term import parse_boolean
from etl.shapes import Shapes
from etl.table import Column
from etl.texts import Array, each, text_array
from geo.mercator import mercator_coordinates
from geo.near_order import near_order
from layers.spec import Layer
from layers.store.columns import as_plain, columnar, point_column
from layers.store.slices import today
from layers.store.staging import (
    EVENT_COLUMNS,
    FIGURE_COLUMNS,
    ROW_COLUMNS,
    SHARE_COLUMNS,
    Batch,
    LazyRows,
    Positions,
    Reading,
)

OBJECT: Any = object
_DEFAULTS = {"is_demo": False, "data_date": None, "address": "", "extra": "{}"}
WHOLE = 50_000  # rows of a larger file are made piece by piece


def make_batch(
    cleaned: Cleaned,
    located: Located,
    layer: Layer,
    options: Options,
    gazetteer: Gazetteer,
    keys: Array,
    names: Array,
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
    keys, names : Arrow arrays of str, (n,)
        Of every row.
    source_name, data_date : str, date or None
        The file, and the day its data state.
    """
    n = len(cleaned.table)
    keep = np.ones(n, bool)
    keep[list(cleaned.log.bad)] = False
    good = np.flatnonzero(keep)
    spots = _spots(located, layer, gazetteer, keys, good)
    demo = _per_text(cleaned, "is_demo", lambda t: options.is_demo or _is_yes(t), pa.bool_())
    days = _per_text(cleaned, "data_date", lambda t: stated_day(t) or data_date, pa.date32())

    def made(positions: Positions) -> pd.DataFrame:
        part = good[positions]
        rows = _rows(cleaned, located, layer, part, keys, names)
        at = pa.array(part)
        rows |= {"is_demo": demo.take(at), "data_date": days.take(at), "source_name": pa.repeat(source_name, len(at))}
        rows["geom_3857"] = _drawn(located, part, spots)
        return columnar({name: values for name, values in rows.items() if not _is_default(name, values)})

    lazy = LazyRows(
        keys.take(pa.array(good)), made, lambda frame: _whole(frame, layer),
        (lambda: near_order(located.place.lon[good], located.place.lat[good])) if located.place.are_points else None,
    )  # fmt: skip
    bad = sorted(cleaned.log.bad)
    held = dict(zip(bad, keys.take(pa.array(bad, pa.int64())).to_pylist(), strict=True))
    dated = {e.row for e in cleaned.events} | {f.row for f in cleaned.figures}
    key = {row: keys[row].as_py() for row in dated if row not in held}
    quarantine = [_held(cleaned, i, key) for i, key in held.items()]
    events = [(key[e.row], e.type, e.level, e.day, e.end, e.text, first_day(e)) for e in cleaned.events if e.row in key]
    figures = [(key[f.row], f.measure, f.period_end, f.value) for f in cleaned.figures if f.row in key]
    shares = [(keys[i].as_py(), *share) for i, *share in located.shares if i not in held]
    return Batch(
        rows=lazy.frame() if len(good) <= WHOLE else lazy,
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
        tickets=tuple(read_tickets(cleaned.roles.get("ticket"))),
        reading=_reading(cleaned),
    )


def first_day(event: EventRow) -> dt.date | None:
    """Return the first day of the month, quarter or year that is stated for an event; None where a day is."""
    return None if event.first == event.last else event.first


def _rows(
    cleaned: Cleaned, located: Located, layer: Layer, good: np.ndarray[Any, np.dtype[np.int64]], keys: Array,
    names: Array,
) -> dict[str, Any]:  # fmt: skip
    at = pa.array(good)
    area = located.area_m2[good]
    columns: dict[str, Any] = {
        "key": keys.take(at),
        "name": names.take(at),
        "county_code": located.locality.texts(lambda p: p.county_code, good),
        "unit_code": located.locality.texts(lambda p: p.unit_code, good),
        "township_code": located.locality.texts(lambda p: p.township_code, good),
        "location_accuracy": located.locality.texts(lambda p: p.location_accuracy, good),
        "is_demo": None,
        "data_date": None,
        "source_name": None,
        "source_row": pa.array(cleaned.table.row_numbers[good]),
        "address": _written(cleaned, "address", good),
        "area_m2": pa.array(area, mask=np.isnan(area)),
        "extra": cleaned.extra.as_json(good),
        "original": located.originals(good),
        "entry_number": pa.array(cleaned.log.offset + good + 1),
        "geom": _shapes(located.geom, good),
    }
    fields = {spec.id: cleaned.values[spec.id].take(at) for spec in layer.fields if spec.id in cleaned.values}
    return columns | fields


def _is_default(name: str, values: Any) -> bool:
    """Whether a column says nothing but what the table takes by itself."""
    return name in _DEFAULTS and len(pc.unique(values)) == 1 and values[0].as_py() == _DEFAULTS[name]


def _shapes(shapes: Shapes, rows: np.ndarray[Any, np.dtype[np.int64]]) -> Any:
    if not shapes.are_points:
        return shapes.take(rows)
    return point_column(shapes.lon[rows], shapes.lat[rows])


def _whole(frame: pd.DataFrame, layer: Layer) -> pd.DataFrame:
    """Return rows with every field of the layer, as Python objects."""
    rows = as_plain(frame).astype({"source_row": np.int64, "entry_number": np.int64})
    for name, value in _DEFAULTS.items():
        if name not in rows:
            rows[name] = pd.Series([value] * len(rows), dtype=OBJECT)
    rows["extra"] = pd.Series([json.loads(text) for text in rows["extra"]], dtype=OBJECT)
    fields = [spec.id for spec in layer.fields]
    for name in fields:
        if name not in rows:
            rows[name] = pd.Series([None] * len(rows), dtype=OBJECT)
    return rows[[*ROW_COLUMNS, "geom", *fields, "geom_3857"]]


def _per_text(cleaned: Cleaned, role: str, read: Callable[[str], Any], kind: Any) -> Array:
    """Read a role's column, each different text once."""
    if role not in cleaned.roles:
        return pa.repeat(pa.scalar(read(""), kind), len(cleaned.table))
    return pa.array(each(text_array(cleaned.texts(role)), read), kind)


def _written(cleaned: Cleaned, role: str, good: np.ndarray[Any, np.dtype[np.int64]]) -> Array:
    column = cleaned.roles.get(role)
    if column is None:
        return pa.repeat("", len(good))
    return text_array(each(column.texts.take(pa.array(good)).fill_null(""), lambda cell: " ".join(cell.split())))


def _is_yes(text: str) -> bool:
    return parse_boolean(text or None) is True


def stated_day(text: str) -> dt.date | None:
    """Return the day on which data stated as of a day, month or year were so: its last one that is past."""
    period = parse_date(text) if text else None
    if not isinstance(period, Period):
        return None
    return period.last if period.last <= today() else period.first


def _spots(
    located: Located, layer: Layer, gazetteer: Gazetteer, keys: Array, good: np.ndarray[Any, np.dtype[np.int64]]
) -> dict[int, shapely.Point]:
    """Return where the rows without a place are drawn, by their position in the file."""
    without = good[~located.place.there[good]].tolist()
    counties = [located.locality[i].county_code for i in without]
    found = display_places(layer.id, keys.take(pa.array(without, pa.int64())).to_pylist(), counties, gazetteer)
    return {without[j]: shapely.Point(lon, lat) for j, (lon, lat) in found.items()}


def _drawn(located: Located, good: np.ndarray[Any, np.dtype[np.int64]], spots: dict[int, shapely.Point]) -> Any:
    if located.place.are_points:
        lon, lat = located.place.lon[good], located.place.lat[good]
        for k in np.flatnonzero(~located.place.there[good]).tolist():
            spot = spots.get(int(good[k]))
            lon[k], lat[k] = (np.nan, np.nan) if spot is None else (spot.x, spot.y)
        return point_column(*mercator_coordinates(lon, lat))
    place = located.place.take(good)
    for k in np.flatnonzero(shapely.is_missing(place)).tolist():
        place[k] = spots.get(int(good[k]))
    return mercator(place)


def read_tickets(column: Column | None) -> list[int]:
    """Return the quarantine ids that a corrected sheet's rows answer, ascending."""
    texts = [] if column is None else pc.unique(column.texts).to_pylist()
    return sorted({int(c) for c in texts if c and c.isdecimal() and len(c) < 19})


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
