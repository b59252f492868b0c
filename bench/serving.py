"""The shipped data in a database of their own, and the real server on it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.database import SECRET_KEY, Database
from layers.settings import ROOT

YUANTU = Path(sys.executable).with_name("yuantu")


def shipped(database: Database) -> str:
    """Load the shipped and the demonstration data as `yuantu up` does; return the superuser's URL."""
    url = database.fresh("bench_page")
    subprocess.run([YUANTU, "up"], cwd=ROOT, env=_environment(url, database.folder), check=True, capture_output=True)
    return url


def _environment(url: str, folder: Path, port: int = 0) -> dict[str, str]:
    chosen = {"DATABASE_URL": url, "VAR_DIR": str(folder), "SECRET_KEY": SECRET_KEY}
    chosen |= {"PORT": str(port)} if port else {}
    return os.environ | {f"YUANTU_{name}": value for name, value in chosen.items()} | {"PYTHONPATH": str(ROOT)}


@contextmanager
def serving(url: str, folder: Path) -> Iterator[str]:
    """Run `yuantu serve` until the block ends; gives its base URL once it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with (folder / "serve.log").open("wb") as log:
        process = subprocess.Popen(
            [YUANTU, "serve"], cwd=ROOT, env=_environment(url, folder, port), stdin=subprocess.DEVNULL, stdout=log,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            _wait(f"http://127.0.0.1:{port}/readyz", process)
            yield f"http://127.0.0.1:{port}"
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)


def _wait(url: str, process: subprocess.Popen[bytes], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=10):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise RuntimeError(f"{url}: {process.poll()}")
