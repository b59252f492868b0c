"""Every sentence the pages say: `<language>.toml` and, for a page of many words, `<language>.<page>.toml`."""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
LANGUAGE = "zh"


def _flat(table: dict[str, Any], prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{prefix}{key}.")
        else:
            found[prefix + key] = str(value)
    return found


@functools.cache
def texts(language: str = LANGUAGE) -> dict[str, str]:
    """Return all texts of a language, by dotted key: the key's path in its file.

    Raises
    ------
    ValueError
        Two files give a text the same key.
    """
    found: dict[str, str] = {}
    for path in sorted(HERE.glob(f"{language}*.toml")):
        more = _flat(tomllib.loads(path.read_text(encoding="utf-8")))
        if twice := found.keys() & more.keys():
            raise ValueError(f"{path.name} repeats {', '.join(sorted(twice))}")
        found |= more
    return found


def t(key: str, **values: object) -> str:
    """Return the text called ``key`` with its places filled in.

    Raises
    ------
    KeyError
        When the catalogue has no such text: a fault of the code, found by a test.
    """
    return texts()[key].format(**values)
