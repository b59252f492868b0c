"""What is wrong with this machine, and what to do about it: the checks behind ``yuantu doctor``.

A check looks at one thing, changes nothing and never raises for what it looks for: what it found, what was
expected and the cure go into a `Finding`.
"""

import contextlib
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from geo.errors import DatabaseUnavailableError, MachineError
from layers.store import cluster
from layers.store.diagnosis import DatabaseFacts, database_facts
from layers.store.installation import (
    CURE_INSTALL,
    MIN_POSTGIS,
    MIN_POSTGRES,
    Installation,
    find_installations,
    version_of,
)

MIN_PYTHON = (3, 11)
MIN_FREE_BYTES = 2 * 1024**3
MIN_YEAR = 2025
MAX_SKEW_SECONDS = 30
FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts")
POSTGIS_TEXT = f"PostGIS ≥ {MIN_POSTGIS[0]}.{MIN_POSTGIS[1]}"


class Wanted(Protocol):
    """The settings the checks read."""

    @property
    def database_url(self) -> str:
        """Any PostGIS; empty for the private cluster."""

    @property
    def var_dir(self) -> Path:
        """The folder of run-time state."""

    @property
    def host(self) -> str:
        """Where the web app listens."""

    @property
    def port(self) -> int:
        """Where the web app listens."""


@dataclass(frozen=True)
class Finding:
    """One thing looked at: its id, whether it is right, what was found and expected, and the cure."""

    id: str
    ok: bool
    found: str
    expected: str
    cure: str = ""


def run_checks(settings: Wanted) -> list[Finding]:
    """Run every check; the list has one finding a check, in a fixed order."""
    return list(_checks(settings))


def _checks(settings: Wanted) -> Iterator[Finding]:
    yield check_python(sys.version_info[:2])
    yield check_rights(settings.var_dir)
    yield check_disk(settings.var_dir)
    yield check_port(settings.host, settings.port)
    yield check_fonts(FONT_FOLDERS)
    if settings.database_url:
        url: str | None = settings.database_url
    else:
        found = find_installations()
        yield check_postgres(found)
        yield check_postgis(found)
        yield check_cluster(settings.var_dir, found)
        yield check_leftovers(cluster.abandoned())
        url = _private_url(settings.var_dir)
    here = datetime.now(UTC)
    if url is None:
        yield check_clock(here, here)
        return
    try:
        facts = database_facts(url)
    except DatabaseUnavailableError as error:
        yield unreachable(error, private=not settings.database_url)
        yield check_clock(here, here)
    else:
        yield check_database(facts)
        yield check_locale(facts)
        yield check_clock(facts.now, datetime.now(UTC))


def _private_url(var_dir: Path) -> str | None:
    with contextlib.suppress(MachineError):  # check_cluster has told it
        return cluster.connection_url(var_dir)
    return None


# --- the machine --------------------------------------------------------------------------------------


def check_python(version: tuple[int, ...]) -> Finding:
    """Look at the Python that runs us."""
    return Finding(
        "python",
        version >= MIN_PYTHON,
        f"Python {version[0]}.{version[1]}",
        f"Python ≥ {MIN_PYTHON[0]}.{MIN_PYTHON[1]}",
        "" if version >= MIN_PYTHON else "请安装 Python 3.11 或更新版本，删除 .venv 后重新执行 make run。",
    )


def check_rights(var_dir: Path) -> Finding:
    """Try to write below ``var``, or below its nearest existing parent."""
    folder = _nearest(var_dir)
    try:
        if not folder.is_dir():
            raise NotADirectoryError(20, "不是文件夹", str(folder))
        with tempfile.TemporaryFile(dir=folder):
            return Finding("rights", True, f"{folder} 可写", "数据目录可写")
    except OSError as error:
        return Finding(
            "rights",
            False,
            f"写不了 {folder}：{error.strerror}",
            "数据目录可写",
            f"请把 {folder} 的权限交给当前账户（chown），或用 YUANTU_VAR_DIR 另指一个目录。",
        )


def check_disk(var_dir: Path, min_free_bytes: int = MIN_FREE_BYTES) -> Finding:
    """Look at the free space where the data lies."""
    folder = _nearest(var_dir)
    free = shutil.disk_usage(folder).free
    return Finding(
        "disk",
        free >= min_free_bytes,
        f"{folder} 所在磁盘剩余 {_gigabytes(free)}",
        f"至少 {_gigabytes(min_free_bytes)}",
        "" if free >= min_free_bytes else "请清理磁盘，或用 YUANTU_VAR_DIR 另指一个有空间的目录。",
    )


def check_port(host: str, port: int) -> Finding:
    """Try to listen where the web app will; our own running app is not a fault."""
    expected = f"{host}:{port} 空闲"
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            holder = _listener(port)
            if "yuantu" in holder:
                return Finding("port", True, f"园图正在 {host}:{port} 运行", expected)
            who = f"（{holder}）" if holder else ""
            return Finding(
                "port",
                False,
                f"{host}:{port} 不可用：{error.strerror}{who}",
                expected,
                "请关闭占用端口的程序，或用 YUANTU_PORT 换一个端口，例如 YUANTU_PORT=8051 make run。",
            )
    return Finding("port", True, expected, expected)


def check_fonts(folders: Iterable[Path]) -> Finding:
    """Look for the font that maps and reports are set in."""
    seen = any(next(folder.rglob("NotoSansCJK*"), None) for folder in folders if folder.is_dir())
    return Finding(
        "fonts",
        seen,
        "有 Noto Sans CJK" if seen else "没有中文字体 Noto Sans CJK",
        "Noto Sans CJK（导出的地图和报告用它写中文）",
        "" if seen else "请执行 make system，或以 root 执行 apt-get install fonts-noto-cjk。",
    )


# --- the database software and the private cluster ----------------------------------------------------


def check_postgres(found: list[Installation]) -> Finding:
    """Look at the PostgreSQL servers installed."""
    good = any(one.major >= MIN_POSTGRES for one in found)
    have = "、".join(f"PostgreSQL {one.major}" for one in found) or "没有 PostgreSQL 服务器"
    expected = f"PostgreSQL ≥ {MIN_POSTGRES}"
    return Finding("postgres", good, have, expected, "" if good else CURE_INSTALL)


def check_postgis(found: list[Installation]) -> Finding:
    """Look at the PostGIS of each PostgreSQL that is new enough: there may be none."""
    servers = [one for one in found if one.major >= MIN_POSTGRES]
    good = any(one.usable for one in servers)
    have = "；".join(f"PostgreSQL {one.major}：PostGIS {one.postgis or '未安装'}" for one in servers)
    return Finding("postgis", good, have or "没有 PostGIS", POSTGIS_TEXT, "" if good else CURE_INSTALL)


def check_cluster(var_dir: Path, found: list[Installation]) -> Finding:
    """Look at the private cluster on disk: absent, half-made, of another version, stopped or running."""
    expected = "没有，或完整的私有数据库"
    try:
        status = cluster.status(var_dir)
    except MachineError as error:
        return Finding("cluster", False, error.message, expected, error.cure)
    if status.state == "half_made":
        return Finding(
            "cluster",
            False,
            f"{status.base} 里的数据库没有建完",
            expected,
            "请重新执行 make run：它会把这个目录移到一旁（不删除），再建一个新的。",
        )
    if status.major is not None and status.major not in {one.major for one in found if one.usable}:
        return Finding(
            "cluster",
            False,
            f"{status.base} 由 PostgreSQL {status.major} 建立，本机没有可用的同一版本",
            expected,
            f"请安装 postgresql-{status.major}-postgis-3。",
        )
    text = {"absent": "尚未建立，make run 会建立", "stopped": "已停止，make run 会启动"}
    running = f"在端口 {status.port} 运行，位于 {status.base}"
    return Finding("cluster", True, text.get(status.state, running), expected)


def check_leftovers(abandoned: list[Path]) -> Finding:
    """Tell of databases whose checkout was deleted: no fault, but they take space."""
    expected = "没有无主的数据库目录"
    if not abandoned:
        return Finding("leftovers", True, expected, expected)
    names = " ".join(map(str, abandoned))
    return Finding(
        "leftovers",
        True,
        f"{len(abandoned)} 个数据库目录的项目目录已不在",
        expected,
        f"确认不要后可删除：rm -r {names}",
    )


# --- the database -------------------------------------------------------------------------------------


def unreachable(error: DatabaseUnavailableError, private: bool) -> Finding:
    """Say that the database does not answer, with the driver's words but without the password."""
    cure = (
        "请执行 yuantu down 再 make run；日志在 var/pg/log。"
        if private
        else "请检查 YUANTU_DATABASE_URL 的主机、端口、账号和密码，以及那台数据库是否开着。"
    )
    reason = str(error.details.get("reason", error.message))
    return Finding("database", False, f"连接不上：{reason}", "数据库应答", cure)


def check_database(facts: DatabaseFacts) -> Finding:
    """Look at the versions of the database that answers."""
    postgis = facts.postgis_installed or facts.postgis_available
    good = facts.major >= MIN_POSTGRES and postgis is not None and version_of(postgis) >= MIN_POSTGIS
    return Finding(
        "database",
        good,
        f"PostgreSQL {facts.major}，PostGIS {postgis or '未安装'}",
        f"PostgreSQL ≥ {MIN_POSTGRES}，{POSTGIS_TEXT}",
        "" if good else "请在数据库服务器上升级 PostgreSQL 和 PostGIS，并执行 ALTER EXTENSION postgis UPDATE。",
    )


def check_locale(facts: DatabaseFacts) -> Finding:
    """Look at the encoding, and at whether names sort by pinyin."""
    good = facts.encoding == "UTF8" and facts.sorts_by_pinyin
    order = "按拼音排序" if facts.sorts_by_pinyin else "不按拼音排序"
    return Finding(
        "locale",
        good,
        f"编码 {facts.encoding}，区域 {facts.locale}，{order}",
        "编码 UTF8，ICU 中文区域（按拼音排序）",
        ""
        if good
        else "请重建数据库：CREATE DATABASE yuantu TEMPLATE template0 ENCODING 'UTF8' "
        "LOCALE_PROVIDER icu ICU_LOCALE 'zh-CN' LOCALE 'C.UTF-8'，再执行 yuantu up。",
    )


def check_clock(database: datetime, machine: datetime) -> Finding:
    """Compare the database's clock with ours, and both with the calendar (both carry their zone)."""
    skew = abs((database - machine).total_seconds())
    expected = f"不早于 {MIN_YEAR} 年，两边相差不超过 {MAX_SKEW_SECONDS} 秒"
    found = f"本机 {machine:%Y-%m-%d %H:%M:%S} UTC，与数据库相差 {skew:.0f} 秒"
    good = skew <= MAX_SKEW_SECONDS and min(database.year, machine.year) >= MIN_YEAR
    return Finding("clock", good, found, expected, "" if good else "请校准时间（timedatectl set-ntp true）。")


# --- helpers ------------------------------------------------------------------------------------------


def _nearest(path: Path) -> Path:
    """The path itself or the first parent that exists."""
    path = path.absolute()
    return next(one for one in (path, *path.parents) if _is_there(one))


def _is_there(path: Path) -> bool:
    with contextlib.suppress(PermissionError):
        return path.exists()
    return False


def _gigabytes(size: int) -> str:
    return f"{size / 1024**3:.1f} GB"


def _listener(port: int) -> str:
    """Name the process that listens on a TCP port, as far as we may see; empty where we may not."""
    inodes = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        with contextlib.suppress(OSError):
            for line in table.read_text("ascii").splitlines()[1:]:
                fields = line.split()
                if fields[3] == "0A" and int(fields[1].rsplit(":", 1)[1], 16) == port:
                    inodes.add(f"socket:[{fields[9]}]")
    for folder in Path("/proc").glob("[0-9]*/fd"):
        with contextlib.suppress(OSError):
            if any(str(handle.readlink()) in inodes for handle in folder.iterdir()):
                command = (folder.parent / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
                return f"进程 {folder.parent.name}：{command.strip()[:80]}"
    return ""
