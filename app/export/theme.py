"""The theme's colours for print: the light values of the one style sheet that declares them."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from pathlib import Path

from geo.errors import MachineError

ASSETS = Path(__file__).resolve().parent.parent / "assets"
_BLOCK = re.compile(r":root\s*\{(.*?)\}", re.DOTALL)
_VARIABLE = re.compile(r"--([\w-]+)\s*:\s*(#[0-9a-fA-F]{3,8})\s*[;}]")
_NEEDED = ("ink", "ink-2", "ink-3", "surface", "line-2", "amber-t", "amber-s", "flat", "flat-t", "reed", "m-sea")


class Theme:
    """Colours by the name of their token, as #rrggbb."""

    def __init__(self, colors: Mapping[str, str]) -> None:
        self._colors = dict(colors)

    def __getitem__(self, token: str) -> str:
        """Return the colour of a token, or raise ``MachineError`` naming it."""
        try:
            return self._colors[token]
        except KeyError:
            raise MachineError(
                f"样式表里没有颜色“--{token}”。", "请恢复随程序发布的 app/assets 目录。", token=token
            ) from None

    def __contains__(self, token: object) -> bool:
        return token in self._colors

    def ramp(self, prefix: str, n: int) -> list[str]:
        """Return ``n`` colours of the ramp ``<prefix>1 … <prefix>5``, the first and last always its ends."""
        stops = [self[f"{prefix}{i}"] for i in range(1, 6)]
        if n == 1:
            return [stops[2]]
        return [_between(stops, i * 4 / (n - 1)) for i in range(n)]


def _between(stops: list[str], at: float) -> str:
    low = min(int(at), len(stops) - 2)
    share = at - low
    pairs = zip(_channels(stops[low]), _channels(stops[low + 1]), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _channels(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


@functools.cache
def load_theme(folder: Path = ASSETS) -> Theme:
    """Read the light theme's colours from the style sheet ``*tokens.css``.

    Raises
    ------
    MachineError
        The file is missing or lacks a colour that every map needs.
    """
    path = next(iter(sorted(folder.glob("*tokens.css"))), None)
    if path is None:
        raise MachineError(f"{folder} 里没有样式表 *tokens.css。", "请恢复随程序发布的 app/assets 目录。")
    text = path.read_text(encoding="utf-8")
    block = _BLOCK.search(text)
    found = {name: _full(value) for name, value in _VARIABLE.findall((block.group(1) if block else "") + ";")}
    missing = [name for name in _NEEDED if name not in found]
    if missing:
        raise MachineError(
            f"样式表 {path.name} 的浅色主题里缺少颜色 {'、'.join(missing)}。", "请恢复随程序发布的 app/assets 目录。"
        )
    return Theme(found)


def _full(value: str) -> str:
    digits = value[1:].lower()
    if len(digits) in (3, 4):
        digits = "".join(c * 2 for c in digits)
    return f"#{digits[:6]}"
