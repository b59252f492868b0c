"""A sheet of paper in millimetres: text, lines and shapes on one matplotlib figure.

Text is drawn with Noto Sans CJK SC and stays text in PDF and SVG.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from matplotlib.figure import Figure
from matplotlib.patches import BoxStyle
from matplotlib.path import Path

from app.export.ink import NOTHING, Ink, Marks, Picture, Shape, Words, dashes_of, each_of
from app.export.ink import color as colored
from app.export.lettering import FONT, MM, font, text_width
from app.export.papers import Paper

__all__ = ["FONT", "MM", "Run", "Sheet", "fitted", "font", "outline", "text_width", "wrapped"]

_BOX = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]

Run = tuple[str, str, bool]  # text, colour, bold


def fitted(text: str, points: float, most_mm: float, *, bold: bool = False) -> str:
    """Cut a text with an ellipsis so that it is at most ``most_mm`` wide."""
    if text_width(text, points, bold=bold) <= most_mm:
        return text
    kept = text
    while kept and text_width(kept + "…", points, bold=bold) > most_mm:
        kept = kept[:-1]
    return kept.rstrip("，、 ") + "…"


def outline(geom: shapely.Geometry) -> Path:
    """Turn a polygon, with its holes and parts, or a line into one path."""
    closed = int(shapely.get_dimensions(geom)) == 2
    parts = shapely.get_parts(geom)
    rings = shapely.get_rings(parts) if closed else parts
    coords, which = shapely.get_coordinates(rings, return_index=True)
    if len(coords) == 0:
        return Path(np.empty((0, 2)))
    codes = np.full(len(coords), Path.LINETO, np.uint8)
    codes[np.r_[True, which[1:] != which[:-1]]] = Path.MOVETO
    if closed:
        codes[np.r_[which[1:] != which[:-1], True]] = Path.CLOSEPOLY
    return Path(coords, codes)


class Sheet:
    """One page. Positions are mm from the upper left corner, sizes of type are points.

    Attributes
    ----------
    u : float
        What symbols, type and lines are multiplied by on this paper.
    """

    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        self.u = paper.scale
        self.figure = Figure(figsize=(paper.width_mm / 25.4, paper.height_mm / 25.4), facecolor="white")
        self.ink = Ink(paper.height_mm)
        self.figure.add_artist(self.ink)
        self.clip: tuple[float, float, float, float] | None = None

    def clipped(self, x: float, y: float, w: float, h: float) -> None:
        """Clip what follows to a window, until ``unclipped``."""
        self.clip = (x, y, w, h)

    def unclipped(self) -> None:
        """Draw on the whole sheet again."""
        self.clip = None

    def words(self) -> list[Words]:
        """Return every text of the sheet, in drawing order."""
        return [thing for thing in self.ink.things if isinstance(thing, Words)]

    def text(
        self, x: float, y: float, text: str, points: float, color: str, *, bold: bool = False, ha: str = "left",
        halo: str = "", halo_mm: float = 0.55, rotation: float = 0.0, gid: str = "",
    ) -> None:  # fmt: skip
        """Write a text; ``halo`` is the colour of the edge around it."""
        if not text:
            return
        edge = colored(halo) if halo else None
        held = Words(
            float(x), float(y), text, points, colored(color), bold, ha, rotation, self.clip, gid, edge, halo_mm
        )
        self.ink.things.append(held)

    def runs(self, x: float, y: float, runs: Sequence[Run], points: float) -> float:
        """Write texts of several colours on one line; return where it ends."""
        for text, color, bold in runs:
            self.text(x, y, text, points, color, bold=bold)
            x += text_width(text, points, bold=bold)
        return x

    def line(
        self, coords: Any, color: str, mm: float, *, dashes: Sequence[float] = (), gid: str = "",
        alpha: float | None = None, cap: str = "butt",
    ) -> None:  # fmt: skip
        """Draw a line through points (n × 2)."""
        path = Path(np.asarray(coords, np.float64))
        self.ink.things.append(
            Shape(
                path, NOTHING, colored(color, alpha), mm * MM, self.clip, gid, "line2d",
                dashes=tuple(d * MM for d in dashes), cap=cap,
            )
        )  # fmt: skip

    def rect(
        self, x: float, y: float, w: float, h: float, *, fill: str = "none", edge: str = "none", mm: float = 0.0,
        hatch: str = "", radius: float = 0.0, alpha: float | None = None, gid: str = "", dashes: Sequence[float] = (),
    ) -> None:  # fmt: skip
        """Draw a rectangle, rounded when ``radius`` is given."""
        if radius:
            path = BoxStyle.Round(pad=0, rounding_size=radius)(x, y, w, h, 1.0)
        else:
            path = Path([(x, y), (x + w, y), (x + w, y + h), (x, y + h), (x, y)], _BOX)
        self.shape(path, fill=fill, edge=edge, mm=mm, hatch=hatch, alpha=alpha, gid=gid, dashes=dashes)

    def shape(
        self, path: Path, *, fill: str = "none", edge: str = "none", mm: float = 0.0, hatch: str = "",
        alpha: float | None = None, gid: str = "", dashes: Sequence[float] = (), hatch_color: str = "",
        round_cap: bool = False,
    ) -> None:  # fmt: skip
        """Draw a path."""
        line = colored(edge, alpha)
        self.ink.things.append(
            Shape(
                path, colored(fill, alpha), line, mm * MM, self.clip, gid, hatch=hatch, alpha=alpha,
                hatch_color=colored(hatch_color) if hatch_color else line, cap="round" if round_cap else "butt",
                dashes=tuple(d * MM for d in dashes) if mm else (),
            )
        )  # fmt: skip

    def marks(
        self, marker: Path, points: Any, sizes_mm: Any, *, fill: Any = "none", edge: Any = "none", mm: Any = 0.25,
        gid: str = "", dash_each: Sequence[Sequence[float]] = (),
    ) -> None:  # fmt: skip
        """Draw one marker (unit size, y up) at many points (n × 2); ``sizes_mm`` multiplies it.

        ``dash_each`` has the dashes (mm) of each point's edge, empty for a whole line.
        """
        offsets = np.atleast_2d(np.asarray(points, np.float64))
        n = len(offsets)
        if not n or not offsets.size:
            return
        sizes = np.atleast_1d(np.asarray(sizes_mm, np.float64)) * MM
        if n > 1 and len(sizes) == n and (sizes == sizes[0]).all():
            sizes = sizes[:1]  # one outline for all of them, in PDF and SVG too
        self.ink.things.append(
            Marks(
                marker, offsets, sizes, each_of(fill, n), each_of(edge, n), np.atleast_1d(np.asarray(mm)) * MM,
                self.clip, gid, dashes_of(dash_each if any(dash_each) else ()),
            )
        )  # fmt: skip

    def picture(self, png: bytes, right: float, top: float, most_w: float, most_h: float) -> float:
        """Put a picture whose right upper corner is given into a box; return its width in mm."""
        from PIL import Image

        with Image.open(io.BytesIO(png)) as opened:
            pixels = np.asarray(opened.convert("RGBA"))
        high, wide = pixels.shape[:2]
        scale = min(most_w / wide, most_h / high)
        self.ink.things.append(Picture(pixels, (right - wide * scale, top, wide * scale, high * scale)))
        return wide * scale


def wrapped(runs: Sequence[Run], points: float, width: float) -> list[list[Run]]:
    """Break runs into lines at most ``width`` mm wide; between any two signs but not before punctuation."""
    lines: list[list[Run]] = [[]]
    used = 0.0
    for text, color, bold in runs:
        for piece in _pieces(text):
            size = text_width(piece, points, bold=bold)
            if used + size > width and used > 0 and piece[0] not in "，。、；：）”》":
                lines.append([])
                used, piece = 0.0, piece.lstrip(" ")
                size = text_width(piece, points, bold=bold) if piece else 0.0
            if not piece:
                continue
            last = lines[-1]
            if last and last[-1][1:] == (color, bold):
                last[-1] = (last[-1][0] + piece, color, bold)
            else:
                last.append((piece, color, bold))
            used += size
    return [line for line in lines if line]


def _pieces(text: str) -> list[str]:
    """Words of Latin script whole, every other sign on its own."""
    found: list[str] = []
    for sign in text:
        if found and sign.isascii() and found[-1].isascii() and not sign.isspace() and not found[-1][-1:].isspace():
            found[-1] += sign
        else:
            found.append(sign)
    return found
