"""Make the accepted pictures anew, after looking at them: ``python -m tests.export.accept``."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from app.export.context import load_context
from app.export.render import compose, write
from app.export.theme import load_theme
from tests.export.world import DATA_DIR, PROJECTS, World, gathered

FOLDER = Path(__file__).resolve().parent / "accepted"
DPI = 72
CROWD = [(f"项目{i}", 120.40 + 0.004 * (i % 6), 33.30 + 0.004 * (i // 6), *PROJECTS[0][3:]) for i in range(36)]
ONLY = [{"id": "project"}]
CASES: dict[str, tuple[World, dict[str, Any]]] = {
    "choropleth": (World(), {}),
    "hatch": (World(no_data=("320922",)), {"fills": "hatch"}),
    "change": (
        World(earlier=PROJECTS[:1]), {"family": "change", "since": "2026-01-01", "layers": ONLY, "house": "city"},
    ),
    "symbols": (World(), {"family": "symbols", "layers": [{"id": "project", "features": False}]}),
    "crowd": (World(CROWD), {"family": "heat", "layers": ONLY, "measure": "n", "paper": "A4-portrait"}),
    "lens": (World(CROWD), {"family": "points", "layers": ONLY, "measure": "n", "extent": "city"}),
}  # fmt: skip


def picture(name: str) -> Image.Image:
    """Draw a case on a fixed day."""
    world, changes = CASES[name]
    data = replace(gathered(world, **(changes | {"dpi": DPI})), printed=dt.date(2026, 10, 1))
    png = write(compose(data, load_context(DATA_DIR), load_theme()), "png")
    return Image.open(io.BytesIO(png)).convert("RGB")


def difference(a: Image.Image, b: Image.Image) -> tuple[float, float]:
    """Return how far two pictures are apart, of 255: on the whole, and in the worst of 16 × 16 tiles.

    Both are made small first, so that the edges of letters, which other versions of the type draw a hair apart,
    weigh little, and what is missing or moved weighs much.
    """
    size = (a.width // 3, a.height // 3)
    x, y = (np.asarray(i.resize(size, Image.Resampling.BOX), np.float64) for i in (a, b))
    apart = np.abs(x - y).mean(axis=2)
    rows, columns = np.array_split(np.arange(size[1]), 16), np.array_split(np.arange(size[0]), 16)
    tiles = [apart[np.ix_(r, c)].mean() for r in rows for c in columns]
    return float(apart.mean()), float(max(tiles))


def main() -> None:
    """Write every picture."""
    FOLDER.mkdir(exist_ok=True)
    for name in CASES:
        picture(name).quantize(160, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
            FOLDER / f"{name}.png", optimize=True
        )


if __name__ == "__main__":
    main()
