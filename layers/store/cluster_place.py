"""Where the private cluster lies, and as whom its server runs."""

import contextlib
import fcntl
import hashlib
import os
import pwd
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from geo.errors import MachineError

ACCOUNTS = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
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


def server_account() -> Account:
    """Choose whom to run the server as: ourselves, or as root Debian's postgres account."""
    if os.geteuid() != 0:
        return Account(None, None, pwd.getpwuid(os.geteuid()).pw_name)
    for name in ACCOUNTS:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_uid, entry.pw_gid, name)
    raise MachineError(
        "以 root 运行，而本机没有 postgres 或 nobody 账户；PostgreSQL 不能以 root 运行。",
        "请建立系统账户 postgres，或以普通用户运行。",
    )


def base_of(var_dir: Path) -> Path:
    """Give the base folder of the checkout's cluster, made or not."""
    pointer = var_dir / "pg.location"
    return Path(pointer.read_text("utf-8").strip()) if pointer.is_file() else var_dir / "pg"


def choose_base(var_dir: Path, account: Account, state_root: Path | None = None) -> Path:
    """Find the base folder, or make one that the server's account can use.

    Raises
    ------
    MachineError
        Neither `var_dir` nor the state folder will do, or an existing cluster lost its rights.
    """
    base = base_of(var_dir)
    if base != var_dir / "pg" and _belongs_elsewhere(base, var_dir):
        base = var_dir / "pg"
        (var_dir / "pg.location").unlink()
    if _usable_by(base, account):
        return base
    if (base / "COMPLETE").exists():
        raise MachineError(
            f"账户 {account.name} 进不了已有的数据库目录 {base}。",
            "请恢复它和上级目录的权限，或改设 YUANTU_VAR_DIR。",
        )
    root = state_root or default_state_root()
    mark = hashlib.sha256(str(var_dir).encode()).hexdigest()[:12]
    base = root / f"{mark}-{secrets.token_hex(2)}"
    if not _usable_by(base, account):
        raise MachineError(
            f"账户 {account.name} 既进不了 {var_dir}，也写不了 {root}。",
            "请把项目放到该账户能进入的目录，或改设 YUANTU_VAR_DIR。",
        )
    (var_dir / "pg.location").write_text(f"{base}\n", "utf-8")
    (base / "checkout").write_text(f"{var_dir}\n", "utf-8")
    return base


def _belongs_elsewhere(base: Path, var_dir: Path) -> bool:
    """Whether the base is gone or still serves the checkout this one was copied from."""
    if not (base / "checkout").is_file():
        return True
    home = Path((base / "checkout").read_text("utf-8").strip())
    if home != var_dir and (home / "pg.location").exists() and base_of(home) == base:
        return True
    (base / "checkout").write_text(f"{var_dir}\n", "utf-8")
    return False


def default_state_root() -> Path:
    """Give the folder for bases that cannot lie in their checkout."""
    return Path("/var/lib/yuantu") if os.geteuid() == 0 else Path.home() / ".local/state/yuantu"


def _usable_by(base: Path, account: Account) -> bool:
    """Make the folder and try, as the account, to enter it and to write a file of its own there."""
    made = not base.exists()
    try:
        if not base.parent.exists():
            base.parent.mkdir(parents=True)
            base.parent.chmod(0o755)
        base.mkdir(exist_ok=True)
        account.own(base)
        test = 'cd "$1" && : > .probe && chmod 600 .probe && test -O .probe && rm .probe'
        entered = account.run(["/bin/sh", "-c", test, "sh", str(base)]).returncode == 0
        good = entered and base.stat().st_mode & 0o077 == 0
    except OSError:
        good = False
    if made and not good:
        shutil.rmtree(base, ignore_errors=True)
    return good


@contextlib.contextmanager
def locked(var_dir: Path) -> Iterator[None]:
    """Hold the checkout's lock, so that two launches at once make one cluster."""
    var_dir.mkdir(parents=True, exist_ok=True)
    with (var_dir / "pg.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
