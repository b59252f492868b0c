"""Words as outlines: kept by text, so that a page drawn again only shapes what was edited."""

from __future__ import annotations

import functools

import numpy as np
import shapely
from matplotlib import font_manager
from matplotlib.path import Path
from matplotlib.textpath import TextToPath

from geo.errors import MachineError

FONT = "Noto Sans CJK SC"
MM = 72 / 25.4  # points in a millimetre
EM = TextToPath.FONT_SCALE  # units of an outline in the size of its type

_SHAPER = TextToPath()
_GLYPHS: dict[bool, dict] = {}  # outlines by weight and glyph, filled as texts need them
_COARSE = 1.2  # units: the edge of a halo is soft anyway


@functools.cache
def font(*, bold: bool) -> font_manager.FontProperties:
    """Return the one type of the reports.

    Raises
    ------
    MachineError
        The font is not installed.
    """
    weight = 700 if bold else 400
    if not any(f.name == FONT and f.weight == weight for f in font_manager.fontManager.ttflist):
        # installed since matplotlib last looked: look once more
        for path in font_manager.findSystemFonts():
            if "NotoSansCJK" in path and not any(f.fname == path for f in font_manager.fontManager.ttflist):
                font_manager.fontManager.addfont(path)
    if not any(f.name == FONT and f.weight == weight for f in font_manager.fontManager.ttflist):
        raise MachineError(
            f"这台机器没有字体 {FONT}，报告图上的中文画不出来。",
            "请安装 Debian 软件包：sudo apt-get install fonts-noto-cjk。",
            font=FONT,
        )
    return font_manager.FontProperties(family=[FONT], weight=weight)


@functools.lru_cache(maxsize=256)
def sized(points: float, *, bold: bool) -> font_manager.FontProperties:
    """Return the type in one size."""
    made = font(bold=bold).copy()
    made.set_size(points)
    return made


@functools.lru_cache(maxsize=8192)
def text_width(text: str, points: float, *, bold: bool = False) -> float:
    """Width of a text in mm."""
    return _advance(text, bold=bold) * points / MM


@functools.lru_cache(maxsize=8192)
def _advance(text: str, *, bold: bool) -> float:
    """Width of a text in its size; without hinting it grows with the size exactly."""
    from matplotlib.ft2font import LoadFlags

    face = font_manager.get_font(font_manager.findfont(font(bold=bold), fallback_to_default=False))
    face.set_size(100.0, 72)
    face.set_text(text, flags=LoadFlags.NO_HINTING)
    return float(face.get_width_height()[0]) / 64 / 100


@functools.lru_cache(maxsize=4096)
def text_outline(text: str, *, bold: bool) -> Path:
    """Return the outlines of a text, its base line at 0, ``EM`` units high."""
    held = _GLYPHS.setdefault(bold, {})
    face = font_manager.get_font(font_manager.findfont(font(bold=bold), fallback_to_default=False))
    face.set_size(EM, 72)
    spots, fresh, _ = _SHAPER.get_glyphs_with_font(face, text, glyph_map=held, return_new_glyphs_only=True)
    held.update(fresh)
    kept = [(held[g], (x, y)) for g, x, y, _ in spots if len(held[g][1])]
    if not kept:
        return Path(np.empty((0, 2)))
    vertices = np.concatenate([np.asarray(v) + at for (v, _), at in kept])
    return Path(vertices, np.concatenate([np.asarray(c, np.uint8) for (_, c), _ in kept]))


@functools.lru_cache(maxsize=4096)
def halo_outline(text: str, grow: float, *, bold: bool) -> Path:
    """Return the area within ``grow`` units of a text, without holes."""
    made, held = [], text_outline(text, bold=bold)
    rings = [r for r in held.to_polygons(closed_only=False) if len(r) > 2]
    if not rings:
        return held
    lines = shapely.simplify(np.array([shapely.LineString(r) for r in rings], dtype=object), _COARSE)
    for part in shapely.get_parts(shapely.union_all(shapely.buffer(lines, grow, quad_segs=3))):
        coords = shapely.get_coordinates(shapely.get_exterior_ring(shapely.simplify(part, _COARSE / 2)))
        codes = np.full(len(coords), Path.LINETO, np.uint8)
        codes[0], codes[-1] = Path.MOVETO, Path.CLOSEPOLY
        made.append((coords, codes))
    return Path(np.concatenate([c for c, _ in made]), np.concatenate([c for _, c in made]))
