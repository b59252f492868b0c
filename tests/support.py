"""Helpers of the fixtures, for tests that need them wider than one test."""

import ast
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from psycopg2 import sql

ROOT = Path(__file__).resolve().parent.parent
SECRET_KEY = "only-for-tests"
CHROMIUM = "/usr/bin/chromium"
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def syntax_of(path: Path) -> ast.Module:
    """Return a module's syntax tree.

    CPython 3.11 counts the depth of one tree for all threads, and may say of a good one that it does not add up when
    another thread is compiling (gh-106905); the second reading is good then.
    """
    source = path.read_text(encoding="utf-8")
    try:
        return ast.parse(source, str(path))
    except SystemError:
        return ast.parse(source, str(path))


def with_database(url: str, name: str) -> str:
    """The same server's URL with another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


@contextmanager
def copied_database(template_url: str) -> Iterator[str]:
    """Copy the template into a database of a random name, and drop it afterwards."""
    name = f"scratch_{secrets.token_hex(6)}"
    template = urlsplit(template_url).path.removeprefix("/")
    with closing(psycopg2.connect(with_database(template_url, "postgres"))) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        names = {"name": sql.Identifier(name), "template": sql.Identifier(template)}
        cursor.execute(sql.SQL("CREATE DATABASE {name} TEMPLATE {template}").format(**names))
        try:
            yield with_database(template_url, name)
        finally:
            cursor.execute(sql.SQL("DROP DATABASE {name} WITH (FORCE)").format(**names))


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(database_url: str, var_dir: Path, *, tree: Path = ROOT, **settings: str) -> Iterator[str]:
    """Run `yuantu serve` on a free port until the block ends; settings are YUANTU_ names without prefix.

    `tree` is the project's folder, or a copy of it with other layers.
    """
    port = free_port()
    chosen = {
        "DATABASE_URL": database_url,
        "VAR_DIR": str(var_dir),
        "PORT": str(port),
        "SECRET_KEY": SECRET_KEY,
        **settings,
    }
    environment = os.environ | {f"YUANTU_{name}": value for name, value in chosen.items()}
    environment["PYTHONPATH"] = str(tree)
    log = var_dir / f"serve-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [Path(sys.executable).with_name("yuantu"), "serve"],
            cwd=tree,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            wait_ready(f"http://127.0.0.1:{port}/readyz", process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            end_group(process)


def fetch_json(url: str) -> Any:
    """Read a JSON answer of the app."""
    with urllib.request.urlopen(url, timeout=60) as answer:
        return json.load(answer)


def wait_ready(url: str, process: subprocess.Popen[bytes], log: Path, seconds: float = 120) -> None:
    """Wait until the app answers; if it ends or stays silent, fail with its log."""
    deadline = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise AssertionError(f"{url}: exit {process.poll()}\n{log.read_text('utf-8', 'replace')[-4000:]}")


def end_group(process: subprocess.Popen[bytes], seconds: float = 20) -> None:
    """End a process and its children as a terminal would, and by force if that does not help."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, how)
        except ProcessLookupError:
            break
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
    process.wait()
