"""Every sentence the pages say, one TOML per language; a key is its path in the file."""

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
    """Return all texts of a language, by dotted key."""
    return _flat(tomllib.loads((HERE / f"{language}.toml").read_text(encoding="utf-8")))


def t(key: str, **values: object) -> str:
    """Return the text called ``key`` with its places filled in.

    Raises
    ------
    KeyError
        When the catalogue has no such text: a fault of the code, found by a test.
    """
    return texts()[key].format(**values)
