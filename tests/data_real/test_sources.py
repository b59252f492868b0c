"""Every shipped file says where it comes from, and is the file it was."""

import hashlib
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHAPEFILES = ROOT / "data" / "shapefiles"
FOLDERS = sorted(p.name for p in SHAPEFILES.iterdir() if p.is_dir())


def read_source(folder: str) -> list[dict[str, Any]]:
    files: list[dict[str, Any]] = tomllib.loads((SHAPEFILES / folder / "source.toml").read_text(encoding="utf-8"))[
        "files"
    ]
    return files


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_file_is_described_once(folder: str) -> None:
    described = [f["file"] for f in read_source(folder)]
    shipped = {p.name for p in (SHAPEFILES / folder).iterdir()} - {"source.toml"}
    assert sorted(described) == sorted(shipped)
    assert sorted(f["order"] for f in read_source(folder)) == list(range(1, len(described) + 1))


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_description_is_complete_and_the_checksum_right(folder: str) -> None:
    for f in read_source(folder):
        for key in ("title", "publisher", "licence", "date", "notes"):
            assert f[key], (f["file"], key)
        assert f.get("url") or f.get("package"), f["file"]
        assert f["datum"] in ("wgs84", "cgcs2000", "none"), f["file"]
        assert f["sha256"] == hashlib.sha256((SHAPEFILES / folder / f["file"]).read_bytes()).hexdigest(), f["file"]


def test_a_changed_file_is_named_with_the_cure_and_the_command_writes_its_checksum(tmp_path: Path) -> None:
    run = [sys.executable, "-c", "import sys; from pathlib import Path; from docker import checksums as c; "
           "root = Path(sys.argv[1]); sys.argv[2:] and c.write(root); print('\\n'.join(c.faults(root)))"]  # fmt: skip

    def said(*more: str) -> str:
        return subprocess.run([*run, str(tmp_path), *more], cwd=ROOT, check=True, capture_output=True, text=True).stdout

    for folder in ("admin", "park"):
        shutil.copytree(SHAPEFILES / folder, tmp_path / folder)
    assert said().strip() == ""
    before = (tmp_path / "admin/source.toml").read_text(encoding="utf-8")
    with (tmp_path / "admin/units.toml").open("a", encoding="utf-8") as file:
        file.write("# one more line\n")
    (tmp_path / "park/new.csv").write_text("a\n1\n")
    assert "admin/units.toml" in said()
    assert "make checksums" in said()
    assert "park/new.csv" in said()
    assert "units.toml" not in said("write")
    after = (tmp_path / "admin/source.toml").read_text(encoding="utf-8")
    changed = [(a, b) for a, b in zip(before.splitlines(), after.splitlines(), strict=True) if a != b]
    assert len(changed) == 1
    assert changed[0][1] == f'sha256 = "{hashlib.sha256((tmp_path / "admin/units.toml").read_bytes()).hexdigest()}"'


def test_the_notice_names_every_licence_and_package() -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    for folder in FOLDERS:
        for f in read_source(folder):
            for part in f["licence"].replace("；", "，").split("，"):
                assert part.strip() in notice or part.strip("包为 ") in notice, (folder, part)
            if "package" in f:
                assert f["package"] in notice, f["package"]
