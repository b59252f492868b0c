"""``check --rows``: the file has the types that are stored, not text."""

import datetime as dt
import json
import sqlite3
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import shapely

from app.cli_data import write_rows
from etl.pipeline import Report
from tests.etl.world import csv_bytes, take

ROWS = take(
    csv_bytes(
        "项目名称,县区,总投资（亿元）,用地面积（亩）,是否工业项目,数据日期,经度,纬度",
        "甲,亭湖区,120000,30.5,是,2026-03-05,120.05,33.05",
        "乙,亭湖区,,,否,2026-03-05,,",
    ),
    "a.csv",
    datum="wgs84",
).batch


def report() -> Report:
    return SimpleNamespace(rows=ROWS.frame())  # type: ignore[return-value]


def test_geojson_has_numbers_booleans_and_days(tmp_path: Path) -> None:
    write_rows(report(), tmp_path / "a.geojson")
    first, second = (
        f["properties"] for f in json.loads((tmp_path / "a.geojson").read_text(encoding="utf-8"))["features"]
    )
    assert (first["invest_cny"], first["land_mu"]) == (12_000_000_000_000, 30.5)
    assert type(first["invest_cny"]) is int
    assert (first["is_industrial"], second["is_industrial"], first["is_demo"]) == (True, False, False)
    assert (second["invest_cny"], second["land_mu"]) == (None, None)
    assert first["data_date"] == "2026-03-05"
    assert (first["source_row"], first["key"]) == (2, "甲")


def test_geopackage_has_typed_columns(tmp_path: Path) -> None:
    write_rows(report(), tmp_path / "a.gpkg")
    conn = sqlite3.connect(tmp_path / "a.gpkg")
    types = {name: kind for _, name, kind, *_ in conn.execute("PRAGMA table_info('a')")}
    got = conn.execute("SELECT invest_cny, land_mu, is_industrial, data_date FROM a ORDER BY source_row").fetchall()
    conn.close()
    assert types["invest_cny"].startswith("INTEGER")
    assert (types["land_mu"], types["is_industrial"]) == ("REAL", "BOOLEAN")
    assert got == [(12_000_000_000_000, 30.5, 1, "2026-03-05"), (None, None, 0, "2026-03-05")]


def test_a_blank_among_booleans_leaves_numbers(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "key": ["甲", "乙"],
            "ok": pd.Series([True, None], dtype=object),
            "day": [dt.date(2026, 1, 2), None],
            "geom": [shapely.Point(120, 33), None],
        }
    )
    write_rows(SimpleNamespace(rows=frame), tmp_path / "a.gpkg")  # type: ignore[arg-type]
    conn = sqlite3.connect(tmp_path / "a.gpkg")
    assert conn.execute("SELECT ok, day FROM a").fetchall() == [(1, "2026-01-02"), (None, None)]
    conn.close()
