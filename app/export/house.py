"""House templates: whose report it is, with its line of colour and its logo.

Shipped: city, bureau, county. A file of the same form in ``<VAR_DIR>/houses/`` adds a template or replaces one; a
PNG beside it with the same name is the logo.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from geo.errors import InputError, MachineError

SHIPPED = Path(__file__).resolve().parent / "houses"
MOST_LOGO_BYTES = 2_000_000
KEYS = ("title", "organisation", "accent", "compiler")


@dataclass(frozen=True)
class House:
    """A template: ``accent`` is a colour token of the theme or #rrggbb; ``logo`` a PNG or empty."""

    id: str
    title: str
    organisation: str = ""
    accent: str = "sea"
    compiler: str = ""
    logo: bytes = b""


def houses(var_dir: Path | None = None) -> dict[str, House]:
    """Return the templates by id.

    Raises
    ------
    MachineError
        A file is not a template; the message names it.
    """
    found: dict[str, House] = {}
    for folder in (SHIPPED, *([var_dir / "houses"] if var_dir else [])):
        for path in sorted(folder.glob("*.toml")):
            found[path.stem] = _read(path)
    return found


def house_of(name: str, var_dir: Path | None) -> House | None:
    """Return a template; None when none is named.

    Raises
    ------
    InputError
        No such template.
    """
    if not name:
        return None
    known = houses(var_dir)
    if name not in known:
        listed = "、".join(f"{k}（{v.title}）" for k, v in known.items())
        raise InputError(f"没有版式“{name}”。", f"可用：{listed}。", field="house")
    return known[name]


def _read(path: Path) -> House:
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
        unknown = [k for k in given if k not in KEYS]
        if unknown or not all(isinstance(v, str) for v in given.values()):
            raise ValueError(f"不认识的键 {'、'.join(unknown)}" if unknown else "各项应为文字")
        logo = path.with_suffix(".png")
        held = logo.read_bytes() if logo.is_file() and logo.stat().st_size <= MOST_LOGO_BYTES else b""
        return House(path.stem, logo=held, **{k: v for k, v in given.items() if v})
    except (OSError, ValueError, TypeError) as error:
        raise MachineError(f"版式文件 {path.name} 用不了：{error}。", f"只写 {'、'.join(KEYS)}，都是文字。") from error
