"""Colours come from the one style sheet, pictograms from the screen's."""

from pathlib import Path

import numpy as np
import pytest

from app.export import lettering, theme
from app.export.svgpath import icon_outline, icon_outlines, parse_path
from geo.errors import MachineError
from layers.registry import catalogue


def test_every_token_that_the_catalogue_names_is_a_colour() -> None:
    found, cat = theme.load_theme(), catalogue()
    named = {layer.style.color for layer in cat.layers.values()}
    named |= {v.color for vocabulary in cat.vocabularies.values() for v in vocabulary.values if v.color}
    assert [name for name in named if name not in found] == []
    assert found["surface"] == "#ffffff"  # the light theme, and #fff written out


def test_a_ramp_keeps_its_ends() -> None:
    found = theme.load_theme()
    for n in range(2, 8):
        ramp = found.ramp("q", n)
        assert (ramp[0], ramp[-1], len(set(ramp))) == (found["q1"], found["q5"], n)


def test_a_missing_sheet_or_colour_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match="app/assets"):
        theme.load_theme(tmp_path)
    (tmp_path / "00-tokens.css").write_text(":root{--ink:#000}")
    with pytest.raises(MachineError, match="缺少颜色"):
        theme.load_theme(tmp_path)
    with pytest.raises(MachineError, match="nothing"):
        theme.load_theme()["nothing"]


def test_a_missing_font_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lettering, "FONT", "No Such Font")
    lettering.font.cache_clear()
    try:
        with pytest.raises(MachineError, match="fonts-noto-cjk"):
            lettering.font(bold=False)
    finally:
        lettering.font.cache_clear()


def test_every_pictogram_of_the_screen_can_be_drawn() -> None:
    for name, (points, codes) in icon_outlines().items():
        assert len(points) == len(codes) > 1, name
        assert np.isfinite(points).all()
        assert points.min() > -1, name
        assert points.max() < 15, name
    assert icon_outline("no such icon")[0] is icon_outline("dot")[0]


def test_path_data_are_read_as_svg_says() -> None:
    points, codes = parse_path("M1 2h3v-1.5l-1-.5z")
    assert points.tolist() == [[1, 2], [4, 2], [4, 0.5], [3, 0], [1, 2]]
    assert codes.tolist() == [1, 2, 2, 2, 2]
    half = parse_path("M2 0a2 2 0 1 1-4 0")[0]
    assert half[-1].tolist() == [-2, 0]
    assert np.hypot(*half.T) == pytest.approx(np.full(len(half), 2))
    smooth = parse_path("M0 0c1 0 2 1 2 2s1 2 2 2")[0]
    assert smooth[4].tolist() == [2, 3]  # mirrored control point
    with pytest.raises(ValueError, match="path data"):
        parse_path("M0 0Q1 1 2 2")
