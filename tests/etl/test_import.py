"""The whole import against a real database: check writes nothing, twice changes nothing, quarantine clears."""

from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from etl import collect
from etl.options import Options
from etl.pipeline import Context, check_file, import_file, stored_rows
from geo.errors import ConflictError, DatumUndecidedError, NotFoundError, ReadError
from layers.registry import catalogue
from layers.store.db import role_dsn
from tests.etl.world import csv_bytes, gazetteer

GOOD = csv_bytes("项目名称,县区,总投资（万元）,开工时间", "甲,亭湖区,100,2026-01-05", "乙,盐都区,200,", "丙,大丰区,-3,")


@pytest.fixture
def context(database_url: str, secret_key: str, tmp_path: Path) -> Context:
    return Context(role_dsn(database_url, "yuantu_writer", secret_key), catalogue(), tmp_path, gazetteer())


@pytest.fixture
def ask(database_url: str) -> Iterator[object]:
    conn = psycopg2.connect(database_url)
    conn.autocommit = True

    def one(text: str) -> list[tuple]:
        with conn.cursor() as cursor:
            cursor.execute(text)
            return cursor.fetchall()

    yield one
    conn.close()


def test_check_tells_everything_and_writes_nothing(context: Context, ask) -> None:
    report = check_file("project", GOOD, Options(), context, name="表.csv")
    body = report.body()
    assert body["run"] is None
    assert body["counts"] == {"read": 3, "loaded": 2, "unchanged": 0, "quarantined": 1, "skipped_non_data": 0}
    assert body["diff"] == {"new": 2, "changed": 0, "unchanged": 0, "closed": 0}
    assert sorted(body["changes"]["new"]) == ["乙", "甲"]
    (fault,) = [i for i in body["issues"] if i["severity"] == "error"]
    assert (fault["row"], fault["type"], fault["value"]) == (4, "below_minimum", "-3")  # as it was written, in 万元
    assert ask("SELECT count(*) FROM layer_project") == [(0,)]
    assert ask("SELECT count(*) FROM load_run") == [(0,)]
    assert not (context.var_dir / "resources").exists()


def test_an_import_a_second_one_and_a_change(context: Context, ask) -> None:
    first = import_file("project", GOOD, Options(publisher="市发改委"), context, name="表.csv")
    assert first.exit_code == 1
    assert first.counts == {"read": 3, "loaded": 2, "unchanged": 0, "quarantined": 1, "skipped_non_data": 0}
    assert ask(
        "SELECT name, invest_cny, county_code, source_name, source_row FROM layer_project ORDER BY source_row"
    ) == [
        ("甲", 1_000_000, "320902", "表.csv", 2),
        ("乙", 2_000_000, "320903", "表.csv", 3),
    ]
    assert ask("SELECT cells->>'项目名称', row_no FROM quarantine WHERE cleared_run IS NULL") == [("丙", 4)]
    assert collect.recall(first.resource.sha256, context.var_dir) == GOOD

    second = import_file("project", GOOD, Options(), context, name="表.csv")
    assert (second.counts["loaded"], second.counts["unchanged"], second.counts["quarantined"]) == (0, 2, 1)
    assert ask("SELECT count(*) FROM layer_project") == [(2,)]

    better = csv_bytes("项目名称,总投资（万元）", "甲,150", "丙,3")
    checked = check_file("project", better, Options(), context, name="改.csv")
    assert checked.changes["new"] == ["丙"]
    assert checked.changes["changed"][0]["fields"]["invest_cny"] == [1_000_000, 1_500_000]
    import_file("project", better, Options(), context, name="改.csv")
    current = "SELECT name, invest_cny FROM layer_project WHERE recorded_to = 'infinity' ORDER BY invest_cny"
    assert ask(current) == [("丙", 30_000), ("甲", 1_500_000), ("乙", 2_000_000)]
    assert ask("SELECT count(*) FROM quarantine WHERE cleared_run IS NULL") == [(0,)]


def test_replace_ends_what_the_file_does_not_name_but_not_what_it_holds_back(context: Context, ask) -> None:
    import_file(
        "project", csv_bytes("项目名称,用地面积（亩）", "甲,1", "乙,2", "丙,3"), Options(), context, name="a.csv"
    )
    import_file(
        "project", csv_bytes("项目名称,用地面积（亩）", "甲,1", "乙,-2"), Options(mode="replace"), context, name="b.csv"
    )
    assert ask("SELECT name FROM layer_project WHERE recorded_to = 'infinity' ORDER BY source_row") == [
        ("甲",),
        ("乙",),
    ]


def test_rows_as_they_would_be_stored(context: Context) -> None:
    data = csv_bytes("项目名称,经度（高德）,纬度（高德）,所属产业", "甲,120.0547,33.0491,汽车", "乙,,,")
    rows = stored_rows(check_file("project", data, Options(), context, name="a.csv"))
    assert {"lon", "lat", "county_code", "unit_code", "location_accuracy", "name"} <= set(rows.columns)
    assert rows.lon[0] == pytest.approx(120.0500, abs=2e-3)
    assert rows.lon[0] < 120.0547
    assert rows.county_code.to_list() == ["320902", "unlocated"]


@pytest.mark.parametrize(
    ("layer", "data", "error"),
    [
        ("project", csv_bytes("项目名称,经度,纬度", "甲,120.05,33.05"), DatumUndecidedError),
        ("nothing", GOOD, NotFoundError),
        ("project", csv_bytes("甲列,乙列", "1,2"), ReadError),
        ("project", b"", ReadError),
    ],
)
def test_a_refusal_changes_nothing(context: Context, ask, layer: str, data: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        import_file(layer, data, Options(), context, name="a.csv")
    assert ask("SELECT count(*) FROM load_run") == [(0,)]


def test_a_missing_file_is_a_sentence(context: Context, tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="没有文件"):
        import_file("project", tmp_path / "没有.csv", Options(), context)


def test_a_kept_file_that_was_tampered_with_is_noticed(tmp_path: Path) -> None:
    resource = collect.describe(b"abc", "a.csv")
    path = collect.keep(b"abc", resource, tmp_path)
    assert collect.keep(b"abc", resource, tmp_path) == path
    path.write_bytes(b"abd")
    with pytest.raises(ReadError, match="改动"):
        collect.recall(resource.sha256, tmp_path)


def test_records_on_the_map_tell_the_datum_of_a_file_that_names_them(context: Context) -> None:
    places = [("甲", 120.05, 33.05), ("乙", 120.15, 33.05), ("丙", 120.05, 33.15)]
    lines = [f"{name},{lon},{lat}" for name, lon, lat in places]
    import_file("project", csv_bytes("项目名称,经度,纬度", *lines), Options(datum="wgs84"), context, name="a.csv")
    again = check_file("project", csv_bytes("项目名称,经度,纬度", *lines), Options(), context, name="b.csv")
    assert (again.datum["used"], again.datum["how"]) == ("wgs84", "known_features")
    assert again.counts["unchanged"] == 3


def test_what_is_known_by_month_or_year_counts_when_it_is_certain_and_gives_way_to_a_day(context: Context, ask) -> None:
    events = "SELECT event_date::text, first_day::text, date_text FROM project_event WHERE recorded_to = 'infinity'"
    said = {
        "2025": ("2025-12-31", "2025-01-01", "2025"),
        "2025年二季度": ("2025-06-30", "2025-04-01", "2025年二季度"),
        "2025年度": ("2025-06-30", "2025-04-01", "2025年二季度"),  # holds the quarter on record
        "2025.5": ("2025-05-31", "2025-05-01", "2025.5"),
        "2025-05-07": ("2025-05-07", None, ""),
        "2025年5月": ("2025-05-07", None, ""),
        "2025年6月": ("2025-06-30", "2025-06-01", "2025年6月"),  # says something else: a correction
    }
    for text, stored in said.items():
        import_file("project", csv_bytes("项目名称,开工时间", f"甲,{text}"), Options(), context, name="表.csv")
        assert ask(events) == [stored], text


def test_a_project_starts_on_the_last_day_of_the_year_that_is_stated(context: Context, ask) -> None:
    import_file(
        "project", csv_bytes("项目名称,签约时间,开工时间", "甲,2024-05-01,2025年"), Options(), context, name="表.csv"
    )
    stages = "SELECT count(*) FROM project_event WHERE type = '开工' AND event_date <= '{}'"
    assert [ask(stages.format(d)) for d in ("2025-01-01", "2025-12-30", "2025-12-31")] == [[(0,)], [(0,)], [(1,)]]


def test_what_was_seen_is_what_is_published_or_nothing(context: Context, ask) -> None:
    def version() -> int:
        return next(iter(ask("SELECT version FROM layer_state WHERE layer = 'project'")), (0,))[0]

    def money(n: int) -> bytes:
        return csv_bytes("项目名称,总投资（万元）", f"甲,{n}")

    seen = version()
    import_file("project", money(1), Options(), context, name="a.csv", at_version=seen)
    with pytest.raises(ConflictError, match="没有写入任何数据"):
        import_file("project", money(2), Options(), context, name="b.csv", at_version=seen)
    assert ask("SELECT invest_cny FROM layer_project") == [(10_000,)] and ask("SELECT count(*) FROM load_run") == [(1,)]
    import_file("project", money(2), Options(), context, name="b.csv", at_version=version())
    assert ask("SELECT invest_cny FROM layer_project WHERE recorded_to = 'infinity'") == [(20_000,)]
