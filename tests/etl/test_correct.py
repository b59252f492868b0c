"""One record corrected by hand: typed as people write it, one run with its reason, taken back by a roll-back."""

import datetime as dt
import json
from pathlib import Path

import pytest
import shapely

from etl.correct import correct_record
from etl.options import Options
from etl.pipeline import Context, check_file, import_file
from etl.place import can_move, read_pair
from geo.errors import ConflictError, InputError
from layers.registry import catalogue
from layers.store.db import connect, role_dsn
from layers.store.record import read_record
from layers.store.rollback import preview_rollback, rollback
from tests.etl.world import COUNTIES, csv_bytes, gazetteer

CAT = catalogue()
PROJECT = CAT.layer("project")


def test_a_correction_is_a_run_and_its_roll_back_is_shown_before(
    database_url: str, secret_key: str, tmp_path: Path
) -> None:
    dsn = role_dsn(database_url, "yuantu_writer", secret_key)
    context = Context(dsn, CAT, tmp_path, gazetteer())
    data = csv_bytes("项目名称,县区,总投资（万元）,产业", "甲,亭湖区,100,光伏", "乙,盐都区,50,")
    first = import_file("project", data, Options(), context, name="a.csv")
    assert first.run is not None
    with connect(dsn) as conn, conn.cursor() as cursor:
        cursor.execute("SELECT id FROM layer_project WHERE name = '甲' AND recorded_to = 'infinity'")
        ident = int(cursor.fetchone()[0])  # type: ignore[index]
    given = {"invest_cny": "1.5亿元", "industry": "电子信息", "is_industrial": "是", "event:开工": "2026年3月"}
    made = correct_record(
        dsn, PROJECT, CAT, ident, given, reason="来函更正", started_by="陈", valid_from=dt.date(2026, 3, 31)
    )
    record = read_record(dsn, PROJECT, ident)
    assert (record["invest_cny"], record["industry"], record["is_industrial"]) == (150_000_000, "新一代信息技术", True)
    assert (record["county_code"], record["data_date"]) == ("320902", dt.date(2026, 3, 31))
    correct_record(dsn, PROJECT, CAT, ident, {"invest_cny": "2"}, reason="单位是亿元")
    assert read_record(dsn, PROJECT, ident)["invest_cny"] == 200_000_000

    with pytest.raises(ConflictError, match="改过"):
        preview_rollback(dsn, CAT, made.run_id)
    last = made.run_id + 1
    assert preview_rollback(dsn, CAT, last) == {"removed": [], "restored": ["甲"], "returned": []}
    rollback(dsn, CAT, last)
    rollback(dsn, CAT, made.run_id)
    assert read_record(dsn, PROJECT, ident)["invest_cny"] == 1_000_000
    assert check_file("project", data, Options(), context, name="a.csv").counts["unchanged"] == 2
    assert set(preview_rollback(dsn, CAT, first.run)["removed"]) == {"甲", "乙"}

    before = read_record(dsn, PROJECT, ident)
    for wrong, reason, words in (
        ({"invest_cny": "约5亿"}, "试", "约数"), ({"invest_cny": "-3"}, "试", "范围"),
        ({"industry": "元宇宙"}, "试", "词表"),
        ({"project_code": "x"}, "试", "识别"), ({"name": "丙"}, "试", "识别"),
        ({"nosuch": "1"}, "试", "没有字段"),
        ({"event:飞升": "2026"}, "试", "事件"), ({"event:开工": "明年"}, "试", "看不懂"),
        ({}, "试", "没有改动"),
        ({"invest_cny": "3"}, " ", "原因"), ({"name": "-"}, "试", "名称"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=words):
            correct_record(dsn, PROJECT, CAT, ident, wrong, reason=reason)
    assert read_record(dsn, PROJECT, ident) == before


@pytest.mark.parametrize("text", ["120.15,33.15", "33.15, 120.15", "120.15，33.15", " 120.15  33.15 "])
def test_a_pair_of_degrees_is_read_in_either_order(text: str) -> None:
    assert read_pair(text) == (120.15, 33.15)


@pytest.mark.parametrize("text", ["", "120.15", "121,x", "12.05,33.2", "120.15,33.15,1", "1e2,33", "nan,33"])
def test_what_is_no_place_in_china_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        read_pair(text)


def test_a_record_is_moved_as_a_run_and_counts_where_it_lies(
    database_url: str, secret_key: str, tmp_path: Path
) -> None:
    dsn = role_dsn(database_url, "yuantu_writer", secret_key)
    context = Context(dsn, CAT, tmp_path, gazetteer())
    data = csv_bytes("项目名称,县区,乡镇,经度,纬度", "甲,亭湖区,步凤镇,120.05,33.05")
    import_file("project", data, Options(datum="wgs84"), context, name="a.csv")
    with connect(dsn) as conn, conn.cursor() as cursor:
        cursor.execute("SELECT id FROM layer_project")
        ident = int(cursor.fetchone()[0])  # type: ignore[index]
    with pytest.raises(InputError, match="行政区边界"):
        correct_record(dsn, PROJECT, CAT, ident, {"place": "120.15,33.05"}, reason="现场核对")
    _counties(context)
    before = read_record(dsn, PROJECT, ident)

    made = correct_record(
        dsn, PROJECT, CAT, ident, {"place": "120.15,33.05", "place_how": "surveyed"}, reason="现场核对"
    )
    after = read_record(dsn, PROJECT, ident)
    assert (after["geom"].x, after["geom"].y, after["location_accuracy"]) == (120.15, 33.05, "surveyed")
    assert (before["county_code"], after["county_code"]) == ("320902", "320903")
    assert after["township_code"] == "unlocated" and after["unit_code"] == before["unit_code"] == "320971"
    correct_record(dsn, PROJECT, CAT, ident, {"place_how": "sketched"}, reason="其实是估的")
    assert read_record(dsn, PROJECT, ident)["location_accuracy"] == "sketched"
    rollback(dsn, CAT, made.run_id + 1)
    rollback(dsn, CAT, made.run_id)
    again = read_record(dsn, PROJECT, ident)
    assert {k: again[k] for k in before if k != "entry_number"} == {k: before[k] for k in before if k != "entry_number"}
    correct_record(dsn, PROJECT, CAT, ident, {"place": "125.0,33.05"}, reason="海上")
    assert read_record(dsn, PROJECT, ident)["county_code"] == "outside"
    with pytest.raises(InputError, match="精度"):
        correct_record(dsn, PROJECT, CAT, ident, {"place": "120.1,33.05", "place_how": "x"}, reason="试")


def _counties(context: Context) -> None:
    features = [
        {"type": "Feature", "geometry": json.loads(shapely.to_geojson(shape)),
         "properties": {"名称": code, "区划代码": code, "类型": "county", "generation": "t"}}
        for code, shape in COUNTIES.items()
    ]  # fmt: skip
    body = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    assert import_file("boundary", body, Options(datum="cgcs2000"), context, name="界.geojson").counts["loaded"] == 4


def test_an_outline_is_never_replaced_by_a_point() -> None:
    park, parcel, factory = (CAT.layer(x) for x in ("park", "parcel", "factory"))
    point, outline = shapely.Point(120, 33), shapely.box(120, 33, 121, 34)
    assert [can_move(park, g) for g in (None, point, outline)] == [True, True, False]
    assert can_move(factory, None) and not can_move(parcel, None)
