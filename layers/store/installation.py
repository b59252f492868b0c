"""Which PostgreSQL with PostGIS this machine has.

PostgreSQL may be there without PostGIS, several versions may stand side by side, and Debian keeps the
server's programs out of ``PATH``; so every place is looked at and each finding carries its versions.
"""

import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from geo.errors import MachineError

MIN_POSTGRES = 15
MIN_POSTGIS = (3, 3)
CURE_INSTALL = "请执行 make system（需要 root 或 sudo），或用 YUANTU_DATABASE_URL 指向一个已有的 PostGIS 数据库。"


@dataclass(frozen=True)
class Installation:
    """One PostgreSQL server installation.

    Parameters
    ----------
    bindir : Path
        The folder that holds ``initdb``, ``pg_ctl`` and ``postgres``.
    major : int
        PostgreSQL's major version.
    postgis : str or None
        The version of PostGIS that ``CREATE EXTENSION`` would make, None where there is none.
    """

    bindir: Path
    major: int
    postgis: str | None

    @property
    def usable(self) -> bool:
        """Whether both versions are new enough."""
        return self.major >= MIN_POSTGRES and self.postgis is not None and version_of(self.postgis) >= MIN_POSTGIS


def version_of(text: str) -> tuple[int, ...]:
    """Read the leading numbers of a version text: ``"3.3.2"`` is ``(3, 3, 2)``."""
    return tuple(int(part) for part in re.findall(r"\d+", text.split("-")[0])[:3])


def _output(program: Path, *arguments: str) -> str:
    try:
        done = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=20, check=False, cwd="/")
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _candidates() -> list[Path]:
    found = []
    config = shutil.which("pg_config")
    if config:
        found.append(Path(_output(Path(config), "--bindir") or "/nonexistent"))
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found += sorted(Path("/usr").glob("pgsql-*/bin"), reverse=True)
    server = shutil.which("postgres")
    if server:
        found.append(Path(server).resolve().parent)
    return found


def _postgis_version(bindir: Path, major: int) -> str | None:
    share = _output(bindir / "pg_config", "--sharedir") or f"/usr/share/postgresql/{major}"
    control = Path(share) / "extension" / "postgis.control"
    if not control.is_file():
        return None
    match = re.search(r"^default_version\s*=\s*'([^']+)'", control.read_text("utf-8"), re.MULTILINE)
    return match.group(1) if match else None


def find_installations(bindirs: Iterable[Path] | None = None) -> list[Installation]:
    """Find every PostgreSQL server of this machine.

    Parameters
    ----------
    bindirs : iterable of Path, optional
        Folders to look into; by default ``pg_config``'s, Debian's, Red Hat's and ``PATH``'s.

    Returns
    -------
    list of Installation
        In the order found, each folder once, folders without a server left out.
    """
    found: dict[Path, Installation] = {}
    for bindir in _candidates() if bindirs is None else bindirs:
        real = bindir.resolve()
        if real in found or not all((real / name).is_file() for name in ("postgres", "initdb", "pg_ctl")):
            continue
        match = re.search(r"\(PostgreSQL\) (\d+)", _output(real / "postgres", "--version"))
        if match:
            major = int(match.group(1))
            found[real] = Installation(real, major, _postgis_version(real, major))
    return list(found.values())


def choose_installation(found: list[Installation], major: int | None = None) -> Installation:
    """Pick the installation to run a cluster with.

    Parameters
    ----------
    found : list of Installation
        As `find_installations` gives it.
    major : int, optional
        The version an existing cluster was made with; only that one can open it.

    Raises
    ------
    MachineError
        None is usable, or none has the cluster's version.
    """
    usable = [one for one in found if one.usable]
    if major is not None:
        same = [one for one in usable if one.major == major]
        if same:
            return same[0]
        have = "、".join(str(one.major) for one in usable) or "无"
        raise MachineError(
            f"私有数据库由 PostgreSQL {major} 建立，本机可用的版本是 {have}，打不开它。",
            f"请安装 postgresql-{major}-postgis-3；或先用旧版本 yuantu backup，再移开 var/pg 重建并 restore。",
            cluster_major=major,
            installed=[one.major for one in usable],
        )
    if usable:
        return max(usable, key=lambda one: (one.major, one.postgis or ""))
    raise MachineError(describe(found), CURE_INSTALL)


def describe(found: list[Installation]) -> str:
    """Say in Chinese what PostgreSQL and PostGIS this machine has and what is expected."""
    expected = f"需要 PostgreSQL ≥ {MIN_POSTGRES} 和 PostGIS ≥ {MIN_POSTGIS[0]}.{MIN_POSTGIS[1]}。"
    if not found:
        return f"本机没有 PostgreSQL 服务器，{expected}"
    have = "；".join(f"PostgreSQL {one.major}，PostGIS {one.postgis or '未安装'}" for one in found)
    return f"本机有 {have}；{expected}"
