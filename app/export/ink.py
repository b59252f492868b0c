"""What lies on a sheet, in the order in which it is drawn: paths, signs at many points, words, pictures.

One artist draws the whole list straight through matplotlib's renderers. An artist for each thing, with limits,
layouts and units that a sheet has no use for, took twice the time of the drawing itself.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.colors import to_rgba
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Bbox, IdentityTransform

from app.export.lettering import EM, MM, halo_outline, sized, text_outline, text_width

Window = tuple[float, float, float, float]
Color = tuple[float, float, float, float]
HATCH_POINTS = 1.0
NOTHING: Color = (0.0, 0.0, 0.0, 0.0)
_ANCHOR = {"left": 0.0, "center": 0.5, "right": 1.0}


@functools.lru_cache(maxsize=1024)
def color(name: str, alpha: float | None = None) -> Color:
    """Return a colour by its name or #rrggbb."""
    made = to_rgba(name, alpha)
    return NOTHING if name == "none" else made


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list is drawn: the renderer, how mm become its units, and the figure."""

    renderer: Any
    to_px: Affine2D
    k: float
    height: float
    figure: Any

    def gc(self, clip: Window | None) -> Any:
        """Return a graphics context, clipped to a window (mm)."""
        made = self.renderer.new_gc()
        if clip is not None:
            x, y, w, h = clip
            made.set_clip_rectangle(Bbox([[x * self.k, self.height - (y + h) * self.k],
                                          [(x + w) * self.k, self.height - y * self.k]]))  # fmt: skip
        return made


@dataclass(frozen=True, slots=True)
class Shape:
    """A path, filled, hatched or stroked; lengths are points."""

    path: Path
    fill: Color
    edge: Color
    width: float
    clip: Window | None
    gid: str
    kind: str = "patch"
    hatch: str = ""
    hatch_color: Color = NOTHING
    alpha: float | None = None
    dashes: tuple[float, ...] = ()
    cap: str = "butt"

    def draw(self, at: Place) -> None:
        """Draw it."""
        if not len(self.path.vertices):
            return
        at.renderer.open_group(self.kind, self.gid or None)
        gc = at.gc(self.clip)
        width = self.width if self.edge[3] else 0.0
        gc.set_linewidth(width)
        gc.set_capstyle(self.cap)
        gc.set_joinstyle("round")
        if self.alpha is not None:
            gc.set_alpha(self.alpha)
        if self.hatch:
            gc.set_hatch(self.hatch)
            gc.set_hatch_color(self.hatch_color)
            gc.set_hatch_linewidth(HATCH_POINTS)
        gc.set_foreground(self.edge, isRGBA=True)
        if width and self.dashes:
            gc.set_dashes(0, list(self.dashes))
        at.renderer.draw_path(gc, self.path, at.to_px, self.fill if self.fill[3] else None)
        gc.restore()
        at.renderer.close_group(self.kind)


@dataclass(frozen=True, slots=True)
class Marks:
    """One sign (unit size, y up) at many points; sizes and widths are points, one or one for each."""

    marker: Path
    points: np.ndarray
    sizes: np.ndarray
    fills: np.ndarray
    edges: np.ndarray
    widths: np.ndarray
    clip: Window | None
    gid: str
    dashes: tuple[Any, ...] = ((0, None),)

    def draw(self, at: Place) -> None:
        """Draw all of them."""
        kind = "PathCollection"
        at.renderer.open_group(kind, self.gid or None)
        gc = at.gc(self.clip)
        gc.set_joinstyle("round")
        gc.set_capstyle("round")
        scale = at.k / (MM * 1.0)
        if len(self.points) == 1 and self.dashes[0][1] is None:  # that way knows no dashes
            gc.set_foreground(tuple(self.edges[0]), isRGBA=True)
            gc.set_linewidth(self.widths[0])
            size = Affine2D().scale(float(self.sizes[0]) * scale)
            face = tuple(self.fills[0])
            at.renderer.draw_markers(gc, self.marker, size, Path(self.points), at.to_px, face)
        else:
            each = np.zeros((len(self.sizes), 3, 3))
            each[:, 0, 0] = each[:, 1, 1] = self.sizes * scale
            each[:, 2, 2] = 1.0
            at.renderer.draw_path_collection(
                gc, IdentityTransform(), [self.marker], each, self.points, at.to_px, self.fills, self.edges,
                self.widths, list(self.dashes), [True], [None], "screen",
            )  # fmt: skip
        gc.restore()
        at.renderer.close_group(kind)


@dataclass(frozen=True, slots=True)
class Words:
    """A line of text on its base line; it stays text in PDF and SVG, its halo is an area below it."""

    x: float
    y: float
    text: str
    points: float
    color: Color
    bold: bool
    anchor: str
    rotation: float
    clip: Window | None
    gid: str
    halo: Color | None = None
    halo_mm: float = 0.0

    def box(self) -> Window:
        """Left, top, right, bottom in mm, of a text that is not turned."""
        wide = text_width(self.text, self.points, bold=self.bold)
        left = self.x - _ANCHOR[self.anchor] * wide
        return (left, self.y - 0.88 * self.points / MM, left + wide, self.y + 0.12 * self.points / MM)

    def draw(self, at: Place) -> None:
        """Draw the halo, then the text."""
        turn = math.radians(self.rotation)
        cos, sin = math.cos(turn), math.sin(turn)
        back = _ANCHOR[self.anchor] * text_width(self.text, self.points, bold=self.bold) * at.k
        x, y = self.x * at.k - back * cos, at.height - self.y * at.k - back * sin
        s = self.points / EM * at.k / MM
        place = Affine2D.from_values(s * cos, s * sin, -s * sin, s * cos, x, y)
        gc = at.gc(self.clip)
        if self.halo is not None:
            grow = round(self.halo_mm * MM / self.points * EM, 1)
            self._fill(at, gc, halo_outline(self.text, grow, bold=self.bold), place, self.halo)
        if isinstance(at.renderer, RendererAgg):
            self._fill(at, gc, text_outline(self.text, bold=self.bold), place, self.color)
        elif at.renderer.flipy():  # SVG
            self._as_svg(at)
        else:
            gc.set_foreground(self.color, isRGBA=True)
            at.renderer.draw_text(gc, x, y, self.text, sized(self.points, bold=self.bold), self.rotation)
        gc.restore()

    @staticmethod
    def _fill(at: Place, gc: Any, path: Path, place: Affine2D, fill: Color) -> None:
        if len(path.vertices):
            gc.set_linewidth(0.0)
            gc.set_snap(False)
            at.renderer.draw_path(gc, path, place, fill)

    def _as_svg(self, at: Place) -> None:
        """Let matplotlib write it: an anchor keeps it in its place in a viewer with another type."""
        made = Text(
            self.x, self.y, self.text, fontproperties=sized(self.points, bold=self.bold), color=self.color,
            ha=self.anchor, va="baseline", rotation=self.rotation, rotation_mode="anchor", parse_math=False,
        )  # fmt: skip
        made.set_figure(at.figure)
        made.set_transform(at.to_px)
        made.set_gid(self.gid or None)
        if self.clip is not None:
            made.set_clip_box(at.gc(self.clip).get_clip_rectangle())
        made.draw(at.renderer)


@dataclass(frozen=True, slots=True)
class Picture:
    """Pixels (RGBA) in a box, mm."""

    pixels: np.ndarray
    box: Window

    def draw(self, at: Place) -> None:
        """Draw it at the renderer's resolution."""
        from PIL import Image

        x, y, w, h = self.box
        times = at.renderer.get_image_magnification()
        size = (max(1, round(w * at.k * times)), max(1, round(h * at.k * times)))
        made = np.asarray(Image.fromarray(self.pixels).resize(size, Image.Resampling.LANCZOS))
        gc = at.gc(None)
        at.renderer.draw_image(gc, x * at.k, at.height - (y + h) * at.k, np.ascontiguousarray(made[::-1]))
        gc.restore()


class Ink(Artist):
    """The list of a sheet."""

    def __init__(self, height_mm: float) -> None:
        super().__init__()
        self.height_mm = height_mm
        self.things: list[Shape | Marks | Words | Picture] = []

    def draw(self, renderer: Any) -> None:
        """Draw everything, what came first lowest."""
        figure = self.get_figure(root=True)
        k = figure.dpi / 25.4
        height = self.height_mm * k
        at = Place(renderer, Affine2D.from_values(k, 0, 0, -k, 0, height), k, height, figure)
        for thing in self.things:
            thing.draw(at)


def each_of(values: Any, n: int) -> np.ndarray:
    """Return colours (one, or one for each point) as RGBA rows."""
    if isinstance(values, str):
        return np.array([color(values)])
    rows = [color(v) for v in values]
    assert len(rows) == n, (len(rows), n)
    return np.array(rows)


def dashes_of(each: Sequence[Sequence[float]]) -> tuple[Any, ...]:
    """Return dashes (mm) as matplotlib wants them, empty for a whole line."""
    return tuple((0, [d * MM for d in ds]) if ds else (0, None) for ds in each) or ((0, None),)
