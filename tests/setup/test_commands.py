"""The lock, the make targets, CI and pre-commit say the same thing."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.support import ROOT

sys.path.insert(0, str(ROOT / "docker"))
import lock

# the line of one direct dependency, with the version pinned at present
TYPER = next(x for x in (ROOT / "pyproject.toml").read_text("utf-8").splitlines(keepends=True) if '"typer==' in x)


def copy(tmp_path: Path, **changes: tuple[str, str]) -> Path:
    """Copy pyproject.toml and requirements.txt, with a text replaced in one of them."""
    for name in ("pyproject.toml", "requirements.txt"):
        text = (ROOT / name).read_text("utf-8")
        old, new = changes.get(name.split(".")[0], ("", ""))
        assert old in text
        (tmp_path / name).write_text(text.replace(old, new) if old else text, "utf-8")
    return tmp_path


def test_the_lock_is_in_step() -> None:
    assert lock.faults() == []


def test_the_lock_names_no_host() -> None:
    text = (ROOT / "requirements.txt").read_text("utf-8")
    assert "://" not in text and not re.search(r"^-", text, re.MULTILINE)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"pyproject": ('"geopandas==1.2.0"', '"geopandas==1.1.0"')}, ["不一致", "geopandas==1.1.0"]),
        ({"pyproject": (TYPER, "")}, ["不一致"]),
        ({"requirements": ("\nshapely==2.2.0\n", "\n")}, ["shapely==2.2.0", "无"]),
        ({"requirements": ("\nshapely==2.2.0\n", "\nshapely>=2.2.0\n")}, ["不是“名称==版本”", "shapely"]),
    ],
)
def test_a_stale_lock_is_seen(tmp_path: Path, changes: dict[str, tuple[str, str]], words: list[str]) -> None:
    faults = "".join(lock.faults(copy(tmp_path, **changes)))
    assert all(word in faults for word in words)


def test_order_and_comments_do_not_make_the_lock_stale(tmp_path: Path) -> None:
    root = copy(tmp_path, pyproject=("# geometry and data", "# another comment"))
    assert lock.faults(root) == []


def test_a_missing_lock_is_seen(tmp_path: Path) -> None:
    copy(tmp_path)
    (tmp_path / "requirements.txt").unlink()
    assert lock.faults(tmp_path) == ["没有 requirements.txt，请执行 make lock。"]


def plan(target: str, **environment: str) -> str:
    """What make would run for a target."""
    done = subprocess.run(
        ["make", "--no-print-directory", "--dry-run", target],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_the_same_commands_by_hand_in_ci_and_before_a_commit() -> None:
    ci = (ROOT / ".ci/run").read_text("utf-8")
    assert re.findall(r"^make --no-print-directory (\S+)$", ci, re.MULTILINE) == ["lint", "test"]
    assert os.access(ROOT / ".ci/run", os.X_OK)
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
    assert [hook["entry"] for repo in hooks for hook in repo["hooks"]] == ["make --no-print-directory lint"]
    checks = ("ruff check", "ruff format --check", "mypy", "lock.py --check")
    assert all(check in plan("lint") for check in checks)


@pytest.mark.parametrize("target", ["run", "test", "lint", "format", "bench", "lock", "system", "venv", "clean"])
def test_every_target_has_a_recipe_and_a_line_of_help(target: str) -> None:
    assert plan(target).strip()
    assert (
        f"make {target} "
        in subprocess.run(
            ["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout
    )


def test_a_given_database_installs_no_postgresql() -> None:
    """Run with nothing but coreutils in PATH, so that an attempt to install would fail."""
    done = subprocess.run(
        ["/bin/bash", ROOT / "docker/machine.sh", "database"],
        env={"PATH": "/nonexistent:/bin:/usr/bin", "YUANTU_DATABASE_URL": "postgresql://127.0.0.1/elsewhere"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_shell_steps_are_quiet_where_nothing_is_missing() -> None:
    """This machine runs the tests, so it has all of it."""
    for step in ("python", "postgis", "fonts", "browser"):
        done = subprocess.run([ROOT / "docker/machine.sh", step], capture_output=True, text=True, check=False)
        assert (step, done.returncode, done.stdout, done.stderr) == (step, 0, "", "")


@pytest.mark.parametrize("script", ["docker/machine.sh", ".ci/run"])
def test_the_scripts_are_bash(script: str) -> None:
    assert subprocess.run(["/bin/bash", "-n", ROOT / script], check=False).returncode == 0
    assert "set -euo pipefail" in (ROOT / script).read_text("utf-8")
