"""Rebuilding: a layer's standing runs replayed from their kept files, against what the tables hold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class, named as the driver names it

from layers.registry import Catalogue
from layers.spec import Layer
from layers.store import load
from layers.store.cells import rebuild_cells
from layers.store.db import statement
from layers.store.quarantine import Origin
from layers.store.rollup_kept import kept_parts
from layers.store.staging import Batch, row_columns, stage

_STAGED = ("stage_row", "stage_event", "stage_figure", "stage_share", "stage_closed")
_NOT_COMPARED = frozenset({"key", "data_date", "source_name", "entry_number"})


@dataclass(frozen=True)
class StandingRun:
    """One run to be replayed; ``resource`` is None for edits and sketches, which are taken from the history."""

    run_id: int
    kind: str
    mode: str
    recorded_at: dt.datetime
    resource: str | None
    file_name: str
    origin: Origin


@dataclass(frozen=True)
class Rebuilt:
    """What a rebuild found: ``run_id`` is None when the tables were as the files say, and nothing was written."""

    run_id: int | None
    n_runs: int
    n_records: int
    restored: int
    closed: int


def standing(rows: list[tuple[int, str, int | None]]) -> set[int]:
    """Return the runs whose effect stands: never rolled back, or their rollback was rolled back, and so on.

    Parameters
    ----------
    rows : list of (run_id, kind, reverts_run or None)
    """
    undone_by = {reverted: run for run, _, reverted in rows if reverted is not None}

    def stands(run: int) -> bool:
        count = 0
        while run in undone_by:
            run, count = undone_by[run], count + 1
        return count % 2 == 0

    return {run for run, kind, _ in rows if kind in ("import", "edit", "sketch") and stands(run)}


def _runs(cursor: Cursor, layer: Layer) -> list[StandingRun]:
    cursor.execute(statement("import/standing"), {"layer": layer.id})
    rows = cursor.fetchall()
    keep = standing([(r[0], r[1], r[3]) for r in rows])
    return [
        StandingRun(
            run, kind, mode, at, resource, name,
            Origin(run, options, datum, publisher, licence, url, day, tuple(columns or ()), tuple(notes or ())),
        )
        for run, kind, mode, _, at, resource, name, options, datum, publisher, licence, url, day, columns, notes in rows
        if run in keep
    ]  # fmt: skip


def _parts(layer: Layer) -> dict[str, sql.Composable]:
    columns = row_columns(layer)
    compared = [c for c in columns if c not in _NOT_COMPARED]

    def listed(alias: str, names: list[str]) -> sql.Composable:
        return sql.SQL(", ").join(sql.Identifier(alias, n) for n in names)

    hashed = [c for c in columns if c not in load.NOT_HASHED]
    return load.table_names(layer) | {
        "real_table": sql.Identifier("public", layer.table),
        "real_event": sql.Identifier("public", layer.event_table),
        "real_figure": sql.Identifier("public", layer.figure_table),
        "shadow_sequence": sql.Identifier(f"{layer.table}_feature"),
        "names": sql.SQL(", ").join(sql.Identifier(c) for c in columns),
        "picked": listed("r", list(columns)),
        "ours": listed("r", compared),
        "theirs": listed("t", compared),
        "hashed": sql.SQL("{}, {}").format(listed("r", hashed), sql.Identifier("r", "geom")),
    }


def _replay(
    cursor: Cursor, layer: Layer, run: StandingRun, batch: Batch | None, parts: dict[str, sql.Composable]
) -> None:
    params = {"layer": layer.id, "at": run.recorded_at, "run_id": run.run_id}
    if batch is None:
        cursor.execute(sql.SQL(statement("import/ended")).format(**parts), params)
        ended = frozenset(r[0] for r in cursor.fetchall())
        batch = Batch(rows=pd.DataFrame(columns=[*row_columns(layer), "geom", "geom_3857"]), ended=ended)
        stage(cursor, layer, batch)
        cursor.execute(sql.SQL(statement("import/history")).format(**parts), params)
    else:
        stage(cursor, layer, batch)
    load.compare_staged(cursor, layer, batch, run.mode)
    for name in ("load/apply", "load/apply_dated", "load/shares"):
        cursor.execute(sql.SQL(statement(name)).format(**parts), params)
    cursor.execute(sql.SQL("DROP TABLE {}").format(sql.SQL(", ").join(map(sql.Identifier, _STAGED))))


def rebuild(
    dsn: str, layer: Layer, cat: Catalogue, prepare: Callable[[StandingRun], Batch], *, reason: str = "",
    started_by: str = "",
) -> Rebuilt:  # fmt: skip
    """Replay a layer's standing runs, and write what the tables tell differently as one run.

    Parameters
    ----------
    dsn : str
        DSN of ``yuantu_writer``.
    layer, cat : Layer, Catalogue
        What is rebuilt.
    prepare : callable
        Makes the batch of a run from its kept file; called in the order of the runs.

    Raises
    ------
    ReadError
        A kept file is missing; nothing was changed.
    DatabaseUnavailableError
        Nothing was changed.
    """
    parts = _parts(layer)
    with load.transaction(dsn, layer) as (conn, cursor, at):
        runs = _runs(cursor, layer)
        cursor.execute(sql.SQL(statement("import/shadow")).format(**parts))
        for run in runs:
            _replay(cursor, layer, run, prepare(run) if run.resource is not None else None, parts)
        cursor.execute(sql.SQL(statement("import/replayed")).format(**parts))
        by_hand = [r.run_id for r in runs if r.resource is None]
        cursor.execute(sql.SQL(statement("import/replay_diff")).format(**parts), {"by_hand": by_hand})
        cursor.execute(
            "SELECT count(*) FILTER (WHERE keeps), count(*) FILTER (WHERE NOT keeps),"
            " (SELECT count(*) FROM replay_row) FROM rebuild_touched"
        )
        restored, closed, total = (int(v) for v in cursor.fetchone())  # type: ignore[union-attr]
        run_id = None
        if restored or closed:
            info = load.RunInfo(kind="rebuild", reason=reason, started_by=started_by)
            counts = {"n_read": total, "n_loaded": restored, "n_unchanged": total - restored}
            run_id = load.record_run(cursor, layer, info, at, counts)
            params = {"layer": layer.id, "at": at, "run_id": run_id}
            cursor.execute(sql.SQL(statement("import/replay_apply")).format(**parts), params)
            load.keep_in_step(conn, cursor, layer, cat, at, run_id)
        recompute = sql.SQL(statement("rollup/recompute")).format(**kept_parts(layer))
        cursor.execute(sql.SQL(statement("import/rollup_anew")).format(recompute=recompute), {"layer": layer.id})
        rebuild_cells(cursor, layer, cat)
    return Rebuilt(run_id, len(runs), total, restored, closed)
