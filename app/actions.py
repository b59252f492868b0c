"""What a person on a page may change: each is a run of its own, off the event loop, with its reason."""

from __future__ import annotations

import asyncio
from typing import Any

from etl.edit import save_sketch as _save_sketch
from geo.errors import ForbiddenError
from layers.registry import catalogue
from layers.settings import Settings
from layers.store.load import Published


def writer_dsn(settings: Settings) -> str:
    """Return the DSN of ``yuantu_writer`` for this deployment."""
    from app.place import database_dsn
    from layers.store.db import role_dsn

    return role_dsn(database_dsn(settings), "yuantu_writer", settings.secret())


async def save_sketch(
    settings: Settings, layer_id: str, feature_id: int, geometry: dict[str, Any], reason: str, who: str = ""
) -> Published:
    """Save a polygon drawn on the map as the record's sketched place.

    Raises
    ------
    ForbiddenError
        No reason was given: every change says why.
    """
    if not reason.strip():
        raise ForbiddenError("没有填写原因。", "请写一句为什么这样画，例如“按规划四至示意”。")
    layer = catalogue().layer(layer_id)
    return await asyncio.to_thread(
        _save_sketch, writer_dsn(settings), layer, catalogue(), feature_id, geometry, reason=reason, started_by=who
    )
