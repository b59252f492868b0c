"""What a running server holds, for pages and routes: the reader, the catalogue, the settings."""

from __future__ import annotations

from dataclasses import dataclass

from geo.errors import DatabaseUnavailableError
from layers.registry import Catalogue, catalogue
from layers.settings import Settings
from layers.store.reader import Reader


@dataclass
class _Held:
    settings: Settings | None = None
    reader: Reader | None = None
    catalogue: Catalogue | None = None


_held = _Held()


def hold(settings: Settings, reader: Reader, cat: Catalogue) -> None:
    """Remember what this process serves with; called once by ``create_app``."""
    _held.settings, _held.reader, _held.catalogue = settings, reader, cat


def reader() -> Reader:
    """Return the reader of this process.

    Raises
    ------
    DatabaseUnavailableError
        No server was made in this process.
    """
    if _held.reader is None:
        raise DatabaseUnavailableError("服务还没有启动。", "请用 yuantu serve 启动。")
    return _held.reader


def cat() -> Catalogue:
    """Return the catalogue that is served; the shipped one before a server is made."""
    return _held.catalogue or catalogue()


def settings() -> Settings:
    """Return the settings of this process."""
    return _held.settings or Settings()
