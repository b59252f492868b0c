"""The private cluster's server process: configured, started, watched, ended."""

import contextlib
import hashlib
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from geo.errors import MachineError
from layers.store.cluster_place import Account
from layers.store.installation import Installation

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
    "wal_level": "minimal",
    "max_wal_senders": "0",
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


def start(base: Path, server: Installation, account: Account, durable: bool) -> None:
    """Start the server and wait until it accepts connections.

    Raises
    ------
    MachineError
        It did not start; the message carries the last lines of its log.
    """
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


def _configure(base: Path, account: Account, durable: bool) -> None:
    port = _free_port(number_in(base / "port"), base)
    sockets = _make_socket_folder(base, account)
    settings = {**SETTINGS, **({} if durable else UNSAFE_SETTINGS)}
    settings |= {"port": str(port), "unix_socket_directories": str(sockets)}
    lines = [f"{name} = '{value.replace(chr(39), chr(39) * 2)}'\n" for name, value in settings.items()]
    for path, text in ((base / "data/yuantu.conf", "".join(lines)), (base / "port", f"{port}\n")):
        path.write_text(text, "utf-8")
        account.own(path)


def _free_port(preferred: int | None, base: Path) -> int:
    first = int(hashlib.sha256(str(base).encode()).hexdigest(), 16) % len(PORTS)
    ports: list[int] = [*([preferred] if preferred else []), *PORTS[first:], *PORTS[:first]]
    for port in ports:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port
    raise MachineError(f"{PORTS.start}–{PORTS.stop - 1} 的端口全被占用，数据库没有端口可用。", "请关闭占用端口的程序。")


def socket_folder(base: Path) -> Path:
    """Give the folder of the Unix socket: in the base, or a short one where its path would be too long."""
    folder = base / "socket"
    if len(os.fsencode(folder / ".s.PGSQL.00000.lock")) <= SOCKET_PATH_LIMIT:
        return folder
    mark = hashlib.sha256(str(base).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"yuantu-{mark}"


def _make_socket_folder(base: Path, account: Account) -> Path:
    folder = socket_folder(base)
    folder.mkdir(exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid not in {os.geteuid(), account.uid}:
        raise MachineError(f"{folder} 属于另一个账户，不能放数据库的套接字。", "请删除它再试。")
    account.own(folder)
    return folder


def watch(var_dir: Path, base: Path, while_pid: int) -> None:
    """Start the watchdog unless it is there: it ends the server when the checkout is gone."""
    pid = server_pid(base)
    old = number_in(base / "watchdog.pid")
    if pid is None:
        return
    # a watchdog of the server before this one may still be there for a moment
    if old and f"\0yuantu-watchdog\0{pid}\0".encode() in _read_bytes(Path(f"/proc/{old}/cmdline")):
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


def server_pid(base: Path) -> int | None:
    """Give the server's pid, None if the pid file is missing or names a process that is not ours."""
    pid = number_in(base / "data/postmaster.pid")
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
            raise MachineError(f"{base / 'data'} 里还有上次数据库的进程没有结束。", "请稍候再试，或结束这些进程。")
        time.sleep(0.5)
    stale.unlink(missing_ok=True)


def _processes_in(folder: Path) -> Iterator[int]:
    real = folder.resolve()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if (entry / "cwd").readlink() == real:
                    yield int(entry.name)


def end(pid: int) -> None:
    """Stop the server: in good order, at once, or by force, whichever helps first."""
    for how, seconds in ((signal.SIGINT, 60), (signal.SIGQUIT, 10), (signal.SIGKILL, 10)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, how)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not Path(f"/proc/{pid}").exists():
                return
            time.sleep(0.1)


def number_in(path: Path) -> int | None:
    """Read the number in a file's first line, None where there is none."""
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
