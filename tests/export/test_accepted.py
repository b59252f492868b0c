"""The pictures look as they did when somebody last looked; ``python -m tests.export.accept`` makes them anew."""

import pytest
from PIL import Image, ImageDraw

from tests.export.accept import CASES, FOLDER, difference, picture

WHOLE, TILE = 2.5, 14.0


@pytest.mark.parametrize("name", CASES)
def test_it_looks_as_accepted(name: str) -> None:
    with Image.open(FOLDER / f"{name}.png") as kept:
        accepted = kept.convert("RGB")
    now = picture(name)
    assert now.size == accepted.size
    whole, tile = difference(now, accepted)
    assert whole < WHOLE
    assert tile < TILE


def test_a_missing_scale_bar_would_be_seen() -> None:
    with Image.open(FOLDER / "choropleth.png") as kept:
        accepted = kept.convert("RGB")
    spoilt = accepted.copy()
    w, h = spoilt.size
    ImageDraw.Draw(spoilt).rectangle((w * 0.51, h * 0.80, w * 0.65, h * 0.90), fill=(227, 236, 241))
    assert difference(accepted, spoilt)[1] > TILE
