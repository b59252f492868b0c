"""A copy of the project with more layers, loaded and served: what a reader who adds a layer has."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support import ROOT, SECRET_KEY


def copy_project(copy: Path) -> Path:
    """Copy the program and only the boundaries of the data."""
    for package in ("app", "geo", "layers", "etl"):
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
    for folder in ("admin", "boundary", "context"):
        shutil.copytree(ROOT / "data/shapefiles" / folder, copy / "data/shapefiles" / folder)
    if (ROOT / "data/targets").exists():
        shutil.copytree(ROOT / "data/targets", copy / "data/targets")
    return copy


def add_layer(copy: Path, name: str, toml: str, content: str) -> None:
    """Add one TOML and one GeoJSON with its description."""
    (copy / f"layers/catalog/{name}.toml").write_text(toml, encoding="utf-8")
    data = copy / "data/shapefiles" / name
    data.mkdir()
    (data / "things.geojson").write_text(content, encoding="utf-8")
    digest = hashlib.sha256((data / "things.geojson").read_bytes()).hexdigest()
    (data / "source.toml").write_text(
        f'layer = "{name}"\n[[files]]\nfile = "things.geojson"\ntitle = "试验"\npublisher = "试验"\n'
        f'licence = "试验"\ndate = "2026-06-30"\ndatum = "wgs84"\nsha256 = "{digest}"\n',
        encoding="utf-8",
    )


def collection(features: list[dict[str, Any]]) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)


def yuantu(tree: Path, database: str, var: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command on a tree and a database."""
    environment = os.environ | {
        "PYTHONPATH": str(tree), "YUANTU_DATABASE_URL": database, "YUANTU_VAR_DIR": str(var),
        "YUANTU_SECRET_KEY": SECRET_KEY, "YUANTU_DATA_DIR": str(tree / "data/shapefiles"),
    }  # fmt: skip
    command = [str(Path(sys.executable).with_name("yuantu")), *arguments]
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with the boundaries and no other data."""
    return copy_project(tmp_path_factory.mktemp("project"))
