"""The private cluster: made once, started again after every kind of end, never left behind."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from geo.errors import MachineError
from layers.store import cluster
from layers.store.cluster import ensure_running, status, stop
from layers.store.cluster_server import SOCKET_PATH_LIMIT
from tests.support import ROOT


@pytest.fixture
def ground() -> Iterator[Path]:
    """A folder every account may enter; pytest's own are closed, and closed again by each new run."""
    with tempfile.TemporaryDirectory(prefix="yuantu-ground-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def checkout(ground: Path) -> Iterator[Path]:
    """A folder every account may enter, as a checkout usually is."""
    folder = ground / "open"
    folder.mkdir(mode=0o755)
    yield folder
    stop(folder / "var")


@pytest.fixture
def closed_checkout(ground: Path) -> Iterator[Path]:
    """A folder only its owner may enter; as root the server's account is another one."""
    folder = ground / "closed"
    folder.mkdir(mode=0o700)
    yield folder
    stop(folder / "var")


def start(var_dir: Path, **more: object) -> tuple[str, list[str]]:
    said: list[str] = []
    url = ensure_running(var_dir, said.append, durable=False, state_root=var_dir.parent.parent / "state", **more)
    return url, said


def ask(url: str, question: str) -> object:
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(question)
        row = cursor.fetchone() if cursor.description else None
        connection.commit()
    return row[0] if row else None


def wait_for(condition: Callable[[], bool], seconds: float = 45) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_made_once_then_found_again_with_its_data(checkout: Path) -> None:
    assert status(checkout / "var").state == "absent"
    url, said = start(checkout / "var")
    assert any("建立" in line for line in said)
    ask(url, "CREATE TABLE kept AS SELECT 7 AS n")
    again, said = start(checkout / "var")
    assert (again, said) == (url, [])
    assert stop(checkout / "var") and not stop(checkout / "var")
    assert status(checkout / "var").state == "stopped"
    url, said = start(checkout / "var")
    assert not any("建立" in line for line in said)
    assert ask(url, "SELECT n FROM kept") == 7


def test_chinese_locale_safe_and_modest_settings(checkout: Path) -> None:
    url = ensure_running(checkout / "var")
    names = "SELECT string_agg(n, '' ORDER BY n) FROM (VALUES ('张'), ('阿'), ('李'), ('八')) t (n)"
    assert ask(url, names) == "阿八李张"
    shown = {name: ask(url, f"SHOW {name}") for name in ("fsync", "full_page_writes", "synchronous_commit")}
    assert set(shown.values()) == {"on"}
    assert ask(url, "SHOW listen_addresses") == "127.0.0.1"
    assert ask(url, "SHOW server_encoding") == "UTF8"
    assert ask(url, "SELECT pg_size_bytes(current_setting('shared_buffers')) <= 512 * 1024 * 1024") is True
    base = status(checkout / "var").base
    assert base is not None
    assert (base / "password").stat().st_mode & 0o077 == 0
    assert base.stat().st_mode & 0o077 == 0
    assert list((base / "log").glob("postgresql-*.log"))
    with pytest.raises(psycopg2.OperationalError, match="password"):
        psycopg2.connect(url.replace(url.split(":")[2].split("@")[0], "guess"))


def test_runs_as_an_unprivileged_account(checkout: Path) -> None:
    start(checkout / "var")
    pid = status(checkout / "var").pid
    assert Path(f"/proc/{pid}").stat().st_uid != 0


def test_a_place_the_server_cannot_enter(closed_checkout: Path) -> None:
    url, said = start(closed_checkout / "var")
    found = status(closed_checkout / "var")
    assert ask(url, "SELECT 1") == 1
    if os.geteuid() == 0:
        assert found.base is not None and closed_checkout not in found.base.parents
        assert (closed_checkout / "var/pg.location").read_text().strip() == str(found.base)
        assert any(str(found.base) in line for line in said)
    assert start(closed_checkout / "var") == (url, [])


@pytest.mark.parametrize("closed", [False, True])
def test_no_server_outlives_its_checkout(closed: bool, checkout: Path, closed_checkout: Path) -> None:
    folder = closed_checkout if closed else checkout
    start(folder / "var")
    pid = status(folder / "var").pid
    assert pid is not None
    assert cluster.abandoned(folder.parent / "state") == []
    shutil.rmtree(folder)
    assert wait_for(lambda: not alive(pid))
    left = cluster.abandoned(folder.parent / "state")
    assert len(left) == (closed and os.geteuid() == 0)


def test_the_server_of_a_run_ends_with_the_run(checkout: Path) -> None:
    owner = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    start(checkout / "var", while_pid=owner.pid)
    pid = status(checkout / "var").pid
    assert pid is not None
    owner.kill()
    owner.communicate()
    assert wait_for(lambda: not alive(pid))


def test_a_crash_loses_nothing(checkout: Path) -> None:
    url = ensure_running(checkout / "var")
    ask(url, "CREATE TABLE kept AS SELECT 7 AS n")
    pid = status(checkout / "var").pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert wait_for(lambda: not alive(pid))
    assert ask(ensure_running(checkout / "var"), "SELECT n FROM kept") == 7


def test_a_stale_pid_file_that_names_a_living_process(checkout: Path) -> None:
    start(checkout / "var")
    base = status(checkout / "var").base
    assert base is not None
    lines = (base / "data/postmaster.pid").read_text().splitlines()
    stop(checkout / "var")
    other = subprocess.Popen(["/bin/sleep", "600"], user=base.stat().st_uid if os.geteuid() == 0 else None, cwd="/")
    try:
        (base / "data/postmaster.pid").write_text("\n".join([str(other.pid), *lines[1:]]) + "\n")
        shutil.chown(base / "data/postmaster.pid", base.stat().st_uid, base.stat().st_gid)
        assert status(checkout / "var").state == "stopped"
        url, _ = start(checkout / "var")
        assert ask(url, "SELECT 1") == 1
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_a_port_taken_while_the_server_was_down(checkout: Path) -> None:
    url, _ = start(checkout / "var")
    port = status(checkout / "var").port
    assert port is not None
    stop(checkout / "var")
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        moved, _ = start(checkout / "var")
        assert moved != url and ask(moved, "SELECT 1") == 1
    assert status(checkout / "var").port != port


def test_a_half_made_cluster_is_moved_aside_and_made_again(checkout: Path) -> None:
    (checkout / "var/pg/data").mkdir(parents=True)
    (checkout / "var/pg/data/PG_VERSION").write_text("15\n")
    assert status(checkout / "var").state == "half_made"
    url, said = start(checkout / "var")
    aside = list((checkout / "var").glob("pg.broken-*"))
    assert [(path / "data/PG_VERSION").read_text() for path in aside] == ["15\n"]
    assert any(str(aside[0]) in line for line in said)
    assert ask(url, "SELECT 1") == 1


def test_initdb_killed_half_way(checkout: Path) -> None:
    code = (
        "import sys, pathlib; from layers.store.cluster import ensure_running; "
        "ensure_running(pathlib.Path(sys.argv[1]), durable=False)"
    )
    maker = subprocess.Popen([sys.executable, "-c", code, checkout / "var"], cwd=ROOT, start_new_session=True)
    assert wait_for(lambda: (checkout / "var/pg/data/PG_VERSION").exists())
    os.killpg(maker.pid, signal.SIGKILL)
    maker.wait()
    assert status(checkout / "var").state == "half_made"
    url, _ = start(checkout / "var")
    assert ask(url, "SELECT 1") == 1


def test_two_launches_at_once_make_one_cluster(checkout: Path) -> None:
    with ThreadPoolExecutor(3) as launches:
        urls = list(launches.map(lambda _: start(checkout / "var")[0], range(3)))
    assert len(set(urls)) == 1
    assert not list((checkout / "var").glob("pg.broken-*"))


def test_a_deep_checkout_gets_a_short_socket(checkout: Path) -> None:
    deep = checkout / ("很深的目录" * 8) / "var"
    deep.mkdir(parents=True)
    try:
        url, _ = start(deep)
        folder = str(ask(url, "SHOW unix_socket_directories"))
        port = status(deep).port
        assert Path(folder, f".s.PGSQL.{port}").is_socket()
        assert len(os.fsencode(f"{folder}/.s.PGSQL.{port}")) <= SOCKET_PATH_LIMIT
    finally:
        stop(deep)
    assert not Path(folder).exists()


def test_a_cluster_of_another_version_is_left_alone(checkout: Path) -> None:
    start(checkout / "var")
    stop(checkout / "var")
    version = checkout / "var/pg/data/PG_VERSION"
    kept = version.read_text()
    version.write_text("12\n")
    with pytest.raises(MachineError, match=r"由 PostgreSQL 12 建立.*postgresql-12-postgis-3"):
        start(checkout / "var")
    version.write_text(kept)
    assert ask(start(checkout / "var")[0], "SELECT 1") == 1


def test_a_copied_checkout_gets_a_cluster_of_its_own(closed_checkout: Path, ground: Path) -> None:
    url, _ = start(closed_checkout / "var")
    twin = ground / "twin"
    twin.mkdir(mode=0o700)
    stop(closed_checkout / "var")
    shutil.copytree(closed_checkout / "var", twin / "var", ignore=shutil.ignore_patterns("pg"))
    try:
        other, _ = start(twin / "var")
        assert status(twin / "var").base != status(closed_checkout / "var").base
        ask(other, "CREATE TABLE only_here ()")
        assert ask(start(closed_checkout / "var")[0], "SELECT to_regclass('only_here')::text") is None
    finally:
        stop(twin / "var")
    assert url


def test_a_moved_checkout_keeps_its_data(closed_checkout: Path, ground: Path) -> None:
    url, _ = start(closed_checkout / "var")
    ask(url, "CREATE TABLE kept AS SELECT 7 AS n")
    stop(closed_checkout / "var")
    moved = ground / "moved"
    closed_checkout.rename(moved)
    try:
        assert ask(start(moved / "var")[0], "SELECT n FROM kept") == 7
    finally:
        stop(moved / "var")


def test_nothing_to_stop(tmp_path: Path) -> None:
    assert stop(tmp_path / "none") is False
    assert cluster.connection_url(tmp_path / "none") is None
