"""Keep requirements.txt, the full lock, in step with pyproject.toml's dependency lists.

``--write [--upgrade]`` lets pip resolve them without installing anything. ``--check`` needs no network: the
lock's header carries the digest of the lists it was made from, and every direct dependency must be pinned
within its bounds.
"""

import hashlib
import json
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent


def direct_dependencies(root: Path = ROOT) -> list[str]:
    """Read pyproject's dependency lists, run-time and extras together, sorted."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    lists = [project["dependencies"], *project.get("optional-dependencies", {}).values()]
    return sorted(item for one in lists for item in one)


def digest(root: Path = ROOT) -> str:
    """Fingerprint the dependency lists, whatever their order and comments."""
    return hashlib.sha256("\n".join(direct_dependencies(root)).encode()).hexdigest()


def faults(root: Path = ROOT) -> list[str]:
    """Say in Chinese what is wrong with the lock; an empty list means that it is in step."""
    path = root / "requirements.txt"
    if not path.is_file():
        return ["没有 requirements.txt，请执行 make lock。"]
    text = path.read_text("utf-8")
    found = []
    if f"sha256:{digest(root)}" not in text:
        found.append("requirements.txt 与 pyproject.toml 的依赖不一致，请执行 make lock。")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    loose = [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[^\s=;@]+", line)]
    found += [f"requirements.txt 的“{line}”不是“名称==版本”。" for line in loose]
    pins = {canonicalize_name(line.split("==")[0]): line.split("==")[1] for line in lines if "==" in line}
    for item in direct_dependencies(root):
        need = Requirement(item)
        pinned = pins.get(canonicalize_name(need.name))
        if pinned is None or not need.specifier.contains(pinned, prereleases=True):
            found.append(f"pyproject.toml 要求 {item}，requirements.txt 锁定的是 {pinned or '无'}。")
    return found


def write(root: Path = ROOT, upgrade: bool = False) -> None:
    """Resolve pyproject's lists afresh and write requirements.txt.

    Parameters
    ----------
    root : Path
        The checkout.
    upgrade : bool
        False keeps the present pins of everything that pyproject does not itself pin.
    """
    path = root / "requirements.txt"
    asked = direct_dependencies(root)
    pinned_there = {canonicalize_name(Requirement(item).name) for item in asked if "==" in item}
    kept = [] if upgrade or not path.is_file() else path.read_text("utf-8").splitlines()
    kept = [line for line in kept if "==" in line and canonicalize_name(line.split("==")[0]) not in pinned_there]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as constraints:
        constraints.write("\n".join(kept) + "\n")
        constraints.flush()
        command = [
            sys.executable,
            "-m",
            "pip",
            "--disable-pip-version-check",
            "install",
            "--quiet",
            "--dry-run",
        ]
        command += ["--ignore-installed", "--report", "-", "--constraint", constraints.name, *asked]
        report = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    pins = {item["metadata"]["name"]: item["metadata"]["version"] for item in report["install"]}
    header = (
        "# The full lock of run-time and development dependencies, made by `make lock`; do not edit.\n"
        f"# pyproject dependency lists sha256:{digest(root)}\n"
    )
    lines = [f"{name}=={pins[name]}\n" for name in sorted(pins, key=str.lower)]
    path.write_text(header + "".join(lines), "utf-8")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--write"]:
        write(upgrade="--upgrade" in sys.argv)
    problems = faults()
    sys.stderr.write("".join(f"{line}\n" for line in problems))
    sys.exit(2 if problems else 0)
