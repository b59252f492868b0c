"""A person attaches the document and loads its next version: whole sentences on the cards, differences in words."""

from pathlib import Path

import httpx
import pytest

from app.pages.targets.document import last_changes, take_file
from app.server import create_app
from etl.targets import load_shipped
from geo.errors import InputError, YuantuError
from layers.registry import catalogue
from layers.settings import Settings
from layers.store.queries_target_cards import target_card
from layers.store.slices import When
from layers.targets import TARGETS_DIR, shipped_documents
from tests.support import SECRET_KEY
from tests.targets.world import JUNE, run, writer

DRAFT = shipped_documents()[0]
SHIPPED = TARGETS_DIR / "2026-draft.toml"


def next_version(folder: Path) -> Path:
    """The shipped data as another version of the document, with one number more and its repetition with it."""
    row = DRAFT.row("T17-01")
    assert row.target is not None
    text = SHIPPED.read_text(encoding="utf-8")
    text = text.replace(f'id = "{DRAFT.id}"', 'id = "2026-final"', 1)
    text = text.replace(f'version = "{DRAFT.version}"', 'version = "正式稿"', 1)
    for ident in ("T17-01", *(r.id for r in DRAFT.rows if r.alias_of == "T17-01")):
        head, mark, rest = text.partition(f'\nid = "{ident}"')
        text = head + mark + rest.replace(f"target = {row.target:g}", f"target = {row.target + 20:g}", 1)
    path = folder / "2026-final.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_attached_text_shows_the_whole_sentence(database_url: str, tmp_path: Path) -> None:
    load_shipped(writer(database_url))
    row = DRAFT.row("T17-01")
    path = tmp_path / "要点.txt"
    path.write_text(f"前一句话。全年要抓项目，{row.clause}，确保见效。后一句话。", encoding="gb18030")
    said = take_file(writer(database_url), path, 2026, "王五")
    assert "找到原句" in said["text"] and said["lines"] == []
    card = run(database_url, lambda pool: target_card(pool, catalogue(), "T17-01", When(JUNE)))
    assert card["sentence"] == f"全年要抓项目，{row.clause}，确保见效。"


def test_another_document_is_refused_and_changes_nothing(database_url: str, tmp_path: Path) -> None:
    path = tmp_path / "别的.txt"
    path.write_text("与目标无关的一段话。", encoding="utf-8")
    with pytest.raises(InputError, match="找不到"):
        take_file(writer(database_url), path, 2026, "王五")
    broken = tmp_path / "坏.toml"
    broken.write_text("rows = 3", encoding="utf-8")
    with pytest.raises(YuantuError):
        take_file(writer(database_url), broken, 2026, "王五")


def test_a_new_version_is_loaded_and_compared_in_words(database_url: str, tmp_path: Path) -> None:
    load_shipped(writer(database_url))
    assert "没有可比的上一版" in last_changes(writer(database_url), 2026)["text"]
    row = DRAFT.row("T17-01")
    assert row.target is not None
    path = next_version(tmp_path)
    said = take_file(writer(database_url), path, 2026, "王五")
    wanted = f"T17-01 {row.indicator}：目标值由“{row.target:g}”改为“{row.target + 20:g}”"
    assert wanted in said["lines"]
    assert "正式稿" in said["text"]
    assert last_changes(writer(database_url), 2026)["lines"] == said["lines"]
    assert "完全相同" in take_file(writer(database_url), path, 2026, "王五")["text"]


def test_a_version_loaded_again_with_its_old_id_is_compared_with_what_it_replaces(
    database_url: str, tmp_path: Path
) -> None:
    load_shipped(writer(database_url))
    row = DRAFT.row("T17-01")
    assert row.target is not None
    path = next_version(tmp_path)
    path.write_text(path.read_text("utf-8").replace('id = "2026-final"', f'id = "{DRAFT.id}"', 1), "utf-8")
    said = take_file(writer(database_url), path, 2026, "王五")
    assert any("T17-01" in line for line in said["lines"])
    assert last_changes(writer(database_url), 2026)["lines"] == said["lines"]
    letter = tmp_path / "要点.txt"
    letter.write_text(f"全年要抓项目，{row.clause}，确保见效。", "utf-8")
    take_file(writer(database_url), letter, 2026, "王五")
    assert last_changes(writer(database_url), 2026)["lines"] == said["lines"], "an attached text is no new version"


async def test_files_come_from_this_machine_with_a_name(database_url: str, tmp_path: Path) -> None:
    app = create_app(Settings(database_url=database_url, secret_key=SECRET_KEY, var_dir=tmp_path))
    async with app.router.lifespan_context(app):
        for place, host, query, status in (
            ("10.0.0.9", "127.0.0.1", "name=a.txt&year=2026&who=x", 403),
            ("127.0.0.1", "evil.example", "name=a.txt&year=2026&who=x", 403),
            ("127.0.0.1", "127.0.0.1", "name=a.exe&year=2026&who=x", 400),
            ("127.0.0.1", "127.0.0.1", "name=a.txt&year=2026&who=", 400),
        ):
            transport = httpx.ASGITransport(app, client=(place, 9), raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}") as client:
                answer = await client.post(f"/targets-file?{query}", content=b"x")
                assert answer.status_code == status, answer.text
