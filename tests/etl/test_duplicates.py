"""The same thing under several spellings is proposed as a pair; the decision holds for later files."""

from pathlib import Path

import psycopg2
import pytest

from etl.duplicates import Names, find_pairs, list_decisions, list_pairs
from etl.judge import MOST, decide, decide_many, withdraw
from etl.options import Options
from etl.pipeline import Context, import_file
from etl.rebuild import rebuild_layer
from geo.errors import InputError, NotFoundError
from layers.registry import catalogue
from layers.store import matches
from layers.store.db import role_dsn
from layers.store.duplicates import Neighbour
from layers.store.rollback import rollback
from tests.etl.world import csv_bytes, gazetteer

CODE_A, CODE_B = "91320900MA1WX1XT0", "91320900MA1WX1XT1"


@pytest.fixture
def context(database_url: str, secret_key: str, tmp_path: Path) -> Context:
    return Context(role_dsn(database_url, "yuantu_writer", secret_key), catalogue(), tmp_path, gazetteer())


def rows(url: str, text: str) -> list[tuple]:
    with psycopg2.connect(url) as conn, conn.cursor() as cursor:
        cursor.execute(text)
        found = cursor.fetchall()
    conn.close()
    return found


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("宏达机械（盐城）有限公司", "宏达机械(盐城)有限责任公司", True),
        ("大丰市宏达机械有限公司", "大丰区宏达机械有限公司", True),
        ("江苏省盐城市大丰市宏达机械厂", "大丰宏达机械厂", True),
        ("ＡＢＣ科技有限公司", "abc科技有限责任公司", True),
        ("大丰宏达机械厂", "东台宏达机械厂", False),
        ("宏达机械一厂", "宏达机械二厂", False),
    ],
)
def test_the_forms_of_names(a: str, b: str, same: bool) -> None:
    names = Names(gazetteer())
    assert (names.form(a) == names.form(b)) is same


def near(key: str, name: str = "宏达", lon: float | None = 120.05, **more) -> Neighbour:
    return Neighbour(key, name, lon=lon, lat=None if lon is None else 33.05, **more)


@pytest.mark.parametrize(
    ("a", "b", "how"),
    [
        (near("1"), near("2"), "name"),
        (near("1"), near("2", lon=120.06), "name"),
        (near("1"), near("2", lon=120.07), None),
        (near("1"), near("2", lon=None), "name"),
        (near("1", county_code="320902"), near("2", lon=None, county_code="320903"), None),
        (near("1", lon=None, county_code="320902"), near("2", lon=None, county_code="320902"), "name"),
        (near("1", credit_code=CODE_A), near("2", credit_code=CODE_B), None),
        (near("1", credit_code=CODE_A), near("2", "别的", lon=120.15, credit_code=CODE_A), "code"),
        (near("1", credit_code=CODE_A), near("2"), "name"),
        (near("1"), near("2", is_demo=True), None),
        (near("1"), near("1"), None),
    ],
)
def test_what_makes_a_pair(a: Neighbour, b: Neighbour, how: str | None) -> None:
    for order in ([a, b], [b, a]):
        pairs = find_pairs(order, gazetteer(), frozenset())
        assert [p.how for p in pairs] == ([how] if how else [])
        assert find_pairs(order, gazetteer(), frozenset([frozenset((a.key, b.key))])) == []


HEAD = "项目名称,项目代码,县区,总投资（万元）,开工时间"


def test_pairs_within_a_file_and_against_the_layer_are_noted_and_merged(context: Context, database_url: str) -> None:
    first = csv_bytes(HEAD, "宏达机械（大丰）有限公司扩建,,大丰区,100,")
    import_file("project", first, Options(), context, name="a.csv")
    second = csv_bytes(
        HEAD, "宏达机械(大丰)有限公司扩建,2403-320904-89-01-123456,大丰市,,2025-03-01", "新星,,东台市,5,",
        "新星有限公司,,东台市,6,",
    )  # fmt: skip
    report = import_file("project", second, Options(), context, name="b.csv")
    said = [(i.row, i.value, i.severity) for i in report.issues if i.type == "likely_duplicate"]
    assert said == [(2, "宏达机械（大丰）有限公司扩建", "warning"), (4, "新星", "warning")]
    assert report.counts["loaded"] == 3
    pairs = {frozenset((p.key_a, p.key_b)): p for p in list_pairs(context, "project")}
    code = "2403-320904-89-01-123456"
    old = "宏达机械大丰有限公司扩建"
    assert set(pairs) == {frozenset((old, code)), frozenset(("新星", "新星有限公司"))}

    decide(context, "project", "新星", "新星有限公司", "apart", by="张三")
    run = decide(context, "project", code, old, "merge", reason="同一项目")
    assert list_pairs(context, "project") == []
    merged = "SELECT key, invest_cny FROM layer_project WHERE recorded_to = 'infinity' ORDER BY key COLLATE \"C\""
    assert rows(database_url, merged)[0] == (code, 1_000_000)
    assert len(rows(database_url, merged)) == 3
    assert [d.decision for d in list_decisions(context, "project")] == ["apart", "merge"]

    again = import_file(
        "project", csv_bytes(HEAD, "宏达机械（大丰）有限公司扩建,,大丰区,300,"), Options(), context, name="c.csv"
    )
    assert again.issues == []
    assert rows(database_url, merged)[0] == (code, 3_000_000)
    assert len(rows(database_url, merged)) == 3
    assert rebuild_layer("project", context).run_id is None

    rollback(context.dsn, catalogue(), again.run)
    rollback(context.dsn, catalogue(), run)
    assert len(rows(database_url, merged)) == 4
    assert [p.how for p in list_pairs(context, "project")] == ["name"]


def test_a_merge_takes_events_figures_and_place(context: Context, database_url: str) -> None:
    head = "项目名称,开工时间,竣工时间,2025年完成投资（万元）,经度,纬度"
    data = csv_bytes(head, "甲厂,2025-01-01,,,,", "甲厂有限公司,2025-02-02,2025-06-01,7,120.05,33.05")
    import_file("project", data, Options(datum="wgs84"), context, name="a.csv")
    decide(context, "project", "甲厂", "甲厂有限公司", "merge")
    assert rows(database_url, "SELECT key, alias_names, county_code, location_accuracy FROM layer_project"
                " WHERE recorded_to = 'infinity'") == [("甲厂", "甲厂有限公司", "320902", "surveyed")]  # fmt: skip
    events = "SELECT type, event_date::text FROM project_event WHERE recorded_to = 'infinity' ORDER BY event_date"
    assert rows(database_url, events) == [("开工", "2025-01-01"), ("竣工", "2025-06-01")]
    assert rows(database_url, "SELECT value FROM project_figure WHERE recorded_to = 'infinity'") == [(70_000.0,)]
    assert rebuild_layer("project", context).run_id is None


def current(url: str) -> list[tuple]:
    return rows(url, "SELECT key FROM layer_project WHERE recorded_to = 'infinity' ORDER BY key COLLATE \"C\"")


def test_pairs_picked_together_are_one_run_and_one_roll_back(context: Context, database_url: str) -> None:
    names = [f"{n}厂{tail}" for n in "甲乙丙" for tail in ("", "有限公司")]
    import_file("project", csv_bytes("项目名称", *names), Options(), context, name="a.csv")
    before = current(database_url)
    pairs = [(p.key_a, p.key_b) for p in list_pairs(context, "project")]
    assert len(pairs) == 3
    made = decide_many(context, "project", pairs, "merge", reason="来函", by="张三")
    assert (made.done, made.left) == (3, 0) and list_pairs(context, "project") == []
    assert current(database_url) == [(a,) for a, _ in sorted(pairs)]
    assert {(d.decision, d.run_id, d.reason) for d in list_decisions(context, "project")} == {
        ("merge", made.run_id, "来函")
    }
    assert rebuild_layer("project", context).run_id is None
    rollback(context.dsn, catalogue(), made.run_id)
    assert current(database_url) == before and len(list_pairs(context, "project")) == 3


def test_a_pair_whose_record_went_into_another_is_left_alone(context: Context, database_url: str) -> None:
    import_file("project", csv_bytes("项目名称", "甲厂", "甲厂有限公司", "甲厂公司"), Options(), context, name="a.csv")
    pairs = [("甲厂", "甲厂有限公司"), ("甲厂有限公司", "甲厂公司"), ("没有", "甲厂"), ("甲厂", "甲厂有限公司")]
    made = decide_many(context, "project", pairs, "merge")
    assert (made.done, made.left) == (1, 2)
    assert current(database_url) == [("甲厂",), ("甲厂公司",)]
    with pytest.raises(NotFoundError, match="没有改动任何数据"):
        decide_many(context, "project", [("甲厂", "甲厂有限公司")], "merge")
    for wrong in ([], [("甲", "甲")], [(str(i), "x") for i in range(MOST + 1)]):
        with pytest.raises(InputError):
            decide_many(context, "project", wrong, "merge")


def test_what_is_kept_apart_can_be_taken_back(context: Context) -> None:
    import_file("project", csv_bytes("项目名称", "甲厂", "甲厂有限公司"), Options(), context, name="a.csv")
    ((a, b),) = [(p.key_a, p.key_b) for p in list_pairs(context, "project")]
    decide_many(context, "project", [(a, b)], "apart")
    assert list_pairs(context, "project") == []
    withdraw(context, "project", b, a)
    assert len(list_pairs(context, "project")) == 1 and list_decisions(context, "project") == []
    with pytest.raises(NotFoundError):
        withdraw(context, "project", a, b)


def test_what_cannot_be_decided(context: Context) -> None:
    with pytest.raises(NotFoundError):
        decide(context, "project", "甲", "乙", "apart")
    with pytest.raises(InputError):
        decide(context, "project", "甲", "甲", "merge")


def test_a_corrected_header_is_remembered_for_its_publisher_and_layer_only(context: Context) -> None:
    data = csv_bytes("项目名称,规模Q（万元）", "甲,100")

    def read(publisher: str, **columns: str):
        options = Options(publisher=publisher, columns=columns)
        report = import_file("project", data, options, context, name="a.csv")
        money = report.rows["invest_cny"][0]
        return money, report.body()["columns"][1]["how"]

    assert read("市发改委") == (None, "none")
    assert read("市发改委", **{"规模Q（万元）": "invest_cny"}) == (1_000_000, "given")
    assert read("市发改委") == (1_000_000, "remembered")
    assert read("市工信局") == (None, "none")
    assert read("") == (None, "none")
    assert read("市发改委", **{"规模Q（万元）": ""}) == (None, "given")
    assert read("市发改委") == (None, "remembered")
    matches.correct(context.dsn, "project", "市发改委", "规模Ｑ（万元）", "field:invest_cny", by="李四")
    assert read("市发改委") == (1_000_000, "remembered")
    (kept,) = matches.list_matches(context.dsn, "project")
    assert (kept.target, kept.decided_by) == ("field:invest_cny", "李四")
    assert matches.forget(context.dsn, "project", "市发改委", "规模Q（万元）")
    assert not matches.forget(context.dsn, "project", "市发改委", "规模Q（万元）")
    assert read("市发改委") == (None, "none")


def test_a_column_cannot_be_given_what_does_not_exist(context: Context) -> None:
    data = csv_bytes("项目名称,规模", "甲,100")
    with pytest.raises(InputError, match="没有这个字段"):
        import_file("project", data, Options(columns={"规模": "nothing"}), context, name="a.csv")
