"""The docs name every layer, setting and command, and the README's commands are those that CI runs."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from app.cli import app as commands
from geo.criteria import CRITERIA
from layers.registry import catalogue, load_catalogue
from layers.settings import Settings
from layers.site import presets
from layers.spec import Layer

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def test_the_descriptions_of_the_shipped_data_are_in_step_with_the_files() -> None:
    done = subprocess.run([sys.executable, "docker/checksums.py", "--check"], cwd=ROOT, check=False)
    assert done.returncode == 0, "run: make checksums"


def test_the_page_of_layers_is_in_step_with_the_catalogue() -> None:
    done = subprocess.run([sys.executable, str(DOCS / "build.py"), "--check"], cwd=ROOT, check=False)
    assert done.returncode == 0, "run: python docs/build.py"


@pytest.mark.parametrize("layer", catalogue().layers.values(), ids=lambda layer: layer.id)
def test_every_layer_and_field_is_named(layer: Layer) -> None:
    text = (DOCS / "layers.md").read_text(encoding="utf-8")
    missing = [f.id for f in layer.fields if f"`{f.id}`" not in text]
    assert f"`{layer.id}`" in text
    assert missing == []


@pytest.mark.parametrize("name", [*CRITERIA, *presets()])
def test_every_criterion_and_preset_is_named(name: str) -> None:
    assert f"`{name}`" in (DOCS / "site.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_named(name: str) -> None:
    assert f"`YUANTU_{name.upper()}`" in (DOCS / "settings.md").read_text(encoding="utf-8")


def test_every_command_is_named() -> None:
    text = (DOCS / "settings.md").read_text(encoding="utf-8")
    names = [c.name or c.callback.__name__.removesuffix("_") for c in commands.registered_commands if c.callback]
    names += [g.name for g in commands.registered_groups if g.name]
    assert [n for n in names if f"yuantu {n}" not in text] == []


def test_the_readme_names_the_commands_that_ci_runs() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    run = re.findall(r"make (?:--no-print-directory )?(\w+)$", (ROOT / ".ci/run").read_text(), re.M)
    assert set(run) == {"lint", "test"}
    assert "make run" in readme
    assert "make test" in readme


@pytest.mark.parametrize("page", [*sorted(DOCS.glob("*.md")), ROOT / "README.md"], ids=lambda p: p.name)
def test_links_and_pictures_exist(page: Path) -> None:
    targets = re.findall(r"\]\((?!http)([^)#]+)\)", page.read_text(encoding="utf-8"))
    assert [t for t in targets if not (page.parent / t).exists()] == []


def test_the_example_layer_of_the_guide_is_a_valid_layer(tmp_path: Path) -> None:
    block = re.search(r"```toml\n(.*?)```", (DOCS / "new-layer.md").read_text(encoding="utf-8"), re.S)
    assert block is not None
    (tmp_path / "charging.toml").write_text(block[1].replace("\n   ", "\n"), encoding="utf-8")
    layer = load_catalogue(tmp_path, tmp_path / "none").layers["charging"]
    assert [f.id for f in layer.fields] == ["piles", "speed"]
