"""Which files have been published already, so that shipped data is loaded once."""

from __future__ import annotations

import json
from typing import Any

from layers.store.db import connect, statement


def published_files(dsn: str) -> set[tuple[str, str, str]]:
    """Return (layer, sha256, options as canonical JSON) of every import run that stands."""
    with connect(dsn) as conn, conn.cursor() as cursor:
        cursor.execute(statement("load/published"))
        return {(layer, sha256, canonical(json.loads(options))) for layer, sha256, options in cursor.fetchall()}


def canonical(options: dict[str, Any]) -> str:
    """Return options as JSON that is the same for the same options."""
    return json.dumps(options, ensure_ascii=False, sort_keys=True, default=str)
