"""Undoing a run: what it did is taken back by a run of its own, and history stays."""

from __future__ import annotations

import datetime as dt
from typing import Any

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class, named as the driver names it

from geo.errors import ConflictError, NotFoundError
from layers.registry import Catalogue
from layers.spec import Layer
from layers.store.areas import reassign_layer
from layers.store.db import connect, statement
from layers.store.load import (
    Published,
    RunInfo,
    keep_in_step,
    record_run,
    run_statement,
    table_names,
    transaction,
)


def _in_effect(runs: list[tuple[int, int | None]]) -> list[int]:
    """Return what still stands of some runs: a run and the rollback that undid it cancel each other.

    Parameters
    ----------
    runs : list of (run_id, reverts_run or None)
    """
    undone_by = {reverted: run for run, reverted in runs if reverted is not None}
    standing = []
    for run, reverted in runs:
        if reverted in dict(runs):
            continue
        chain = [run]
        while chain[-1] in undone_by:
            chain.append(undone_by[chain[-1]])
        if len(chain) % 2:
            standing.append(chain[-1])
    return sorted(standing)


def _may_be_undone(dsn: str, cat: Catalogue, run_id: int) -> tuple[Layer, dt.datetime]:
    with connect(dsn) as conn, conn.cursor() as cursor:
        cursor.execute(
            "SELECT layer, recorded_at, (SELECT max(r.run_id) FROM load_run AS r WHERE r.reverts_run = l.run_id)"
            " FROM load_run AS l WHERE run_id = %(run)s",
            {"run": run_id},
        )
        found = cursor.fetchone()
    if found is None:
        raise NotFoundError(f"没有第 {run_id} 号运行。", "用 yuantu runs 查看全部运行。", run=run_id)
    layer = cat.layer(found[0])
    if found[2] is not None:
        raise ConflictError(
            f"第 {run_id} 号运行已由第 {found[2]} 号回滚。", "若要恢复它，请回滚那一次回滚。", run=run_id
        )
    return layer, found[1]


def _refuse_later(cursor: Cursor, layer: Layer, run_id: int, params: dict[str, Any]) -> None:
    cursor.execute(sql.SQL(statement("load/later_runs")).format(**table_names(layer)), params)
    later = [str(r) for r in _in_effect(cursor.fetchall())]
    if later:
        raise ConflictError(
            f"第 {run_id} 号运行之后，第 {'、'.join(later)} 号运行改过同样的记录。",
            "请从最新的一次开始依次回滚。",
            runs=later,
        )


def rollback(dsn: str, cat: Catalogue, run_id: int, *, started_by: str = "", reason: str = "") -> Published:
    """Undo a run as a new run: the current view equals the one before it; history stays.

    Raises
    ------
    NotFoundError
        No such run.
    ConflictError
        Later runs touched the same records, or the run was undone already.
    """
    layer, was = _may_be_undone(dsn, cat, run_id)
    with transaction(dsn, layer) as (conn, cursor, at):
        params = {"layer": layer.id, "was": was, "at": at}
        _refuse_later(cursor, layer, run_id, params)
        info = RunInfo(kind="rollback", reason=reason, started_by=started_by)
        undo = record_run(cursor, layer, info, at, {}, reverts=run_id)
        run_statement(cursor, "load/rollback", table_names(layer), params | {"run_id": undo})
        cursor.execute("SELECT count(*) FROM stage_undo")
        touched = int(cursor.fetchone()[0])  # type: ignore[index]
        keep_in_step(conn, cursor, layer, cat, at, undo)
        if layer.id != "boundary":
            reassign_layer(conn, layer, cat, at, undo)
        run_statement(cursor, "import/reopen", table_names(layer), params | {"run_id": undo, "undone": run_id})
    return Published(undo, touched, 0, 0)


def preview_rollback(dsn: str, cat: Catalogue, run_id: int) -> dict[str, list[str]]:
    """Say what rolling a run back would do: names of records removed, restored to what they were, and returned.

    Raises
    ------
    NotFoundError, ConflictError
        As :func:`rollback`.
    """
    layer, was = _may_be_undone(dsn, cat, run_id)
    with transaction(dsn, layer, dry=True) as (_, cursor, at):
        _refuse_later(cursor, layer, run_id, {"layer": layer.id, "was": was, "at": at})
        run_statement(cursor, "import/undo_preview", table_names(layer), {"was": was})
        found: dict[str, list[str]] = {"removed": [], "restored": [], "returned": []}
        for what, name in cursor.fetchall():
            found[what].append(name)
    return found
