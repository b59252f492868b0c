"""Two records of one name and no code in different counties are two."""

from pathlib import Path

import psycopg2
import pytest

from etl.duplicates import list_pairs
from etl.judge import decide
from etl.options import Options
from etl.pipeline import Context, Report, import_file
from etl.rebuild import rebuild_layer
from layers.registry import catalogue
from layers.store.db import role_dsn
from layers.store.rollback import rollback
from tests.etl.world import csv_bytes, found, gazetteer, take

HEAD = "项目名称,县区,总投资（万元）"


@pytest.fixture
def context(database_url: str, secret_key: str, tmp_path: Path) -> Context:
    return Context(role_dsn(database_url, "yuantu_writer", secret_key), catalogue(), tmp_path, gazetteer())


def put(context: Context, *lines: str, head: str = HEAD, **options) -> Report:
    data = csv_bytes(head, *lines)
    return import_file("project", data, Options(datum="wgs84", **options), context, name="a.csv")


def standing(url: str) -> list[tuple[str, str, int]]:
    with psycopg2.connect(url) as conn, conn.cursor() as cursor:
        cursor.execute(
            "SELECT key, county_code, invest_cny FROM layer_project WHERE recorded_to = 'infinity' ORDER BY key"
        )
        got = cursor.fetchall()
    conn.close()
    return got


def test_two_counties_of_one_file_are_two_records() -> None:
    made = take(csv_bytes(HEAD, "光伏一期,亭湖区,1", "光伏一期,东台市,2", "光伏一期,东台市,3", "光伏一期,,4"), "a.csv")
    assert made.batch.rows.key.tolist() == ["光伏一期", "光伏一期@320981"]
    assert found(made, "duplicate_key") == [4, 5]
    assert found(made, "likely_duplicate") == [3]
    said = next(i.message for i in made.batch.issues if i.type == "likely_duplicate")
    assert "第 2 行“光伏一期”" in said and "县（市、区）不同" in said


def test_a_row_that_is_held_back_takes_no_name() -> None:
    made = take(csv_bytes(HEAD, "光伏一期,亭湖区,-1", "光伏一期,东台市,2"), "a.csv")
    assert made.batch.rows.key.tolist() == ["光伏一期"]


def test_a_code_tells_records_apart_without_the_county() -> None:
    head = "项目名称,项目代码,县区"
    made = take(csv_bytes(head, "甲,2403-320902-89-01-123456,亭湖区", "甲,2403-320981-89-01-123456,东台市"), "a.csv")
    assert [k.count("@") for k in made.batch.rows.key] == [0, 0]


def test_a_later_file_of_another_county_overwrites_nothing(context: Context, database_url: str) -> None:
    put(context, "光伏一期,亭湖区,1")
    report = put(context, "光伏一期,东台市,2")
    both = [("光伏一期", "320902", 10_000), ("光伏一期@320981", "320981", 20_000)]
    assert standing(database_url) == both
    said = [i.message for i in report.issues if i.type == "likely_duplicate"]
    assert len(said) == 1 and "已有的“光伏一期”" in said[0]
    (pair,) = list_pairs(context, "project")
    assert {pair.key_a, pair.key_b} == {"光伏一期", "光伏一期@320981"}
    for line in ("光伏一期,东台市,2", "光伏一期,亭湖区,1"):
        assert put(context, line).counts["loaded"] == 0
    put(context, "光伏一期,,1", head=HEAD)  # of an unknown county: as before, the first one
    assert standing(database_url)[0] == ("光伏一期", "unlocated", 10_000)
    assert put(context, "光伏一期,亭湖区,1").counts["loaded"] == 1
    assert standing(database_url) == both
    assert rebuild_layer("project", context).run_id is None
    assert standing(database_url) == both


def test_coordinates_tell_the_county_too_and_a_declared_one_keeps_the_record(
    context: Context, database_url: str
) -> None:
    head = f"{HEAD},经度,纬度"
    put(context, "甲,亭湖区,1,,", head=head)
    put(context, "甲,亭湖区,1,120.15,33.05", head=head)  # lies in 盐都区, says 亭湖区: the same record
    assert standing(database_url) == [("甲", "320903", 10_000)]
    put(context, "甲,亭湖区,1,,", head=head)
    assert [k for k, _, _ in standing(database_url)] == ["甲"]
    put(context, "甲,,2,120.15,33.15", head=head)
    assert [k for k, _, _ in standing(database_url)] == ["甲", "甲@320981"]


def test_a_merged_pair_stays_one(context: Context, database_url: str) -> None:
    put(context, "甲,亭湖区,1", "甲,东台市,2")
    decide(context, "project", "甲", "甲@320981", "merge", reason="同一项目")
    for line in ("甲,东台市,3", "甲,亭湖区,4"):
        put(context, line)
        assert [k for k, _, _ in standing(database_url)] == ["甲"]
    assert rebuild_layer("project", context).run_id is None


def test_a_pair_that_was_kept_apart_is_named_no_more(context: Context) -> None:
    put(context, "甲,亭湖区,1", "甲,东台市,2")
    decide(context, "project", "甲", "甲@320981", "apart")
    assert list_pairs(context, "project") == []


def test_a_key_with_a_county_outlives_the_run_that_made_it_needful(context: Context, database_url: str) -> None:
    first = put(context, "甲,亭湖区,1").run
    put(context, "甲,东台市,2")
    rollback(context.dsn, catalogue(), first)
    assert [k for k, _, _ in standing(database_url)] == ["甲@320981"]
    assert rebuild_layer("project", context).run_id is None
    assert put(context, "甲,东台市,2").counts["loaded"] == 0
