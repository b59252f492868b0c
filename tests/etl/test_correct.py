"""One record corrected by hand: typed as people write it, one run with its reason, taken back by a roll-back."""

import datetime as dt
from pathlib import Path

import pytest

from etl.correct import correct_record
from etl.options import Options
from etl.pipeline import Context, check_file, import_file
from geo.errors import ConflictError, InputError
from layers.registry import catalogue
from layers.store.db import connect, role_dsn
from layers.store.load import preview_rollback, rollback
from layers.store.record import read_record
from tests.etl.world import csv_bytes, gazetteer

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
