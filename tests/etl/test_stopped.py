"""An import that is stopped on its way leaves nothing behind; one that is being published cannot be stopped."""

from pathlib import Path

import psycopg2
import pytest

from etl import load as made
from etl.options import Options
from etl.pipeline import Context, import_file
from geo.errors import CancelledError
from layers.registry import catalogue
from layers.store import staging
from layers.store.db import role_dsn
from layers.store.watch import Watch
from tests.etl.world import csv_bytes, gazetteer

STAGES = ["read", "clean", "locate", "check", "stage", "compare", "write", "words"]


@pytest.fixture
def context(database_url: str, secret_key: str, tmp_path: Path) -> Context:
    return Context(role_dsn(database_url, "yuantu_writer", secret_key), catalogue(), tmp_path, gazetteer())


def table(n: int) -> bytes:
    return csv_bytes("项目名称,县区,总投资（万元）,经度,纬度", *(f"甲{i},亭湖区,{i},120.05,33.05" for i in range(n)))


def counts(url: str) -> tuple:
    with psycopg2.connect(url) as conn, conn.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM layer_project), (SELECT count(*) FROM load_run),"
            " (SELECT count(*) FROM resource), (SELECT count(*) FROM search_word), (SELECT count(*) FROM rollup)"
        )
        return cursor.fetchone()


def test_stopped_at_any_stage_nothing_was_changed(
    context: Context, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(made, "WHOLE", 10)
    monkeypatch.setattr(staging, "PIECE", 10)
    for stage in STAGES:
        said = []

        watches: list[Watch] = []

        def say(now: str, done: int, total: int, stage=stage, said=said, watches=watches) -> None:
            said.append((now, done, total))
            if now == stage:
                assert watches[0].cancel()

        watches.append(Watch(say))
        with pytest.raises(CancelledError, match="没有改动"):
            import_file("project", table(25), Options(datum="wgs84"), context, name="a.csv", watch=watches[0])
        assert said[-1][0] == stage
    assert counts(database_url) == (0, 0, 0, 0, 0)
    assert not list(tmp_path.rglob("*.bin*"))


def test_a_large_file_is_staged_piece_by_piece_and_is_what_a_small_one_is(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(made, "WHOLE", 10)
    monkeypatch.setattr(staging, "PIECE", 10)
    said = []
    watch = Watch(lambda stage, done, total: said.append((stage, done, total)))
    report = import_file("project", table(25), Options(datum="wgs84"), context, name="a.csv", watch=watch)
    assert [s for s in said if s[0] == "stage"] == [("stage", 10, 25), ("stage", 20, 25), ("stage", 25, 25)]
    assert report.counts["loaded"] == 25 and not watch.cancel()
    monkeypatch.undo()
    again = import_file("project", table(25), Options(datum="wgs84"), context, name="a.csv")
    assert again.counts["unchanged"] == 25
