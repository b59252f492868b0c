"""The page on reports names every command, family, format and key there is."""

import re

import pytest

from app.export.commands import export
from app.export.families import FAMILIES, OPTIONAL
from app.export.house import houses
from app.export.papers import PAPERS
from app.export.recipe import Recipe, parse_recipe
from app.export.tables import TABLE_MEDIA
from layers.settings import ROOT

TEXT = (ROOT / "docs" / "report.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [c.name for c in export.registered_commands])
def test_every_export_command_is_shown(name: str) -> None:
    assert f"yuantu export {name} " in TEXT


def test_every_key_family_block_paper_house_and_format_is_named() -> None:
    named = set(re.findall(r"`([^`]+)`", TEXT))
    for group in (set(Recipe.model_fields) - {"page"}, FAMILIES, OPTIONAL, PAPERS, houses()):
        assert set(group) <= named, set(group) - named
    assert all(suffix in TEXT for suffix in TABLE_MEDIA)


def test_the_example_of_a_house_can_be_read(tmp_path) -> None:
    example = re.search(r"```toml\n(.*?)```", TEXT, re.DOTALL).group(1)
    (tmp_path / "houses").mkdir()
    (tmp_path / "houses" / "mine.toml").write_text(example, encoding="utf-8")
    assert houses(tmp_path)["mine"].accent == "#8a2b2b"
    assert parse_recipe({"version": 1, "family": "map", "layers": [{"id": "park"}], "title": "题", "house": "mine"})
