"""Eight projects whose lists a reader can draw by hand on 2026-06-30, in the counties of ``tests.store.worlds``."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

import psycopg2
from psycopg2.extras import execute_values

from layers.registry import catalogue
from layers.store.db import role_dsn
from layers.store.load import Published, RunInfo, publish
from layers.store.reader import Reader
from layers.store.slices import When
from tests.store.worlds import NORTH_EAST, NORTH_WEST, SOUTH_EAST, SOUTH_WEST, batch, event
from tests.support import SECRET_KEY

CAT = catalogue()
ZONE, TOWN = "320971", "320902101"
DAY = When(dt.date(2026, 6, 30))
PLACES = [
    (SOUTH_WEST, "西南县", "county", SOUTH_WEST, "", [], 0), (SOUTH_EAST, "东南县", "county", SOUTH_EAST, "", [], 1),
    (NORTH_WEST, "西北县", "county", NORTH_WEST, "", [], 2), (NORTH_EAST, "东北县", "county", NORTH_EAST, "", [], 3),
    (ZONE, "开发区", "unit", "", "", [], 4), (TOWN, "步凤镇", "township", SOUTH_WEST, ZONE, [], 5),
]  # fmt: skip
PROJECTS: list[dict[str, Any]] = [
    {"name": "甲", "county_code": SOUTH_WEST, "unit_code": SOUTH_WEST, "kind": "增资扩产", "invest_cny": 100},
    {"name": "乙", "county_code": SOUTH_WEST, "unit_code": ZONE, "township_code": TOWN, "invest_cny": 200},
    {"name": "丙", "county_code": SOUTH_EAST, "unit_code": SOUTH_EAST, "kind": "增资扩产", "invest_cny": 300},
    {"name": "丁", "county_code": SOUTH_EAST, "unit_code": ZONE, "invest_cny": 400},
    {"name": "戊", "county_code": "outside", "unit_code": ZONE, "invest_cny": None},
    {"name": "己", "stage": "签约", "location_accuracy": "none", "data_date": dt.date(2026, 6, 1)},
    {"name": "庚", "county_code": SOUTH_WEST, "unit_code": SOUTH_WEST},
    {"name": "辛演示", "county_code": SOUTH_EAST, "unit_code": SOUTH_EAST, "is_demo": True},
]
EVENTS = [
    event("甲", "签约", "2026-01-01"),
    event("乙", "签约", "2025-12-31"),
    event("丙", "签约", "2025-01-01"), event("丙", "开工", "2026-03-01"),
    event("丁", "开工", "2025-02-01"), event("丁", "签约", "2025-03-01"), event("丁", "竣工", "2026-05-01"),
    event("戊", "储备", "2026-02-01"),
    event("庚", "签约", "2026-08-01"),
    event("辛演示", "签约", "2026-01-05"), event("辛演示", "达产", "2026-06-01"),
]  # fmt: skip


def load(
    url: str, layer_id: str, rows: Iterable[dict[str, Any]], events: Iterable[dict[str, Any]] = (), **extra: Any
) -> Published:  # fmt: skip
    layer = CAT.layer(layer_id)
    return publish(
        role_dsn(url, "yuantu_writer", SECRET_KEY), layer, CAT, batch(layer, rows, events, **extra), RunInfo()
    )  # fmt: skip


def name_places(url: str) -> None:
    with psycopg2.connect(url) as conn, conn.cursor() as cursor:
        execute_values(
            cursor,
            "INSERT INTO place_code (code, name, kind, county_code, unit_code, aliases, ordinal) VALUES %s",
            PLACES,
        )
    conn.close()


def fill(url: str) -> None:
    name_places(url)
    load(url, "project", PROJECTS, EVENTS)


def reader(url: str) -> Reader:
    return Reader(role_dsn(url, "yuantu_reader", SECRET_KEY), CAT)


def names(rows: Iterable[dict[str, Any]]) -> list[str]:
    return [r["name"] for r in rows]


def filled(counts: Iterable[dict[str, Any]]) -> dict[str, int]:
    """Codes that count something."""
    return {c["code"]: c["n"] for c in counts if c["n"]}
