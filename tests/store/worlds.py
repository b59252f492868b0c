"""A toy world for the store: 2 x 2 counties of 0.1 degree, and hand-made batches of rows."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

import pandas as pd
import psycopg2
import shapely

from layers.spec import Layer
from layers.store.load import Batch
from layers.store.staging import EVENT_COLUMNS

SOUTH_WEST, SOUTH_EAST, NORTH_WEST, NORTH_EAST = "320902", "320903", "320904", "320921"
CORNERS = {SOUTH_WEST: (120.0, 33.0), SOUTH_EAST: (120.1, 33.0), NORTH_WEST: (120.0, 33.1), NORTH_EAST: (120.1, 33.1)}


def row(layer: Layer, **values: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "county_code": "unlocated", "unit_code": "unlocated", "township_code": "unlocated",
        "location_accuracy": "surveyed", "is_demo": False, "data_date": dt.date(2026, 1, 1), "source_name": "t.csv",
        "source_row": 2, "address": "", "area_m2": None, "extra": {}, "original": "{}", "geom": None, "geom_3857": None,
    }  # fmt: skip
    base |= {f.id: None for f in layer.fields}
    base |= values
    base.setdefault("key", base["name"])
    return base


def batch(layer: Layer, rows: Iterable[dict[str, Any]], events: Iterable[dict[str, Any]] = (), **extra: Any) -> Batch:
    made = [row(layer, **r) | {"entry_number": i + 1, "source_row": i + 2} for i, r in enumerate(rows)]
    columns = [*row(layer, name="x"), "entry_number"]
    frame = pd.DataFrame(made, dtype=object) if made else pd.DataFrame(columns=columns, dtype=object)
    happened = pd.DataFrame(list(events), columns=list(EVENT_COLUMNS), dtype=object)
    return Batch(rows=frame, events=happened, n_read=len(made), **extra)


def event(key: str, kind: str, day: str, level: str = "") -> dict[str, Any]:
    return {
        "key": key, "type": kind, "level": level, "event_date": dt.date.fromisoformat(day), "end_date": None,
        "date_text": day,
    }  # fmt: skip


def county(code: str, generation: str = "a", since: str = "2020-01-01", width: float = 0.1) -> dict[str, Any]:
    x, y = CORNERS[code]
    return {
        "name": code, "key": f"{generation}:{code}", "code": code, "kind": "county", "generation": generation,
        "valid_from": dt.date.fromisoformat(since),
        "geom": shapely.MultiPolygon([shapely.box(x, y, x + width, y + 0.1)]),
    }  # fmt: skip


def ask(url: str, query: str, *parameters: object) -> list[tuple[Any, ...]]:
    with psycopg2.connect(url) as conn, conn.cursor() as cursor:
        cursor.execute(query, parameters)
        found = cursor.fetchall()
    conn.close()
    return found
