"""What every target of one answer shares: the document in force, its settings, and how its rows are asked for.

Records come from the slice, events and figures as they were known, so a figure for a pair of dates never
changes. A layer that never spoke of what a target counts is told from one that counts none.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from psycopg import sql

from geo.errors import CatalogueError
from layers.registry import Catalogue
from layers.store.db import statement
from layers.store.pool import Pool
from layers.store.queries_layers import template
from layers.store.slices import When, slice_sql, versions_sql
from layers.targets import Document, TargetRow, choose_document, parse_document, shipped_documents, sql_params
from layers.targets_judge import Number

COMMON = ("key", "name", "county_code", "unit_code", "is_demo", "data_date", "source_name", "source_row")
Sizes = dict[str, tuple[int, dt.date | None]]
_SLICE = re.compile(r"^-- @slice (\w+):(.*)$", re.M)


@dataclass(frozen=True)
class Scene:
    """Everything that every target of one answer shares."""

    pool: Pool
    cat: Catalogue
    document: Document
    when: When
    demo: bool
    settings: Mapping[tuple[str, str], Any]
    entries: Mapping[tuple[str, str], dict[str, Any]]
    text: str = ""
    document_version: int | None = None

    @property
    def until(self) -> dt.date:
        """The last day that counts: ``as_of``, or the end of the document's year."""
        return min(self.when.as_of, self.document.end)

    @property
    def has_begun(self) -> bool:
        """Whether the document's year has begun on the day."""
        return self.when.as_of >= self.document.start

    def day_of(self, row: TargetRow) -> dt.date:
        """The day a row's figure speaks for: a share speaks for the day of its denominator."""
        if row.measure == "share":
            entry = self.entries.get((row.id, "denominator"))
            return entry["entry_date"] if entry else self.until
        return self.until


async def open_scene(pool: Pool, cat: Catalogue, when: When, *, demo: bool = False) -> Scene:
    """Read the document in force, its settings and the figures entered, as known."""
    stored = await pool.fetch(statement("targets/store/documents"), {"known_at": when.known_at})
    documents = [parse_document(d["body"], d["document_id"]) for d in stored] or list(shipped_documents())
    document = choose_document(documents, when.as_of)
    held: dict[str, Any] = next((d for d in stored if d["document_id"] == document.id), {})
    params = {"year": document.year, "as_of": min(when.as_of, document.end), "known_at": when.known_at}
    settings, entries = await asyncio.gather(
        pool.fetch(statement("targets/store/settings"), params),
        pool.fetch(statement("targets/store/entries"), params),
    )
    return Scene(
        pool, cat, document, when, demo,
        settings={(s["target_id"], s["name"]): s["value"] for s in settings},
        entries={(e["target_id"], e["measure"]): e for e in entries},
        text=held.get("text", ""), document_version=held.get("document_version"),
    )  # fmt: skip


def rows_sql(scene: Scene, row: TargetRow) -> tuple[sql.Composed, dict[str, object]]:
    """Return the query of a computed row's records, and its parameters.

    A file says with ``-- @slice NAME: columns`` which layers it reads; ``records`` is the row's own layer.
    It may use ``{NAME}``, ``{NAME_event}`` and ``{NAME_figure}``.
    """
    name = f"targets/{row.sql}"
    day = scene.day_of(row)
    when = When(day, scene.when.known_at)
    parts: dict[str, sql.Composable] = {}
    for alias, layer_id in layers_of(row):
        layer = scene.cat.layers.get(layer_id)
        if layer is None:
            raise CatalogueError(f"{row.sql_file} 要读图层“{layer_id}”，但目录里没有它。", "请改正该文件。")
        columns = next(c for a, c in _SLICE.findall(statement(name)) if a == alias)
        wanted = (*COMMON, *(c.strip() for c in columns.split(",") if c.strip()))
        parts[alias] = slice_sql(layer, scene.cat, when, wanted, demo=scene.demo)
        parts[f"{alias}_event"] = versions_sql(layer.event_table, when)
        parts[f"{alias}_figure"] = versions_sql(layer.figure_table, when)
    dates = {"year_start": scene.document.start, "until": day}
    return template(name, **parts), when.params | sql_params(scene.document, row, scene.cat) | dates


def layers_of(row: TargetRow) -> list[tuple[str, str]]:
    """Return (name in the file, layer) of every layer that a row's file reads."""
    found = _SLICE.findall(statement(f"targets/{row.sql}"))
    return [(alias, row.layer if alias == "records" else alias) for alias, _ in found]


async def read_sizes(scene: Scene, rows: Sequence[TargetRow]) -> Sizes:
    """Return how many records each layer that the rows read holds, and the newest data date."""
    wanted = sorted({layer for row in rows if row.sql for _, layer in layers_of(row)})
    when = When(scene.until, scene.when.known_at)
    counts = [
        template(
            "targets/frame/layer_size",
            layer=sql.Literal(name),
            versions=versions_sql(scene.cat.layer(name).table, when),
        )
        for name in wanted
    ]
    if not counts:
        return {}
    query = sql.SQL(" UNION ALL ").join([sql.SQL("({})").format(c) for c in counts])
    found = await scene.pool.fetch(query, when.params | {"demo": scene.demo})
    return {f["id"]: (f["n"], f["newest"]) for f in found}


def plain(value: Any, *, whole: bool = False) -> Number:
    """Return an exact number of the database as JSON has it."""
    if whole and value == int(value):
        return int(value)
    return float(round(value, 6)) if isinstance(value, Decimal) else float(value)


def scaled(row: TargetRow, amount: Any) -> Number:
    """Return an amount of the database in the row's unit."""
    return plain(Decimal(amount) * Decimal(str(row.scale)), whole=row.is_count)


async def why_nothing(scene: Scene, row: TargetRow, sizes: Sizes) -> tuple[str, str]:
    """Say why a row without a single candidate has no data, or what a true zero rests on: (missing, source)."""
    layers = [layer for _, layer in layers_of(row)]
    titles = "、".join(scene.cat.layer(layer).title for layer in layers)
    real = "" if scene.demo else "（非演示）"
    newest = max((date for n, date in (sizes[layer] for layer in layers) if n and date), default=None)
    if not any(sizes[layer][0] for layer in layers):
        return f"图层“{titles}”还没有{real}记录", ""
    if newest and newest < scene.document.start:
        return f"图层“{titles}”{real}最新的数据日期是 {newest}，早于本年度", ""
    said = [*row.params.get("types", ()), *(_figure_title(scene, row, f) for f in row.params.get("figures", ()))]
    if not said:
        return ("", "") if row.measure == "rate" else (f"图层“{titles}”里还没有标明属于这份清单的{real}记录", "")
    when = When(scene.until, scene.when.known_at)
    params = when.params | sql_params(scene.document, row, scene.cat) | {"demo": scene.demo}
    tables = [scene.cat.layer(layer) for layer in layers]
    found = [
        await scene.pool.fetch_one(
            template(
                "targets/frame/evidence", versions=versions_sql(layer.table, when),
                events=versions_sql(layer.event_table, when), figures=versions_sql(layer.figure_table, when),
            ),
            params,
        )
        for layer in tables
    ]  # fmt: skip
    last = max((f["newest"] for f in found if f["newest"]), default=None)
    if last is None:
        return f"图层“{titles}”里从未有过“{'、'.join(said)}”的{real}记录", ""
    return "", f"“{'、'.join(said)}”{real}最近的一条记录在 {last}" if last < scene.document.start else ""


def _figure_title(scene: Scene, row: TargetRow, figure: str) -> str:
    return next(f.title for f in scene.cat.layer(row.layer).figures if f.id == figure)
