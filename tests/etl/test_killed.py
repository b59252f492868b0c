"""An import that is killed, runs beside another, or loses its database leaves the old state or the new one."""

import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
import pytest

from etl.options import Options
from etl.pipeline import Context, import_file
from geo.errors import DatabaseUnavailableError
from layers.registry import catalogue
from layers.store import cluster
from layers.store.db import role_dsn
from layers.store.load import recomputed_rollup
from layers.store.migrate import ensure_logins, migrate
from tests.etl.world import csv_bytes, gazetteer
from tests.support import ROOT

HEAD = "项目名称,县区,总投资（万元）,开工时间,经度,纬度"
STATE = "SELECT count(*), sum(invest_cny), min(invest_cny) FROM layer_project WHERE recorded_to = 'infinity'"
KILLS = 20


def table(prefix: str, n: int, money: int) -> bytes:
    places = [("亭湖区", 120.05, 33.05), ("盐都区", 120.15, 33.05), ("大丰区", 120.05, 33.15)]
    lines = []
    for i in range(n):
        county, lon, lat = places[i % 3]
        lines.append(f"{prefix}{i},{county},{money if i % 50 else -1},2025-03-{i % 28 + 1:02d},{lon},{lat}")
    return csv_bytes(HEAD, *lines)


@contextmanager
def importer(dsn: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.etl.importer", dsn, str(folder)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
    ) as process:  # fmt: skip
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        yield process
        process.kill()


def say(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(line + "\n")
    process.stdin.flush()


def hear(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


class Database:
    """Asks one thing at a time; knows when no importer is connected any more."""

    def __init__(self, url: str) -> None:
        self.conn = psycopg2.connect(url)
        self.conn.autocommit = True

    def ask(self, text: str) -> list[tuple]:
        with self.conn.cursor() as cursor:
            cursor.execute(text)
            return cursor.fetchall()

    def settle(self) -> None:
        """Wait until the server has noticed that a client is gone: a commit under way may still end well."""
        busy = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'yuantu'"
        )
        deadline = time.monotonic() + 60
        while self.ask(busy) != [(0,)]:
            assert time.monotonic() < deadline
            time.sleep(0.02)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(database_url)
    yield made
    made.conn.close()


def test_killed_at_twenty_moments_leaves_one_of_two_states(
    database: Database, database_url: str, secret_key: str, tmp_path: Path
) -> None:
    dsn = role_dsn(database_url, "yuantu_writer", secret_key)
    files = {}
    for name, money in (("a", 10), ("b", 20)):
        files[name] = tmp_path / f"{name}.csv"
        files[name].write_bytes(table("甲", 600, money))
    states = {"a": [(588, 588 * 100_000, 100_000)], "b": [(588, 588 * 200_000, 200_000)]}
    rng = random.Random(20260305)
    outcomes = []
    with importer(dsn, tmp_path) as process:
        start = time.monotonic()
        say(process, f"replace {files['a']} 0")
        assert hear(process).startswith("done") and hear(process) == "end"
        whole = time.monotonic() - start
        now = "a"
        for _ in range(KILLS):
            runs = database.ask("SELECT count(*) FROM load_run")[0][0]
            say(process, f"replace {files['b' if now == 'a' else 'a']} {rng.uniform(0.001, whole):.3f}")
            while hear(process) != "end":
                pass
            database.settle()
            state = database.ask(STATE)
            assert state in states.values()
            became = next(name for name, s in states.items() if s == state)
            assert database.ask("SELECT count(*) FROM load_run") == [(runs + (became != now),)]
            outcomes.append(became != now)
            now = became
    assert not all(outcomes)
    uneven = "SELECT count(*) FROM load_run WHERE n_read <> n_loaded + n_unchanged + n_quarantined OR n_read <> 600"
    assert database.ask(uneven) == [(0,)]
    assert database.ask("SELECT count(*) FROM quarantine WHERE cleared_run IS NULL") == [(12,)]
    stored = database.ask("SELECT axis, code, measure, n, total FROM rollup WHERE layer = 'project' AND n > 0")
    anew = recomputed_rollup(dsn, catalogue().layer("project"))
    assert sorted(stored) == sorted(anew[["axis", "code", "measure", "n", "total"]].itertuples(index=False, name=None))


def test_an_importer_killed_before_its_end_keeps_no_file(
    database: Database, database_url: str, secret_key: str, tmp_path: Path
) -> None:
    dsn = role_dsn(database_url, "yuantu_writer", secret_key)
    (tmp_path / "a.csv").write_bytes(table("甲", 500, 10))
    waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with closing(psycopg2.connect(database_url)) as holder, holder.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(320901, hashtext('project'))")
        with importer(dsn, tmp_path) as process:
            say(process, f"upsert {tmp_path}/a.csv 2")
            assert hear(process) == "end"
        assert database.ask("SELECT count(*) FROM load_run") == [(0,)]
    assert list((tmp_path / "resources").iterdir()) == []
    database.settle()
    assert database.ask(waiting) == []
    assert database.ask(STATE)[0][0] == 0


def test_two_importers_and_a_reader(database: Database, database_url: str, secret_key: str, tmp_path: Path) -> None:
    dsn = role_dsn(database_url, "yuantu_writer", secret_key)
    for name, prefix in (("a", "甲"), ("b", "乙")):
        (tmp_path / f"{name}.csv").write_bytes(table(prefix, 500, 10))
    seen = set()
    with importer(dsn, tmp_path) as process:
        heard: list[str] = []
        for name in ("a", "b"):
            say(process, f"upsert {tmp_path / name}.csv -")
        listener = threading.Thread(target=lambda: heard.extend(hear(process) for _ in range(2)))
        listener.start()
        while listener.is_alive():
            seen.add(database.ask(STATE)[0][0])
        listener.join()
        assert [h.split()[0] for h in heard] == ["done", "done"]
    assert seen <= {0, 490, 980}
    assert database.ask(STATE)[0][0] == 980
    runs = database.ask("SELECT n_read, n_loaded, n_quarantined FROM load_run WHERE kind = 'import'")
    assert runs == [(500, 490, 10)] * 2
    assert database.ask("SELECT count(DISTINCT recorded_at) FROM load_run") == [(2,)]


def test_a_connection_that_is_cut_changes_nothing_and_says_so(
    database: Database, database_url: str, secret_key: str, tmp_path: Path
) -> None:
    context = Context(role_dsn(database_url, "yuantu_writer", secret_key), catalogue(), tmp_path, gazetteer())
    data = table("甲", 50, 10)
    with closing(psycopg2.connect(database_url)) as holder, holder.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(320901, hashtext('project'))")
        cut = threading.Thread(target=_cut_the_waiting, args=(database,))
        cut.start()
        with pytest.raises(DatabaseUnavailableError, match="没有改动"):
            import_file("project", data, Options(datum="wgs84"), context, name="a.csv")
        cut.join()
    assert database.ask("SELECT count(*) FROM load_run") == [(0,)]
    assert import_file("project", data, Options(datum="wgs84"), context, name="a.csv").counts["loaded"] == 49


def _cut_the_waiting(database: Database) -> None:
    waiting = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        " AND application_name = 'yuantu' AND wait_event_type = 'Lock'"
    )
    deadline = time.monotonic() + 60
    while not database.ask(waiting) and time.monotonic() < deadline:
        time.sleep(0.02)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that the database's account can enter, which pytest's own are not."""
    made = Path(tempfile.mkdtemp(prefix=f"yuantu-tests-{os.getpid()}-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


def test_a_database_stopped_in_mid_import(open_folder: Path, tmp_path: Path, secret_key: str) -> None:
    var, state = open_folder / "var", open_folder / "state"
    url = cluster.ensure_running(var, database="stopped", durable=False, state_root=state)
    try:
        migrate(url)
        ensure_logins(url, secret_key)
        context = Context(role_dsn(url, "yuantu_writer", secret_key), catalogue(), tmp_path, gazetteer())
        before = import_file("project", table("甲", 50, 10), Options(datum="wgs84"), context, name="a.csv").run
        with closing(psycopg2.connect(url)) as holder, holder.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(320901, hashtext('project'))")
            stop = threading.Thread(target=_stop_when_waiting, args=(url, var))
            stop.start()
            with pytest.raises(DatabaseUnavailableError, match="没有改动"):
                import_file("project", table("乙", 50, 10), Options(datum="wgs84"), context, name="b.csv")
            stop.join()
        with pytest.raises(DatabaseUnavailableError):
            import_file("project", table("乙", 50, 10), Options(datum="wgs84"), context, name="b.csv")
        url = cluster.ensure_running(var, database="stopped", durable=False, state_root=state)
        again = Database(url)
        assert again.ask("SELECT max(run_id), count(*) FROM load_run") == [(before, 1)]
        assert again.ask(STATE)[0][0] == 49
        again.conn.close()
    finally:
        cluster.stop(var)


def _stop_when_waiting(url: str, var: Path) -> None:
    watcher = Database(url)
    waiting = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'yuantu' AND wait_event_type = 'Lock'"
    deadline = time.monotonic() + 60
    while not watcher.ask(waiting) and time.monotonic() < deadline:
        time.sleep(0.02)
    watcher.conn.close()
    cluster.stop(var)
