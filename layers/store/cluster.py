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
import fcntl
import hashlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psycopg2

from geo.errors import DatabaseUnavailableError, MachineError
from layers.store.installation import Installation, choose_installation, find_installations

SUPERUSER = "yuantu_admin"
ACCOUNTS = ("postgres", "nobody")
PORTS = range(15432, 16432)
SOCKET_PATH_LIMIT = 107
START_TRIES = 4
START_SECONDS = 120
SETTINGS: Mapping[str, str] = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "60",
    # two cores, at most 2 GB: 256 MB shared, and a few sorts of 32 MB at a time
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "effective_cache_size": "1GB",
    "max_worker_processes": "4",
    "max_parallel_workers": "2",
    "max_parallel_workers_per_gather": "1",
    "random_page_cost": "1.1",
    "jit": "off",
    "wal_compression": "on",
    "min_wal_size": "128MB",
    "max_wal_size": "1GB",
    "checkpoint_completion_target": "0.9",
    "timezone": "Asia/Shanghai",
    "logging_collector": "on",
    "log_directory": "../log",
    "log_filename": "postgresql-%a.log",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
    "log_min_messages": "warning",
    "log_timezone": "Asia/Shanghai",
    "log_line_prefix": "%m [%p] %q%u@%d ",
}
UNSAFE_SETTINGS: Mapping[str, str] = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
# $1 the server's pid, $2 a path of the checkout, $3 a process to outlive no longer (0: none), $4 the base
WATCHDOG = """
exec </dev/null >/dev/null 2>&1
while kill -0 "$1"; do
  if [ ! -e "$2" ] || { [ "$3" -gt 0 ] && ! kill -0 "$3"; }; then
    for signal in INT QUIT KILL; do
      kill -s "$signal" "$1"
      for _ in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$1" || exit 0; sleep 1; done
    done
  fi
  sleep 2
done
"""

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


@dataclass(frozen=True)
class _Account:
    """The account the server runs as; no ids where we are not root and need not change."""

    uid: int | None
    gid: int | None
    name: str

    def run(self, arguments: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a program as this account, in ``/``, with a clean environment."""
        return subprocess.run(
            arguments,
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            umask=0o077,
            user=self.uid,
            group=self.gid,
            extra_groups=None if self.uid is None else [],
        )

    def own(self, path: Path) -> None:
        """Make a file or folder this account's, closed to all others."""
        path.chmod(0o700 if path.is_dir() else 0o600)
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


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
    var_dir.mkdir(parents=True, exist_ok=True)
    account = _account()
    with _locked(var_dir):
        base = _settle_base(var_dir, account, state_root, progress)
        server = choose_installation(find_installations(), _major(base))
        complete = (base / "COMPLETE").exists()
        if not complete:
            _initialise(base, server, account, durable, progress)
        if _server_pid(base) is None:
            progress("正在启动私有数据库…")
            _start(base, server, account, durable)
        _watch(var_dir, base, while_pid)
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
    with _locked(var_dir):
        base = _base_of(var_dir)
        pid = _server_pid(base)
        if pid is None:
            return False
        _end(pid)
        return True


def status(var_dir: Path) -> Status:
    """Look at the private cluster without changing anything."""
    var_dir = var_dir.resolve()
    base = _base_of(var_dir)
    try:
        if not base.is_dir() or not any(base.iterdir()):
            return Status("absent")
        pid = _server_pid(base)
        complete = (base / "COMPLETE").exists()
        state: State = "running" if complete and pid else "stopped" if complete else "half_made"
        return Status(state, base, _number(base / "port"), pid, _major(base))
    except PermissionError as error:
        raise MachineError(
            f"没有权限读取私有数据库目录 {base}。",
            "请用建立它的账户（通常是 root）运行，或改设 YUANTU_VAR_DIR。",
        ) from error


def connection_url(var_dir: Path, database: str = "yuantu") -> str | None:
    """Give the superuser's URL of a running private cluster, None where none runs."""
    found = status(var_dir)
    return _url(found.base, database) if found.state == "running" and found.base else None


# --- where the cluster lies ---------------------------------------------------------------------------


def _account() -> _Account:
    if os.geteuid() != 0:
        return _Account(None, None, pwd.getpwuid(os.geteuid()).pw_name)
    for name in ACCOUNTS:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return _Account(entry.pw_uid, entry.pw_gid, name)
    raise MachineError(
        "以 root 运行，而本机没有 postgres 或 nobody 账户；PostgreSQL 不能以 root 运行。",
        "请建立系统账户 postgres，或以普通用户运行。",
    )


def _base_of(var_dir: Path) -> Path:
    pointer = var_dir / "pg.location"
    return Path(pointer.read_text("utf-8").strip()) if pointer.is_file() else var_dir / "pg"


def _settle_base(var_dir: Path, account: _Account, state_root: Path | None, progress: Progress) -> Path:
    """Find the base or make one the account can use; a half-made one is moved aside, never deleted."""
    base = _base_of(var_dir)
    if base != var_dir / "pg" and _belongs_elsewhere(base, var_dir):
        base = var_dir / "pg"
        (var_dir / "pg.location").unlink()
    if base.is_dir() and any(base.iterdir()) and not (base / "COMPLETE").exists():
        pid = _server_pid(base)
        if pid is not None:
            _end(pid)
        aside = base.with_name(f"{base.name}.broken-{time.strftime('%Y%m%d-%H%M%S')}")
        base.rename(aside)
        progress(f"上次没有建完的数据库已移到 {aside}，现在重新建立。")
    if _usable_by(base, account):
        return base
    if (base / "COMPLETE").exists():
        raise MachineError(
            f"账户 {account.name} 进不了已有的数据库目录 {base}。",
            "请恢复它和上级目录的权限，或改设 YUANTU_VAR_DIR。",
        )
    root = state_root or _state_root()
    mark = hashlib.sha256(str(var_dir).encode()).hexdigest()[:12]
    base = root / f"{mark}-{secrets.token_hex(2)}"
    if not _usable_by(base, account):
        raise MachineError(
            f"账户 {account.name} 既进不了 {var_dir}，也写不了 {root}。",
            "请把项目放到该账户能进入的目录，或改设 YUANTU_VAR_DIR。",
        )
    (var_dir / "pg.location").write_text(f"{base}\n", "utf-8")
    (base / "checkout").write_text(f"{var_dir}\n", "utf-8")
    progress(f"数据库账户进不了 {var_dir}，数据库改放在 {base}。")
    return base


def _belongs_elsewhere(base: Path, var_dir: Path) -> bool:
    """Whether the base is gone or still serves the checkout this one was copied from."""
    if not (base / "checkout").is_file():
        return True
    home = Path((base / "checkout").read_text("utf-8").strip())
    if home != var_dir and (home / "pg.location").exists() and _base_of(home) == base:
        return True
    (base / "checkout").write_text(f"{var_dir}\n", "utf-8")
    return False


def _state_root() -> Path:
    return Path("/var/lib/yuantu") if os.geteuid() == 0 else Path.home() / ".local/state/yuantu"


def _usable_by(base: Path, account: _Account) -> bool:
    """Make the folder and try, as the account, to enter it and to write a file of its own there."""
    made = not base.exists()
    try:
        base.mkdir(parents=True, exist_ok=True)
        account.own(base)
        test = 'cd "$1" && : > .probe && chmod 600 .probe && test -O .probe && rm .probe'
        good = account.run(["/bin/sh", "-c", test, "sh", str(base)]).returncode == 0
        good = good and base.stat().st_mode & 0o077 == 0
    except OSError:
        good = False
    if made and not good:
        shutil.rmtree(base, ignore_errors=True)
    return good


@contextlib.contextmanager
def _locked(var_dir: Path) -> Iterator[None]:
    """Hold the checkout's lock, so that two launches at once make one cluster."""
    with (var_dir / "pg.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


# --- making and starting it ---------------------------------------------------------------------------


def _initialise(
    base: Path, server: Installation, account: _Account, durable: bool, progress: Progress
) -> None:
    progress(f"正在建立私有数据库（PostgreSQL {server.major}，PostGIS {server.postgis}）…")
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


def _create_database(base: Path, server: Installation, account: _Account, database: str) -> None:
    address = ["--host=127.0.0.1", f"--port={_number(base / 'port')}", f"--username={SUPERUSER}"]
    secret = (base / "password").read_text("utf-8")
    done = account.run([str(server.bindir / "createdb"), *address, database], PGPASSWORD=secret)
    if done.returncode != 0:
        raise MachineError(f"建立数据库 {database} 失败：{done.stderr.strip()}", "请执行 yuantu doctor。")


def _start(base: Path, server: Installation, account: _Account, durable: bool) -> None:
    _clear_stale_pid(base)
    log = base / "log/start.log"
    # a port can be taken between the look and the start, and a crashed server's children need a moment
    for attempt in range(START_TRIES):
        _configure(base, account, durable)
        done = account.run(
            [
                str(server.bindir / "pg_ctl"),
                f"--pgdata={base / 'data'}",
                f"--log={log}",
                f"--timeout={START_SECONDS}",
                "--wait",
                "start",
            ]
        )
        if done.returncode == 0:
            return
        time.sleep(1 + attempt)
    raise MachineError(
        f"私有数据库起不来：{_log_tail(base) or done.stderr.strip()}",
        f"完整日志在 {log.parent}；请执行 yuantu doctor。",
    )


def _configure(base: Path, account: _Account, durable: bool) -> None:
    port = _free_port(_number(base / "port"), base)
    sockets = _socket_folder(base, account)
    settings = {**SETTINGS, **({} if durable else UNSAFE_SETTINGS)}
    settings |= {"port": str(port), "unix_socket_directories": str(sockets)}
    lines = [f"{name} = '{value.replace(chr(39), chr(39) * 2)}'\n" for name, value in settings.items()]
    for path, text in ((base / "data/yuantu.conf", "".join(lines)), (base / "port", f"{port}\n")):
        path.write_text(text, "utf-8")
        account.own(path)


def _free_port(preferred: int | None, base: Path) -> int:
    first = int(hashlib.sha256(str(base).encode()).hexdigest(), 16) % len(PORTS)
    for port in [*([preferred] if preferred else []), *PORTS[first:], *PORTS[:first]]:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port
    raise MachineError(
        f"{PORTS.start}–{PORTS.stop - 1} 的端口全被占用，数据库没有端口可用。", "请关闭占用端口的程序。"
    )


def _socket_folder(base: Path, account: _Account) -> Path:
    """Choose a folder for the Unix socket: the base, or a short one where its path would be too long."""
    folder = base / "socket"
    if len(os.fsencode(folder / ".s.PGSQL.00000.lock")) > SOCKET_PATH_LIMIT:
        mark = hashlib.sha256(str(base).encode()).hexdigest()[:12]
        folder = Path(tempfile.gettempdir()) / f"yuantu-{mark}"
    folder.mkdir(exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid not in {os.geteuid(), account.uid}:
        raise MachineError(f"{folder} 属于另一个账户，不能放数据库的套接字。", "请删除它再试。")
    account.own(folder)
    return folder


def _watch(var_dir: Path, base: Path, while_pid: int) -> None:
    """Start the watchdog unless it is there: it ends the server when the checkout is gone."""
    pid = _server_pid(base)
    old = _number(base / "watchdog.pid")
    if pid is None or (old and str(base).encode() in _read_bytes(Path(f"/proc/{old}/cmdline"))):
        return
    pointer = var_dir / "pg.location"
    guarded = pointer if pointer.exists() else base / "data/PG_VERSION"
    watchdog = subprocess.Popen(
        ["/bin/sh", "-c", WATCHDOG, "yuantu-watchdog", str(pid), str(guarded), str(while_pid), str(base)],
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    (base / "watchdog.pid").write_text(f"{watchdog.pid}\n", "utf-8")
    watchdog.returncode = 0  # it outlives us on purpose


# --- the running server -------------------------------------------------------------------------------


def _server_pid(base: Path) -> int | None:
    """Give the server's pid, None if the pid file is missing or names a process that is not ours."""
    pid = _number(base / "data/postmaster.pid")
    if pid is None:
        return None
    try:
        return pid if Path(f"/proc/{pid}/cwd").readlink() == (base / "data").resolve() else None
    except OSError:
        return None


def _clear_stale_pid(base: Path) -> None:
    """Remove a dead server's pid file, which PostgreSQL would obey if the number was given out again."""
    stale = base / "data/postmaster.pid"
    deadline = time.monotonic() + 30
    while any(_processes_in(base / "data")):
        if time.monotonic() > deadline:
            raise MachineError(
                f"{base / 'data'} 里还有上次数据库的进程没有结束。", "请稍候再试，或结束这些进程。"
            )
        time.sleep(0.5)
    stale.unlink(missing_ok=True)


def _processes_in(folder: Path) -> Iterator[int]:
    real = folder.resolve()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if (entry / "cwd").readlink() == real:
                    yield int(entry.name)


def _end(pid: int) -> None:
    for how, seconds in ((signal.SIGINT, 60), (signal.SIGQUIT, 10), (signal.SIGKILL, 10)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, how)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not Path(f"/proc/{pid}").exists():
                return
            time.sleep(0.1)


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
    return f"postgresql://{SUPERUSER}:{secret}@127.0.0.1:{_number(base / 'port')}/{database}"


def _major(base: Path) -> int | None:
    return _number(base / "data/PG_VERSION") if (base / "COMPLETE").exists() else None


def _number(path: Path) -> int | None:
    first = _read_bytes(path).split(b"\n")[0].strip()
    return int(first) if first.isdigit() else None


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, ProcessLookupError):
        return b""


def _log_tail(base: Path) -> str:
    logs = sorted((base / "log").glob("*.log"), key=lambda path: path.stat().st_mtime)
    return " ".join(logs[-1].read_text("utf-8", "replace").split("\n")[-4:]).strip() if logs else ""
