"""Publishing: one batch becomes one run in one transaction, or nothing at all."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from psycopg2 import sql
from psycopg2.extensions import connection
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class, named as the driver names it
from psycopg2.extras import execute_values

from geo.errors import ConflictError
from layers.registry import Catalogue
from layers.spec import Layer
from layers.store import duplicates, matches
from layers.store.apart import index_apart, join_again, read_apart, set_apart
from layers.store.areas import refresh_areas
from layers.store.cells import update_cells
from layers.store.db import connect, statement
from layers.store.rollup_kept import kept_parts
from layers.store.search import begin_words, words_of, write_words
from layers.store.staging import Batch, Issue, Resource, row_columns, stage
from layers.store.straight import Straight
from layers.store.watch import Watch
from layers.store.words_ahead import Ahead

__all__ = ["Batch", "Difference", "Issue", "Published", "Resource", "RunInfo", "difference", "publish"]

# Where a record was described does not change what it says.
NOT_HASHED = frozenset({"key", "data_date", "source_name", "source_row", "entry_number", "area_m2"})


@dataclass(frozen=True)
class RunInfo:
    """Who loads what, how, and why.

    ``remember``: header -> target, kept for the publisher's next file. ``merged``: pairs of the key kept and the
    key that ends with this run. ``at_version``: the layer's version that whoever publishes has seen; another by now
    refuses the run.
    """

    kind: str = "import"
    mode: str = "upsert"
    resource: Resource | None = None
    options: dict[str, Any] = field(default_factory=dict)
    datum: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    started_by: str = ""
    publisher: str = ""
    remember: dict[str, str] = field(default_factory=dict)
    merged: tuple[tuple[str, str], ...] = ()
    at_version: int | None = None


@dataclass(frozen=True)
class Published:
    """What a run did. loaded counts the records it created or changed, closed those it ended."""

    run_id: int
    loaded: int
    unchanged: int
    closed: int


@dataclass(frozen=True)
class Difference:
    """What a run would do: keys of new records, changes per field (old, new), and keys that would end."""

    new: list[str]
    changed: list[dict[str, Any]]
    unchanged: int
    closed: list[str]


def table_names(layer: Layer) -> dict[str, sql.Composable]:
    """Return the names of a layer's tables, sequence and columns, as its statements take them."""
    return {
        "table": sql.Identifier(layer.table),
        "event": sql.Identifier(layer.event_table),
        "figure": sql.Identifier(layer.figure_table),
        "sequence": sql.Literal(f"{layer.table}_feature"),
        "columns": sql.SQL(", ").join(sql.Identifier(c) for c in ("id", *row_columns(layer), "geom", "geom_3857")),
    }


def run_statement(cursor: Cursor, name: str, parts: dict[str, sql.Composable], params: dict[str, Any]) -> None:
    """Run a statement of ``layers/sql`` with its names and its values."""
    cursor.execute(sql.SQL(statement(name)).format(**parts), params)


@contextmanager
def transaction(
    dsn: str, layer: Layer, *, dry: bool = False, watch: Watch | None = None
) -> Iterator[tuple[connection, Cursor, dt.datetime]]:
    """One transaction that holds the layer's lock, with the instant it records at."""
    with connect(dsn) as conn, (watch or Watch()).over(conn), conn.cursor() as cursor:
        cursor.execute(
            "SET LOCAL jit = off; SET LOCAL synchronous_commit = on;"
            " SET LOCAL temp_buffers = '128MB'; SET LOCAL work_mem = '128MB'"
        )
        cursor.execute("SELECT pg_advisory_xact_lock(320901, hashtext(%(layer)s))", {"layer": layer.id})
        cursor.execute(statement("load/moment"), {"layer": layer.id})
        row = cursor.fetchone()
        yield conn, cursor, row[0]  # type: ignore[index]
        if dry:
            conn.rollback()


def _check_version(cursor: Cursor, layer: Layer, seen: int | None) -> None:
    if seen is None:
        return
    cursor.execute(statement("load/version"), {"layer": layer.id})
    if cursor.fetchone() != (seen,):
        raise ConflictError(
            f"核对之后，另一次运行改动了“{layer.title}”，没有写入任何数据。", "请看过新的差异后再发布。"
        )


def _compare(cursor: Cursor, layer: Layer, batch: Batch, mode: str, watch: Watch) -> None:
    stage(cursor, layer, batch, watch)
    watch.step("compare")
    compare_staged(cursor, layer, batch, mode)


def compare_staged(cursor: Cursor, layer: Layer, batch: Batch, mode: str) -> None:
    """Say of what is staged what is new, changed and unchanged, and which records end."""
    absent = [] if batch.present is None else [f.id for f in layer.fields if f.id not in batch.present]
    keep = sql.SQL("").join(sql.SQL(", {0} = t.{0}").format(sql.Identifier(name)) for name in absent)
    hashed = [sql.Identifier("s", c) for c in row_columns(layer) if c not in NOT_HASHED]
    hashed.append(sql.Identifier("s", "geom"))
    recorded = [sql.Identifier("t", c) for c in (*row_columns(layer), "geom") if c not in NOT_HASHED]
    parts = table_names(layer) | {
        "keep": keep, "hashed": sql.SQL(", ").join(hashed), "recorded": sql.SQL(", ").join(recorded),
    }  # fmt: skip
    run_statement(cursor, "load/compare", parts, {})
    run_statement(cursor, "load/compare_events", parts, {})
    run_statement(cursor, "load/touch", parts, {})
    held = [str(q.get("key", "")) for q in batch.quarantine if q.get("key")]
    run_statement(
        cursor, "load/closed", parts, {"replace": mode == "replace", "held": held, "ended": list(batch.ended)}
    )


def _counts(cursor: Cursor) -> tuple[int, int, int]:
    cursor.execute(
        "SELECT count(*) FILTER (WHERE _touched), count(*) FILTER (WHERE NOT _touched),"
        " (SELECT count(*) FROM stage_closed) FROM stage_row"
    )
    loaded, unchanged, closed = cursor.fetchone()  # type: ignore[misc]
    return int(loaded), int(unchanged), int(closed)


def record_run(
    cursor: Cursor,
    layer: Layer,
    info: RunInfo,
    at: dt.datetime,
    counts: dict[str, int],
    reverts: int | None = None,
) -> int:
    """Write the run and its resource; return its number."""
    if info.resource is not None:
        cursor.execute(statement("load/resource"), vars(info.resource))
    params: dict[str, Any] = {
        "layer": layer.id, "kind": info.kind, "mode": info.mode, "at": at, "reverts_run": reverts,
        "resource": info.resource.sha256 if info.resource else None, "reason": info.reason,
        "options": json.dumps(info.options, ensure_ascii=False, default=str, sort_keys=True),
        "datum": json.dumps(info.datum, ensure_ascii=False, default=str), "started_by": info.started_by,
        "n_read": 0, "n_loaded": 0, "n_unchanged": 0, "n_quarantined": 0, "n_skipped": 0,
    }  # fmt: skip
    cursor.execute(statement("load/run"), params | counts)
    return int(cursor.fetchone()[0])  # type: ignore[index]


def _record_faults(cursor: Cursor, layer: Layer, batch: Batch, run_id: int) -> None:
    faults = [(run_id, i.row, i.field, i.type, i.severity, i.value, i.message, i.entry) for i in batch.issues]
    execute_values(
        cursor,
        "INSERT INTO issue (run_id, row_no, field, type, severity, value, message, entry_number) VALUES %s",
        faults,
        page_size=1000,
    )
    held = [
        (run_id, layer.id, q.get("row"), q.get("entry_number", 0), str(q.get("key") or ""),
         json.dumps(q.get("cells", {}), ensure_ascii=False, default=str), q.get("geometry") or "", q.get("sheet") or "")
        for q in batch.quarantine
    ]  # fmt: skip
    execute_values(
        cursor,
        "INSERT INTO quarantine (run_id, layer, row_no, entry_number, key, cells, geometry, sheet) VALUES %s",
        held,
        page_size=1000,
    )
    if batch.reading is not None:
        known = {name: json.dumps(value, ensure_ascii=False) for name, value in vars(batch.reading).items()}
        cursor.execute(statement("import/reading"), known | {"run_id": run_id})


def keep_in_step(
    conn: connection, cursor: Cursor, layer: Layer, cat: Catalogue, at: dt.datetime, run_id: int,
    watch: Watch | None = None, ahead: Ahead | None = None,
) -> None:  # fmt: skip
    """Bring everything that follows from the rows in step: rollups, search words, areas, version."""
    parts = table_names(layer)
    params = {"layer": layer.id, "at": at, "run_id": run_id}
    run_statement(cursor, "rollup/delta", kept_parts(layer), params)
    cursor.execute(statement("rollup/prune"), params)
    update_cells(cursor, layer, cat, at, run_id)
    write_words(cursor, layer, at, run_id, watch, ahead)
    run_statement(cursor, "load/state", parts, params)
    if layer.id == "boundary":
        refresh_areas(conn, cat, at, run_id)


def publish(
    dsn: str,
    layer: Layer,
    cat: Catalogue,
    batch: Batch,
    info: RunInfo,
    *,
    at_the_end: Callable[[], None] = lambda: None,
    watch: Watch | None = None,
) -> Published:
    """Publish a batch as one run, in one transaction.

    Parameters
    ----------
    dsn : str
        DSN of ``yuantu_writer``.
    layer, cat : Layer, Catalogue
        The layer the rows belong to.
    batch : Batch
        Rows with unique keys; n_read must equal rows + quarantine.
    info : RunInfo
        Who, how and from which file.
    at_the_end : callable
        Done last before the transaction ends: what it raises undoes the run.
    watch : Watch, optional
        Is told how far the run is, and may stop it until then.

    Raises
    ------
    CancelledError
        It was stopped; nothing was changed.
    ConflictError
        The layer is not at ``info.at_version`` any more; nothing was changed.
    DatabaseUnavailableError
        Nothing was changed.
    """
    if batch.n_read != len(batch.rows) + len(batch.quarantine):
        raise ConflictError(
            f"读入 {batch.n_read} 行，入库与隔离合计 {len(batch.rows) + len(batch.quarantine)} 行，不相等。",
            "这是程序错误，没有写入任何数据，请把文件发给维护者。",
        )
    watch = watch or Watch()
    with (
        Ahead(dsn, layer, words_of) as words,
        Straight(dsn, layer) as straight,
        transaction(dsn, layer, watch=watch) as (conn, cursor, at),
    ):
        _check_version(cursor, layer, info.at_version)
        is_straight = straight.fits(cursor, batch, info.mode)
        if is_straight:
            loaded, unchanged, closed = len(batch.rows), 0, 0
        else:
            _compare(cursor, layer, batch, info.mode, watch)
            loaded, unchanged, closed = _counts(cursor)
        counts = {
            "n_read": batch.n_read, "n_loaded": loaded, "n_unchanged": unchanged,
            "n_quarantined": len(batch.quarantine), "n_skipped": batch.n_skipped,
        }  # fmt: skip
        run_id = record_run(cursor, layer, info, at, counts)
        _record_faults(cursor, layer, batch, run_id)
        params = {"layer": layer.id, "at": at, "run_id": run_id}
        if is_straight:
            straight.write(cursor, batch, run_id, at, watch)
            watch.step("compare")
            run_statement(cursor, "load/compare_events", table_names(layer), {})
        cursor.execute(statement("load/clear_quarantine"), params | {"tickets": list(batch.tickets)})
        if info.publisher and info.remember:
            matches.remember(cursor, layer.id, info.publisher, info.remember, info.started_by)
        for kept, other in info.merged:
            duplicates.record_decision(
                cursor, layer.id, kept, other, "merge", reason=info.reason, by=info.started_by, run_id=run_id
            )
        if loaded or closed:
            begin_words(cursor, layer, loaded, words)
            is_apart = _write(cursor, layer, params, loaded, closed, watch, straight if is_straight else None)
            keep_in_step(conn, cursor, layer, cat, at, run_id, watch, words)
            if is_apart:
                join_again(cursor, layer)
        watch.close()
        at_the_end()
    return Published(run_id, loaded, unchanged, closed)


def _write(
    cursor: Cursor, layer: Layer, params: dict[str, Any], loaded: int, closed: int, watch: Watch,
    straight: Straight | None,
) -> bool:  # fmt: skip
    """Write what is staged into the layer's tables; return whether its rows are in a table apart."""
    parts = table_names(layer)
    watch.step("write", 0, loaded + closed)
    if straight is not None:
        straight.index(cursor, watch)
        read_apart(cursor)
        is_apart = True
    else:
        is_apart = set_apart(cursor, layer, loaded)
        run_statement(cursor, "load/apply", parts, params)
    run_statement(cursor, "load/apply_dated", parts, params)
    run_statement(cursor, "load/shares", parts, params)
    if is_apart and straight is None:
        watch.step("index", 0, loaded)
        index_apart(cursor, layer)
    watch.step("write", loaded, loaded + closed)
    return is_apart


def reassign_versions(
    conn: connection,
    layer: Layer,
    cat: Catalogue,
    moves: list[tuple[int, str, str]],
    shares: list[tuple[int, str, str, float]],
    at: dt.datetime,
    boundary_run: int,
) -> None:
    """Write new versions of records whose areas changed, as a run of their own in the boundary's transaction.

    Parameters
    ----------
    moves : list of (version_id, county_code, unit_code)
    shares : list of (version_id, county_code, unit_code, area_m2), by the version replaced
    """
    with conn.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE stage_move (version_id bigint, county_code text, unit_code text)")
        cursor.execute(
            "CREATE TEMP TABLE stage_piece (version_id bigint, county_code text, unit_code text, area_m2 float8)"
        )
        execute_values(cursor, "INSERT INTO stage_move VALUES %s", moves)
        execute_values(cursor, "INSERT INTO stage_piece VALUES %s", shares)
        info = RunInfo(kind="reassign", reason=f"边界更新（第 {boundary_run} 号运行），重新判定所在县区")
        run_id = record_run(cursor, layer, info, at, {})
        moved = {"county_code": sql.SQL("m.county_code"), "unit_code": sql.SQL("m.unit_code")}
        picked = [moved.get(c, sql.Identifier("t", c)) for c in ("id", *row_columns(layer), "geom", "geom_3857")]
        hashed = [moved.get(c, sql.Identifier("t", c)) for c in row_columns(layer) if c not in NOT_HASHED]
        hashed.append(sql.Identifier("t", "geom"))
        parts = table_names(layer) | {"picked": sql.SQL(", ").join(picked), "hashed": sql.SQL(", ").join(hashed)}
        run_statement(cursor, "load/reassign", parts, {"layer": layer.id, "at": at, "run_id": run_id})
        cursor.execute("DROP TABLE stage_move, stage_piece")
        run_statement(cursor, "rollup/delta", kept_parts(layer), {"layer": layer.id, "at": at, "run_id": run_id})
        cursor.execute(statement("rollup/prune"), {"layer": layer.id})
        update_cells(cursor, layer, cat, at, run_id)
        run_statement(cursor, "load/state", table_names(layer), {"layer": layer.id, "at": at})


def difference(
    dsn: str, layer: Layer, cat: Catalogue, batch: Batch, mode: str = "upsert", watch: Watch | None = None
) -> Difference:
    """Say what publishing a batch would do, and do nothing."""
    del cat
    fields = [c for c in row_columns(layer) if c not in NOT_HASHED | {"extra", "original"}]
    watch = watch or Watch()
    with transaction(dsn, layer, dry=True, watch=watch) as (_, cursor, _at):
        _compare(cursor, layer, batch, mode, watch)
        _, unchanged, _ = _counts(cursor)
        cursor.execute("SELECT key FROM stage_row WHERE _status = 'new' ORDER BY entry_number")
        new = [r[0] for r in cursor.fetchall()]
        run_statement(cursor, "load/changes", table_names(layer), {"fields": fields})
        changed = [{"key": k, "name": n, "row": r, "fields": f or {}} for k, n, r, f in cursor.fetchall()]
        run_statement(cursor, "load/event_changes", table_names(layer), {})
        by_key = {c["key"]: c["fields"] for c in changed}
        for key, title, old, fresh in cursor.fetchall():
            by_key.get(key, {})[title] = [old, fresh]
        cursor.execute("SELECT key FROM stage_closed ORDER BY key")
        closed = [r[0] for r in cursor.fetchall()]
    return Difference(new, changed, unchanged, closed)


def recomputed_rollup(dsn: str, layer: Layer) -> pd.DataFrame:
    """Return the layer's rollup recomputed from its current versions, for comparison with the stored one."""
    with connect(dsn) as conn, conn.cursor() as cursor:
        cursor.execute(
            sql.SQL(statement("rollup/recompute")).format(**kept_parts(layer)),
            {"layer": layer.id},
        )
        names = [c[0] for c in cursor.description or ()]
        return pd.DataFrame(cursor.fetchall(), columns=names)
