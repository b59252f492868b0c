"""The private PostGIS cluster: made once under ``var/``, started when needed, never left behind.

Layout of the base folder (``var/pg``, owned by the account the server runs as, mode 0700)::

    data/       PostgreSQL's data directory        log/       its log, one file a weekday
    password    of the superuser, mode 0600        port       the last TCP port
    COMPLETE    written last; a base without it is half-made and is moved aside

Where that account cannot enter ``var/`` (a checkout under root's home, a 0700 temporary folder, a file
system without owners), the base lies in a state folder and ``var/pg.location`` names it. A small watchdog
ends the server when the checkout or the data folder disappears.
"""

import contextlib
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psycopg2

from geo.errors import DatabaseUnavailableError, MachineError
from layers.store.cluster_place import Account, base_of, choose_base, default_state_root, locked, server_account
from layers.store.cluster_server import end, number_in, server_pid, socket_folder, start, watch
from layers.store.installation import Installation, choose_installation, find_installations

SUPERUSER = "yuantu_admin"

Progress = Callable[[str], None]
State = Literal["absent", "half_made", "stopped", "running"]


@dataclass(frozen=True)
class Status:
    """What stands under ``var/``: its state, base folder, port, server pid and PostgreSQL major version."""

    state: State
    base: Path | None = None
    port: int | None = None
    pid: int | None = None
    major: int | None = None


def ensure_running(
    var_dir: Path,
    progress: Progress = lambda _: None,
    *,
    database: str = "yuantu",
    durable: bool = True,
    state_root: Path | None = None,
    while_pid: int = 0,
) -> str:
    """Start the private cluster, making it first where there is none.

    Parameters
    ----------
    var_dir : Path
        The checkout's folder of run-time state; made where it is missing.
    progress : callable
        Told one Chinese sentence per step that takes time.
    database : str
        Made together with the cluster.
    durable : bool
        False gives up safety against a crash for speed (tests).
    state_root : Path, optional
        Where the base goes if the server's account cannot enter `var_dir`.
    while_pid : int
        End the server when this process ends; 0: it stays until `stop`.

    Returns
    -------
    str
        The superuser's connection URL, for migrations only.

    Raises
    ------
    MachineError
        No usable PostgreSQL, no rights, no free port, a cluster of another version, a failed start.
    DatabaseUnavailableError
        The server runs and does not answer.
    """
    var_dir = var_dir.resolve()
    account = server_account()
    with _rights(var_dir), locked(var_dir):
        _set_aside_if_half_made(base_of(var_dir), progress)
        base = choose_base(var_dir, account, state_root)
        server = choose_installation(find_installations(), _major(base))
        complete = (base / "COMPLETE").exists()
        if not complete:
            _initialise(base, server, account, durable, progress)
        if server_pid(base) is None:
            progress("正在启动私有数据库…")
            start(base, server, account, durable)
        watch(var_dir, base, while_pid)
        if not complete:
            _create_database(base, server, account, database)
            (base / "COMPLETE").write_text(f"PostgreSQL {server.major}\n", "utf-8")
            account.own(base / "COMPLETE")
        _wait_until_answering(_url(base, "postgres"))
        return _url(base, database)


def stop(var_dir: Path) -> bool:
    """Stop the private server in good order; True if one was running."""
    var_dir = var_dir.resolve()
    if not var_dir.is_dir():
        return False
    with _rights(var_dir), locked(var_dir):
        base = base_of(var_dir)
        pid = server_pid(base)
        if pid is None:
            return False
        end(pid)
        with contextlib.suppress(OSError):
            socket_folder(base).rmdir()
        return True


def status(var_dir: Path) -> Status:
    """Look at the private cluster without changing anything."""
    var_dir = var_dir.resolve()
    with _rights(var_dir):
        base = base_of(var_dir)
        if not base.is_dir() or not any(base.iterdir()):
            return Status("absent")
        pid = server_pid(base)
        complete = (base / "COMPLETE").exists()
        state: State = "running" if complete and pid else "stopped" if complete else "half_made"
        return Status(state, base, number_in(base / "port"), pid, _major(base))


def abandoned(state_root: Path | None = None) -> list[Path]:
    """List the bases in the state folder whose checkout is gone; they are for a person to delete."""
    root = state_root or default_state_root()
    found = []
    with contextlib.suppress(OSError):
        for base in sorted(root.iterdir()):
            home = base / "checkout"
            if home.is_file() and base_of(Path(home.read_text("utf-8").strip())) != base:
                found.append(base)
    return found


def connection_url(var_dir: Path, database: str = "yuantu") -> str | None:
    """Give the superuser's URL of a running private cluster, None where none runs."""
    found = status(var_dir)
    return _url(found.base, database) if found.state == "running" and found.base else None


@contextlib.contextmanager
def _rights(var_dir: Path) -> Iterator[None]:
    """Turn a refused access into a sentence that says whose it is."""
    try:
        yield
    except PermissionError as error:
        raise MachineError(
            f"没有权限使用 {error.filename or var_dir}。",
            "请用建立它的账户（通常是 root）运行，或改设 YUANTU_VAR_DIR。",
        ) from error


def _set_aside_if_half_made(base: Path, progress: Progress) -> None:
    """Move a cluster whose making was broken off out of the way; nothing is ever deleted."""
    if not base.is_dir() or not any(base.iterdir()) or (base / "COMPLETE").exists():
        return
    pid = server_pid(base)
    if pid is not None:
        end(pid)
    aside = base.with_name(f"{base.name}.broken-{time.strftime('%Y%m%d-%H%M%S')}")
    base.rename(aside)
    progress(f"上次没有建完的数据库已移到 {aside}，现在重新建立。")


def _initialise(base: Path, server: Installation, account: Account, durable: bool, progress: Progress) -> None:
    progress(f"正在 {base} 建立私有数据库（PostgreSQL {server.major}，PostGIS {server.postgis}）…")
    password = base / "password"
    password.write_text(secrets.token_urlsafe(24), "utf-8")
    account.own(password)
    (base / "log").mkdir()
    account.own(base / "log")
    done = account.run(
        [
            str(server.bindir / "initdb"),
            f"--pgdata={base / 'data'}",
            f"--username={SUPERUSER}",
            f"--pwfile={password}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--locale-provider=icu",
            "--icu-locale=zh-CN",
            "--data-checksums",
            *([] if durable else ["--no-sync"]),
        ]
    )
    if done.returncode != 0:
        raise MachineError(
            f"建立数据库失败：{(done.stderr or done.stdout).strip()[-400:]}",
            "请看磁盘空间和目录权限，再执行 yuantu doctor。",
        )
    with (base / "data/postgresql.conf").open("a", encoding="utf-8") as handle:
        handle.write("include_if_exists = 'yuantu.conf'\n")


def _create_database(base: Path, server: Installation, account: Account, database: str) -> None:
    address = ["--host=127.0.0.1", f"--port={number_in(base / 'port')}", f"--username={SUPERUSER}"]
    secret = (base / "password").read_text("utf-8")
    done = account.run([str(server.bindir / "createdb"), *address, database], PGPASSWORD=secret)
    if done.returncode != 0:
        raise MachineError(f"建立数据库 {database} 失败：{done.stderr.strip()}", "请执行 yuantu doctor。")


def _wait_until_answering(url: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            psycopg2.connect(url, connect_timeout=5).close()
        except psycopg2.OperationalError as error:
            if time.monotonic() > deadline:
                raise DatabaseUnavailableError(
                    f"私有数据库在运行，但 {seconds:.0f} 秒内没有应答。", "请执行 yuantu doctor。"
                ) from error
            time.sleep(0.5)
        else:
            return


def _url(base: Path, database: str) -> str:
    secret = (base / "password").read_text("utf-8").strip()
    return f"postgresql://{SUPERUSER}:{secret}@127.0.0.1:{number_in(base / 'port')}/{database}"


def _major(base: Path) -> int | None:
    return number_in(base / "data/PG_VERSION") if (base / "COMPLETE").exists() else None
