"""SVG path data to points and codes, so that the screen's pictograms are the print's."""

from __future__ import annotations

import functools
import math
import re
from pathlib import Path as FilePath

import numpy as np

from geo.errors import MachineError

ICONS = FilePath(__file__).resolve().parent.parent / "map" / "src" / "icons.ts"
MOVE, LINE, CURVE = 1, 2, 4  # matplotlib's codes: MOVETO, LINETO, CURVE4
_TOKEN = re.compile(r"[MmLlHhVvCcSsAaZz]|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_TAKES = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "A": 7, "Z": 0}

Outline = tuple[np.ndarray, np.ndarray]
Point = tuple[float, float]


@functools.cache
def icon_outlines(source: FilePath = ICONS) -> dict[str, Outline]:
    """Return the pictograms by name, on a grid of 14 × 14 with y downwards.

    Raises
    ------
    MachineError
        The file with the pictograms is missing or empty.
    """
    text = source.read_text(encoding="utf-8") if source.exists() else ""
    found = {name: parse_path(path) for name, path in re.findall(r'^\s*(\w+): "(M[^"]+)",$', text, re.MULTILINE)}
    if "dot" not in found:
        raise MachineError(f"读不到图标 {source.name}。", "请恢复随程序发布的 app/map 目录。")
    aliases = re.findall(r'^\s*(\w+): "(\w+)",$', text, re.MULTILINE)
    return found | {alias: found[name] for alias, name in aliases if name in found}


def icon_outline(name: str) -> Outline:
    """Return a pictogram; an unknown name gets the dot."""
    known = icon_outlines()
    return known.get(name, known["dot"])


def parse_path(text: str) -> Outline:
    """Turn path data (M L H V C S A Z, absolute and relative) into vertices (n × 2) and codes (n).

    Raises
    ------
    ValueError
        The data hold something else.
    """
    tokens = _TOKEN.findall(text)
    if re.sub(r"[\s,]", "", text) != "".join(tokens):
        raise ValueError(f"path data: {text}")
    points: list[Point] = []
    codes: list[int] = []
    here = start = (0.0, 0.0)
    i, command = 0, "M"
    while i < len(tokens):
        if tokens[i].isalpha():
            command, i = tokens[i], i + 1
        takes = _TAKES[command.upper()]
        numbers = [float(t) for t in tokens[i : i + takes]]
        i += takes
        base = here if command.islower() else (0.0, 0.0)
        if command.upper() == "Z":
            drawn = [(start, LINE)]
        else:
            if command.upper() == "S":  # the first control point mirrors the last one
                mirrored = (2 * here[0] - points[-2][0], 2 * here[1] - points[-2][1])
                numbers = [mirrored[0] - base[0], mirrored[1] - base[1], *numbers]
            drawn = _segment(command.upper(), numbers, here, base)
        points += [p for p, _ in drawn]
        codes += [c for _, c in drawn]
        here = drawn[-1][0]
        if command.upper() == "M":
            start, command = here, "l" if command == "m" else "L"
    return np.array(points), np.array(codes, np.uint8)


def _segment(command: str, n: list[float], here: Point, base: Point) -> list[tuple[Point, int]]:
    bx, by = base
    if command == "H":
        return [((bx + n[0], here[1]), LINE)]
    if command == "V":
        return [((here[0], by + n[0]), LINE)]
    if command in ("C", "S"):
        return [((bx + n[j], by + n[j + 1]), CURVE) for j in (0, 2, 4)]
    if command == "A":
        end = (bx + n[5], by + n[6])
        return [(p, LINE) for p in _arc(here, (n[0], n[1]), bool(n[3]), bool(n[4]), end)]
    return [((bx + n[0], by + n[1]), MOVE if command == "M" else LINE)]


def _arc(start: Point, radii: Point, large: bool, sweep: bool, end: Point) -> list[Point]:
    """Points of an unrotated elliptical arc (SVG 1.1, F.6.5)."""
    rx, ry = radii
    x, y = (start[0] - end[0]) / 2, (start[1] - end[1]) / 2
    grow = math.sqrt(max(1.0, x * x / (rx * rx) + y * y / (ry * ry)))
    rx, ry = rx * grow, ry * grow
    below = rx * rx * y * y + ry * ry * x * x
    root = math.sqrt(max(0.0, (rx * rx * ry * ry - below) / below)) * (-1 if large == sweep else 1)
    cx0, cy0 = root * rx * y / ry, -root * ry * x / rx
    cx, cy = cx0 + (start[0] + end[0]) / 2, cy0 + (start[1] + end[1]) / 2
    first = math.atan2((y - cy0) / ry, (x - cx0) / rx)
    turn = math.atan2((-y - cy0) / ry, (-x - cx0) / rx) - first
    if sweep and turn < 0:
        turn += 2 * math.pi
    elif not sweep and turn > 0:
        turn -= 2 * math.pi
    steps = max(4, math.ceil(abs(turn) / 0.3))
    angles = [first + turn * (j + 1) / steps for j in range(steps)]
    return [(cx + rx * math.cos(a), cy + ry * math.sin(a)) for a in angles[:-1]] + [end]
