"""Peers that are not dependencies of ours: their own venv, and one script each that times them there."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.timing import Timing

REQUIREMENTS = (
    "duckdb==1.5.5", "duckdb-extensions==1.5.5", "duckdb-extension-spatial==1.5.5", "sedonadb==0.5.0",
    "geopandas==1.2.0", "shapely==2.2.0", "pandas==3.1.1", "numpy==2.4.6", "pyarrow==26.0.1", "geoalchemy2==0.20.0",
    "sqlalchemy==2.1.9", "psycopg2-binary==2.9.13", "geoarrow-pyarrow==0.3.0", "geoarrow-types==0.4.1",
)  # fmt: skip
PYGEOAPI = ("pygeoapi==0.21.0", "geoalchemy2==0.20.0", "psycopg2-binary==2.9.13", "sqlalchemy==2.0.58")
SECONDS = 1800


def ensure(venv: Path, requirements: Sequence[str] = REQUIREMENTS) -> str:
    """Make the peers' venv where it is missing; return why it could not be made, '' where it stands."""
    mark = venv / "installed.txt"
    wanted = "\n".join(requirements)
    if mark.exists() and mark.read_text("utf-8") == wanted:
        return ""
    made = subprocess.run([sys.executable, "-m", "venv", str(venv)], capture_output=True, text=True, check=False)
    if made.returncode == 0:
        pip = [str(venv / "bin/pip"), "install", "--quiet", "--disable-pip-version-check", *requirements]
        made = subprocess.run(pip, capture_output=True, text=True, check=False)
    if made.returncode != 0:
        return f"装不上对照软件：{(made.stderr or made.stdout).strip().splitlines()[-1][:120]}"
    mark.write_text(wanted, "utf-8")
    return ""


def run(
    venv: Path, script: str, work: dict[str, Any], requirements: Sequence[str] = REQUIREMENTS
) -> list[Timing]:  # fmt: skip
    """Run a peer's script in its venv: work as JSON in, ``[{"name", "seconds", "note", "answer"}]`` out."""
    why = ensure(venv, requirements)
    if why:
        return [Timing(script, note=why)]
    path = Path(__file__).with_name(f"{script}.py")
    done = subprocess.run(
        [str(venv / "bin/python"), str(path)], input=json.dumps(work), capture_output=True, text=True, timeout=SECONDS,
        check=False,
    )  # fmt: skip
    if done.returncode != 0:
        return [Timing(script, note=f"出错：{(done.stderr.strip().splitlines() or ['?'])[-1][:120]}")]
    return [Timing(t["name"], tuple(t["seconds"]), t["note"]) for t in json.loads(done.stdout.splitlines()[-1])]


def ask_pygeoapi(venv: Path, url: str, asked: Sequence[tuple[str, str]], repeats: int) -> list[Timing]:
    """Time pygeoapi's answers to paths, each in its turn, in a venv beside ours: its pins differ from the others'."""
    work = {"url": url, "asked": list(asked), "repeats": repeats}
    return run(venv.with_name(f"{venv.name}-ogc"), "geoapi", work, PYGEOAPI)
