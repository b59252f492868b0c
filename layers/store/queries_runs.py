"""Runs, what they found wrong, and what waits in quarantine."""

from __future__ import annotations

from typing import Any

from geo.errors import NotFoundError
from layers.registry import Catalogue
from layers.spec import COMMON_COLUMNS
from layers.store.db import statement
from layers.store.pool import Pool
from layers.store.queries_rows import plain_row

HIDDEN = "（可能含内部内容，不显示）"


async def read_runs(
    pool: Pool, cat: Catalogue, *, layer: str | None, run: int | None, limit: int, internal: bool
) -> list[dict[str, Any]]:
    """Return the runs of visible layers, the latest first."""
    rows = await pool.fetch(statement("query/runs"), {"layer": layer, "run": run, "limit": limit})
    shown = {i for i, spec in cat.layers.items() if internal or spec.public}
    return [plain_row(r) for r in rows if r["layer"] in shown]


async def read_issues(pool: Pool, cat: Catalogue, run: int, *, internal: bool) -> list[dict[str, Any]]:
    """Return the faults a run found; without the right, only what they say of public fields is told.

    Raises
    ------
    NotFoundError
        No such run.
    """
    found = await read_runs(pool, cat, layer=None, run=run, limit=1, internal=internal)
    if not found:
        raise NotFoundError(f"没有第 {run} 号运行。", "用 yuantu runs 查看全部运行。", run=run)
    layer = cat.layers[found[0]["layer"]]
    open_fields = [f for f in layer.fields if not f.internal]
    public = {name for f in open_fields for name in (f.id, f.title, *f.aliases)}
    public |= {*COMMON_COLUMNS, *layer.name_aliases, "geom", "address"}
    public -= {name for f in layer.fields if f.internal for name in (f.id, f.title, *f.aliases)}
    rows = [plain_row(r) for r in await pool.fetch(statement("query/issues"), {"run": run})]
    if internal:
        return rows
    return [r | {"value": HIDDEN, "message": HIDDEN} if r["field"] not in public else r for r in rows]


async def read_quarantine(pool: Pool, layer: str) -> list[dict[str, Any]]:
    """Return the rows of a layer's files that wait, whole; for those with the right to internal fields."""
    return [plain_row(r) for r in await pool.fetch(statement("query/quarantine"), {"layer": layer})]


async def read_waiting(pool: Pool) -> dict[str, int]:
    """Return how many rows wait in quarantine, by layer; layers with none are left out."""
    return {r["layer"]: r["n"] for r in await pool.fetch(statement("query/waiting"))}
