"""What a hostile day brings: long names, very many things, no type, a full disk, a county with nothing."""

import shutil
import subprocess
from pathlib import Path

import pytest

from app.export import lettering
from app.export.cli import write_out
from app.export.render import write
from geo.errors import MachineError
from tests.export.world import PROJECTS, World, pdf_text, report

LONG = (
    "江苏省盐城市滨海县沿海工业园新能源装备智能制造产业基地二期扩"
    "建及配套设施提升改造工程项目（第一阶段）" + "甲乙丙丁戊己庚辛壬癸"
)


def test_a_name_of_sixty_characters_is_cut_and_stays_in_the_frame(tmp_path: Path) -> None:
    assert len(LONG) >= 58
    world = World([(LONG, 120.9 - 0.1 * i, 33.2, *PROJECTS[0][3:]) for i in range(4)])
    made = report(world, layers=[{"id": "project"}], title=LONG[:60], compiler=LONG[:60], demo=False)
    text = pdf_text(write(made, "pdf"), tmp_path)
    assert LONG[:60] in text  # the title whole
    assert "…" in text
    boxes = [words.box() for words in made.sheet.words() if not words.rotation]
    assert len(boxes) > 50
    assert min(left for left, _, _, _ in boxes) >= 0
    assert max(right for _, _, right, _ in boxes) <= made.sheet.paper.width_mm


def test_two_hundred_thousand_points_are_drawn_once_each() -> None:
    world = World(
        [("", 119.8 + (i % 500) * 0.002, 33.0 + (i // 500) * 0.003, *PROJECTS[0][3:]) for i in range(200_000)]
    )
    made = report(world, family="heat", layers=[{"id": "project"}], measure="n", demo=False, leave_out=["inset"])
    assert made.drawn[0].n_beyond + len(made.drawn[0].items) == 200_000
    assert made.special.heat is not None
    assert len(write(made, "png")) > 10_000


def test_without_the_type_the_sentence_says_which_package(monkeypatch) -> None:
    lettering.font.cache_clear()
    monkeypatch.setattr(lettering.font_manager.fontManager, "ttflist", [])
    monkeypatch.setattr(lettering.font_manager, "findSystemFonts", lambda *_, **__: [])
    try:
        with pytest.raises(MachineError, match="Noto Sans CJK SC") as caught:
            lettering.font(bold=True)
        assert "apt-get install fonts-noto-cjk" in caught.value.cure
    finally:
        lettering.font.cache_clear()


@pytest.fixture
def full_disk(tmp_path: Path):
    """A file system of 64 KB."""
    place = tmp_path / "small"
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", place], capture_output=True)
    yield place if made.returncode == 0 else None
    if made.returncode == 0:
        subprocess.run(["umount", place], check=True)
    shutil.rmtree(place, ignore_errors=True)


def test_a_full_disk_keeps_the_old_file_and_leaves_no_half(full_disk: Path | None, tmp_path: Path) -> None:
    folder = full_disk or tmp_path / "gone"  # who may not mount meets a folder that is not there: the same sentence
    if full_disk:
        write_out(folder / "a.png", b"old")
    with pytest.raises(MachineError, match="写不出文件") as caught:
        write_out(folder / "a.png", b"x" * 200_000)
    assert "磁盘空间" in caught.value.cure
    if full_disk:
        assert (folder / "a.png").read_bytes() == b"old"
        assert [p.name for p in folder.iterdir()] == ["a.png"]


def test_nothing_at_all_is_a_whole_sheet_that_says_so(tmp_path: Path) -> None:
    text = pdf_text(write(report(World([]), layers=[{"id": "project"}]), "pdf"), tmp_path)
    assert "没有符合条件的记录" in text
    assert "内部使用" in text
