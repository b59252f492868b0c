"""A sheet of paper in millimetres: text, lines and shapes on one matplotlib figure.

Text is drawn with Noto Sans CJK SC and stays text in PDF and SVG. A halo is a second, stroked copy below
it: path effects on the text itself would turn it into outlines that cannot be selected.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
import shapely
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.ft2font import LoadFlags
from matplotlib.lines import Line2D
from matplotlib.patches import FancyBboxPatch, PathPatch, Rectangle
from matplotlib.path import Path
from matplotlib.patheffects import Stroke
from matplotlib.text import Text
from matplotlib.transforms import Bbox, TransformedBbox

from app.export.papers import Paper
from geo.errors import MachineError

FONT = "Noto Sans CJK SC"
MM = 72 / 25.4  # points in a millimetre

Run = tuple[str, str, bool]  # text, colour, bold


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


@functools.lru_cache(maxsize=8192)
def text_width(text: str, points: float, *, bold: bool = False) -> float:
    """Width of a text in mm."""
    face = font_manager.get_font(font_manager.findfont(font(bold=bold), fallback_to_default=False))
    face.set_size(100.0, 72)
    face.set_text(text, flags=LoadFlags.NO_HINTING)
    return float(face.get_width_height()[0]) / 64 * points / 100 / MM


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
        self.axes: Axes = self.figure.add_axes((0.0, 0.0, 1.0, 1.0))
        self.axes.set_axis_off()
        self.axes.set_xlim(0, paper.width_mm)
        self.axes.set_ylim(paper.height_mm, 0)
        self.clip: Any = None
        self._order = 0.0

    def _z(self) -> float:
        self._order += 0.001  # what is drawn later lies above
        return self._order

    def _keep(self, artist: Any, gid: str) -> Any:
        """Put an artist on the sheet.

        Axes.add_artist would first clip it to the axes and watch its limits, for every artist anew: half of the
        time of a sheet. Nothing here needs either.
        """
        if gid:
            artist.set_gid(gid)
        self.axes._set_artist_props(artist)
        self.axes._children.append(artist)
        if self.clip is not None:
            artist.set_clip_box(self.clip)
        return artist

    def clipped(self, x: float, y: float, w: float, h: float) -> None:
        """Clip what follows to a window, until ``unclipped``."""
        self.clip = TransformedBbox(Bbox([[x, y + h], [x + w, y]]), self.axes.transData)

    def unclipped(self) -> None:
        """Draw on the whole sheet again."""
        self.clip = None

    def text(
        self, x: float, y: float, text: str, points: float, color: str, *, bold: bool = False, ha: str = "left",
        va: str = "baseline", halo: str = "", halo_mm: float = 0.55, rotation: float = 0.0, gid: str = "",
        italic: bool = False,
    ) -> None:  # fmt: skip
        """Write a text; ``halo`` is the colour of the edge around it."""
        shared: dict[str, Any] = {
            "fontproperties": font(bold=bold), "fontsize": points, "color": color, "ha": ha, "va": va,
            "rotation": rotation, "rotation_mode": "anchor", "parse_math": False, "clip_on": False,
        }  # fmt: skip
        if halo:
            below = Text(x, y, text, zorder=self._z(), **(shared | {"color": halo}))
            below.set_path_effects([Stroke(linewidth=2 * halo_mm * MM, foreground=halo, joinstyle="round")])
            self._keep(below, "")
        above = self._keep(Text(x, y, text, zorder=self._z(), **shared), gid)
        if italic:
            above.set_fontstyle("italic")

    def runs(self, x: float, y: float, runs: Sequence[Run], points: float) -> float:
        """Write texts of several colours on one line; return where it ends."""
        for text, color, bold in runs:
            self.text(x, y, text, points, color, bold=bold)
            x += text_width(text, points, bold=bold)
        return x

    def line(
        self, coords: Any, color: str, mm: float, *, dashes: Sequence[float] = (), gid: str = "", alpha: float = 1.0,
        cap: str = "butt",
    ) -> None:  # fmt: skip
        """Draw a line through points (n × 2)."""
        array = np.asarray(coords, np.float64)
        artist = Line2D(
            array[:, 0], array[:, 1], color=color, linewidth=mm * MM, zorder=self._z(), alpha=alpha,
            solid_capstyle=cap, solid_joinstyle="round",
        )  # fmt: skip
        if dashes:
            artist.set_linestyle((0, [d / mm for d in dashes]))
        self._keep(artist, gid)

    def rect(
        self, x: float, y: float, w: float, h: float, *, fill: str = "none", edge: str = "none", mm: float = 0.0,
        hatch: str = "", radius: float = 0.0, alpha: float | None = None, gid: str = "", dashes: Sequence[float] = (),
    ) -> None:  # fmt: skip
        """Draw a rectangle, rounded when ``radius`` is given."""
        shared: dict[str, Any] = {
            "facecolor": fill, "edgecolor": edge, "linewidth": mm * MM, "zorder": self._z(), "alpha": alpha,
        }  # fmt: skip
        if hatch:
            shared["hatch"] = hatch
        if dashes and mm:
            shared["linestyle"] = (0, [d / mm for d in dashes])
        if radius:
            shape: Any = FancyBboxPatch((x, y), w, h, boxstyle=f"round,pad=0,rounding_size={radius}", **shared)
        else:
            shape = Rectangle((x, y), w, h, **shared)
        self._keep(shape, gid)

    def shape(
        self, path: Path, *, fill: str = "none", edge: str = "none", mm: float = 0.0, hatch: str = "",
        alpha: float | None = None, gid: str = "", dashes: Sequence[float] = (), hatch_color: str = "",
        round_cap: bool = False,
    ) -> None:  # fmt: skip
        """Draw a path."""
        patch = PathPatch(
            path, facecolor=fill, edgecolor=edge, linewidth=mm * MM, zorder=self._z(), alpha=alpha,
            joinstyle="round", capstyle="round" if round_cap else "butt",
        )  # fmt: skip
        if hatch:
            patch.set_hatch(hatch)
            if hatch_color:
                patch.set_hatchcolor(hatch_color)
        if dashes and mm:
            patch.set_linestyle((0, [d / mm for d in dashes]))
        self._keep(patch, gid)

    def marks(
        self, marker: Path, points: Any, sizes_mm: Any, *, fill: Any = "none", edge: Any = "none", mm: Any = 0.25,
        gid: str = "", dash_each: Sequence[Sequence[float]] = (),
    ) -> None:  # fmt: skip
        """Draw one marker (unit size, y up) at many points (n × 2); ``sizes_mm`` multiplies it.

        ``dash_each`` has the dashes (mm) of each point's edge, empty for a whole line.
        """
        offsets = np.atleast_2d(np.asarray(points, np.float64))
        if not len(offsets):
            return
        scale = np.broadcast_to(np.asarray(sizes_mm, np.float64), len(offsets)) * MM
        artist = PathCollection(
            [marker], sizes=scale**2, offsets=offsets, offset_transform=self.axes.transData,
            facecolors=fill, edgecolors=edge, linewidths=np.asarray(mm) * MM, zorder=self._z(),
            capstyle="round", joinstyle="round",
        )  # fmt: skip
        artist.set_transform(mpl.transforms.IdentityTransform())
        if any(dash_each):
            widths = np.broadcast_to(np.asarray(mm, np.float64), len(offsets))
            each = [(0, [d / w for d in ds]) if ds else "-" for ds, w in zip(dash_each, widths, strict=True)]
            artist.set_linestyle(each)
        self._keep(artist, gid)

    def picture(self, png: bytes, right: float, top: float, most_w: float, most_h: float) -> float:
        """Put a picture whose right upper corner is given into a box; return its width in mm."""
        from PIL import Image

        with Image.open(io.BytesIO(png)) as opened:
            pixels = np.asarray(opened.convert("RGBA"))
        high, wide = pixels.shape[:2]
        scale = min(most_w / wide, most_h / high)
        box = (right - wide * scale, right, top + high * scale, top)
        self.axes.imshow(pixels, extent=box, zorder=self._z(), aspect="auto", interpolation="lanczos")
        self.axes.set_xlim(0, self.paper.width_mm)
        self.axes.set_ylim(self.paper.height_mm, 0)
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
