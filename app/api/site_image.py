"""A surface as a picture over the map (PNG in Web Mercator) and as a GeoTIFF (EPSG:4549)."""

from __future__ import annotations

import base64
import functools
import io
import struct
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, TiffImagePlugin

from geo.criteria_plane import PLANE_EPSG, to_degrees, to_plane
from geo.surface import Grid
from layers.site_surface import Surface

WIDTH = 1100
#: Lowest class first: the higher, the further from the ground, on a light map and on a dark one; what is excluded
#: is drawn by a hatch of its own.
RAMP = ((240, 244, 228), (217, 232, 197), (180, 211, 150), (126, 180, 118), (79, 143, 95))
DARK = ((36, 56, 42), (47, 83, 56), (60, 105, 66), (90, 146, 94), (140, 196, 138))
HATCH = (200, 60, 50)
OPACITY, HATCH_OPACITY = 215, 130
HATCH_STEP = 8
EARTH_M = 6_378_137.0
EXCLUDED = 255


def _mercator(lonlat: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    x = np.radians(lonlat[..., 0]) * EARTH_M
    y = np.log(np.tan(np.pi / 4 + np.radians(lonlat[..., 1]) / 2)) * EARTH_M
    return np.stack([x, y], axis=-1)


def _degrees(xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    lon = np.degrees(xy[..., 0] / EARTH_M)
    lat = np.degrees(2 * np.arctan(np.exp(xy[..., 1] / EARTH_M)) - np.pi / 2)
    return np.stack([lon, lat], axis=-1)


@functools.lru_cache(maxsize=2)
def _pixels(grid: Grid) -> tuple[npt.NDArray[np.int64], tuple[float, float, float, float]]:
    """Return which kept cell each pixel shows (the last position stands for none), and west, south, east, north."""
    corners = to_degrees(
        grid.xy[[np.argmin(grid.xy[:, k]) for k in (0, 1)] + [np.argmax(grid.xy[:, k]) for k in (0, 1)]]
    )
    west, south = corners.min(axis=0) - 0.005
    east, north = corners.max(axis=0) + 0.005
    low, high = _mercator(np.array([[west, south], [east, north]]))
    height = round(WIDTH * (high[1] - low[1]) / (high[0] - low[0]))
    x = low[0] + (np.arange(WIDTH) + 0.5) * (high[0] - low[0]) / WIDTH
    y = high[1] - (np.arange(height) + 0.5) * (high[1] - low[1]) / height
    mesh = np.stack(np.meshgrid(x, y), axis=-1)
    cells = grid.find(to_plane(_degrees(mesh)).reshape(-1, 2))
    return np.where(cells < 0, len(grid), cells).reshape(height, WIDTH), (west, south, east, north)


def draw_png(
    surface: Surface, *, dark: bool = False
) -> tuple[bytes, tuple[float, float, float, float], tuple[int, int]]:
    """Return the classes as a palette PNG, its bounds in degrees (west, south, east, north) and its size."""
    pixels, bounds = _pixels(surface.stack.grid)
    image = np.append(surface.classes, np.uint8(0))[pixels]
    height, width = image.shape
    row, column = np.indices(image.shape, np.int16, sparse=True)
    stripe = (row + column) % HATCH_STEP < 1
    k = max(len(surface.breaks), 1)
    palette = [(0, 0, 0), *_ramp(k, dark), HATCH]
    alpha = [0, *([OPACITY] * k), HATCH_OPACITY]
    out = np.where(image == EXCLUDED, np.where(stripe, np.uint8(k + 1), np.uint8(0)), image)
    return _png(out.astype(np.uint8), palette, alpha), bounds, (width, height)


def _png(image: npt.NDArray[np.uint8], palette: list[tuple[int, int, int]], alpha: list[int]) -> bytes:
    height, width = image.shape
    rows = np.zeros((height, width + 1), np.uint8)  # each row begins with its filter: none
    rows[:, 1:] = image

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return b"".join([
        b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        chunk(b"PLTE", bytes(v for colour in palette for v in colour)), chunk(b"tRNS", bytes(alpha)),
        chunk(b"IDAT", zlib.compress(rows.tobytes(), 1)), chunk(b"IEND", b""),
    ])  # fmt: skip


def _ramp(k: int, dark: bool) -> list[tuple[int, int, int]]:
    stops = DARK if dark else RAMP
    return [stops[round(i * (len(stops) - 1) / max(k - 1, 1))] for i in range(k)]


def picture(surface: Surface, *, dark: bool = False) -> dict[str, Any]:
    """Return what a map needs to lay the surface over itself: ``image`` (data URL), ``bounds``, size and colours."""
    body, (west, south, east, north), (width, height) = draw_png(surface, dark=dark)
    colours = _ramp(max(len(surface.breaks), 1), dark)
    return {
        "image": "data:image/png;base64," + base64.b64encode(body).decode("ascii"),
        "bounds": [[south, west], [north, east]], "width": width, "height": height,
        "colors": [f"#{bytes(c).hex()}" for c in colours], "excluded_color": f"#{bytes(HATCH).hex()}",
    }  # fmt: skip


def draw_geotiff(surface: Surface) -> bytes:
    """Return the scores as a float32 GeoTIFF in EPSG:4549; no data is NaN."""
    grid = surface.stack.grid
    table = grid.full(surface.scores, np.nan).astype(np.float32)
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[33550], tags.tagtype[33550] = (grid.cell_m, grid.cell_m, 0.0), 12
    tags[33922], tags.tagtype[33922] = (0.0, 0.0, 0.0, grid.west, grid.north, 0.0), 12
    # GeoTIFF 1.1 keys: projected model, a pixel is an area, the CRS by its EPSG code
    keys = (1, 1, 1, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, PLANE_EPSG)
    tags[34735], tags.tagtype[34735] = keys, 3
    tags[42113], tags.tagtype[42113] = "nan", 2
    tags[270], tags.tagtype[270] = f"site surface {surface.profile.sha256()}{' DEMO' if surface.is_demo else ''}", 2
    out = io.BytesIO()
    Image.fromarray(table).save(out, "TIFF", tiffinfo=tags, compression="tiff_deflate")
    return out.getvalue()
