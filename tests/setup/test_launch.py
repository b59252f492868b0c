"""`make run` as a person types it: to the page, ended with its process group, and to the page again."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from layers.store import cluster
from tests.support import ROOT, end_group, fetch_json, free_port, wait_ready


@pytest.fixture
def var_dir() -> Iterator[Path]:
    """A var of its own, where the server's account can enter."""
    with tempfile.TemporaryDirectory(prefix="yuantu-launch-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name, "var")
        cluster.stop(Path(name, "var"))


@contextmanager
def make_run(var_dir: Path, **settings: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """`make run` on a free port until the page answers; its process group is ended with the block."""
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("YUANTU_")}
    chosen = {"YUANTU_VAR_DIR": str(var_dir), "YUANTU_PORT": str(port), **settings}
    log = var_dir.parent / f"run-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["make", "--no-print-directory", "run"],
            cwd=ROOT,
            env=kept | chosen,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            wait_ready(f"http://127.0.0.1:{port}/readyz", process, log, seconds=600)
            yield f"http://127.0.0.1:{port}", process
        finally:
            end_group(process)


def group_of(leader: int) -> list[int]:
    """The processes of a group that have not ended."""
    members = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, group = stat.read_text().rsplit(")", 1)[1].split()[:3]
        except FileNotFoundError:
            continue
        if int(group) == leader and state != "Z":
            members.append(int(stat.parent.name))
    return members


def test_to_the_page_twice(var_dir: Path) -> None:
    with make_run(var_dir) as (url, first):
        layers = fetch_json(f"{url}/api/v1/layers")["layers"]
        assert sum(layer["n"] for layer in layers) > 0
        started = cluster.status(var_dir)
        assert started.state == "running"
        os.killpg(first.pid, signal.SIGTERM)
        first.wait(60)
        assert group_of(first.pid) == []
    assert cluster.status(var_dir) == started
    assert cluster.stop(var_dir)
    with make_run(var_dir) as (url, _):
        assert fetch_json(f"{url}/api/v1/layers")["layers"] == layers


def test_a_given_database_is_used_and_none_is_made(
    var_dir: Path, scratch_database: Callable[[], AbstractContextManager[str]], secret_key: str
) -> None:
    with (
        scratch_database() as database,
        make_run(var_dir, YUANTU_DATABASE_URL=database, YUANTU_SECRET_KEY=secret_key) as (url, _),
    ):
        assert fetch_json(f"{url}/api/v1/layers")["layers"]
    assert cluster.status(var_dir).state == "absent"
