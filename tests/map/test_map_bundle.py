"""The committed bundle was made from the sources beside it; a changed source is noticed."""

import shutil
from pathlib import Path

import pytest

from app.map import bundle
from geo.errors import MachineError


def test_committed_bundle_is_fresh() -> None:
    bundle.check()
    assert bundle.bundle_sha256() == bundle.sources_sha256()


def test_changed_source_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = tmp_path / "map"
    shutil.copytree(bundle.HERE, here, ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
    monkeypatch.setattr(bundle, "HERE", here)
    bundle.check()
    with (here / "src" / "scale.ts").open("a", encoding="utf-8") as file:
        file.write("// changed\n")
    with pytest.raises(MachineError, match="不一致"):
        bundle.check()


def test_bundle_without_header_is_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = tmp_path / "yuantu-map.js"
    plain.write_text("console.log(1)\n", encoding="utf-8")
    monkeypatch.setattr(bundle, "BUNDLE", plain)
    with pytest.raises(MachineError):
        bundle.check()
