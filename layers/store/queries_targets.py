"""Targets from the database: each computed figure is the length (or the sum) of its own list of rows.

Every row's SQL file finds the records; one frame totals them, lists them, shares them out by county or by
month. Records come from the slice, events and figures as they were known, so a figure for a pair of dates
never changes.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from psycopg import sql

from geo.errors import CatalogueError, NotFoundError
from layers.registry import Catalogue
from layers.store.db import statement
from layers.store.pool import Pool
from layers.store.queries_layers import template
from layers.store.slices import When, slice_sql, versions_sql
from layers.targets import Document, TargetRow, choose_document, parse_document, shipped_documents, sql_params
from layers.targets_judge import Found, Number, Rule, Verdict, judge, rule_of

COMMON = ("key", "name", "county_code", "unit_code", "is_demo", "data_date", "source_name", "source_row")
AT_ONCE = 3
Sizes = dict[str, tuple[int, dt.date | None]]
ROWS_URL = "/api/v1/targets/{}/rows"
_SLICE = re.compile(r"^-- @slice (\w+):(.*)$", re.M)


@dataclass(frozen=True)
class Judged:
    """A row with how it is judged, what was found and the verdict."""

    row: TargetRow
    rule: Rule
    found: Found
    verdict: Verdict


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
    for alias, layer_id in _layers(row):
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


def _layers(row: TargetRow) -> list[tuple[str, str]]:
    """Return (name in the file, layer) of every layer that a row's file reads."""
    found = _SLICE.findall(statement(f"targets/{row.sql}"))
    return [(alias, row.layer if alias == "records" else alias) for alias, _ in found]


async def _sizes(scene: Scene, rows: Sequence[TargetRow]) -> Sizes:
    """Return how many records each layer that the rows read holds, and the newest data date."""
    wanted = sorted({layer for row in rows if row.sql for _, layer in _layers(row)})
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


def _scaled(row: TargetRow, amount: Any) -> Number:
    return plain(Decimal(amount) * Decimal(str(row.scale)), whole=row.is_count)


async def _compute(scene: Scene, row: TargetRow, sizes: Sizes) -> Found:
    day = scene.day_of(row)
    if not scene.has_begun:
        return Found(None, scene.when.as_of, 0, missing=f"{scene.document.year} 年尚未开始")
    query, params = rows_sql(scene, row)
    total = await scene.pool.fetch_one(template("targets/frame/total", rows=query), params)
    layers = [layer for _, layer in _layers(row)]
    found: dict[str, Any] = {
        "day": day, "n_rows": total["n_rows"], "amount": _scaled(row, total["amount"]), "n_base": total["n_base"],
        "n_demo": total["n_demo"], "lacks": total["lacks"] or {}, "caveats": total["caveats"] or {},
    }  # fmt: skip
    if layers and not total["n_base"] and not _awaits_list(scene, row):
        missing, found["source"] = await _nothing(scene, row, sizes)
        if missing:
            return Found(None, **found, missing=missing)
    if row.measure == "rate":
        return _rate(row, found)
    if row.measure == "share":
        return _share(scene, row, found)
    return Found(found["amount"], **found)


async def _nothing(scene: Scene, row: TargetRow, sizes: Sizes) -> tuple[str, str]:
    """Say why a row without a single candidate has no data, or what a true zero rests on: (missing, source)."""
    layers = [layer for _, layer in _layers(row)]
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


def _awaits_list(scene: Scene, row: TargetRow) -> bool:
    """Whether the row's list is not out yet, so that nothing on record is what is to be expected."""
    rule = rule_of(scene.document, row, scene.settings)
    return row.kind == "target" and not row.strive and rule.schedule == "list" and scene.until < rule.list_by


def _rate(row: TargetRow, found: dict[str, Any]) -> Found:
    if not found["n_base"]:
        return Found(None, **found, missing=f"没有可用于“{row.indicator}”的规上工业企业记录")
    if sum(found["lacks"].values()) == found["n_base"]:
        return Found(None, **found, missing=f"{found['n_base']:,} 家规上工业企业都没有填有无研发机构")
    return Found(round(100 * found["n_rows"] / found["n_base"], 4), **found)


def _share(scene: Scene, row: TargetRow, found: dict[str, Any]) -> Found:
    entry = scene.entries.get((row.id, "denominator"))
    ours = f"截至 {found['day']} 全市为 {found['amount']:g} 家"
    if entry is None:
        return Found(None, **found, missing=f"{ours}，全省数尚未录入，算不出占比")
    whole = float(entry["value"])
    if whole <= 0:
        return Found(None, **found, denominator=whole, missing=f"{ours}，全省数录入为 {whole:g}，算不出占比")
    found["source"] = "；".join([f"全省数来源：{entry['source']}", *filter(None, [found.get("source")])])
    return Found(round(100 * float(found["amount"]) / whole, 4), **found, denominator=whole)


def _entered(scene: Scene, row: TargetRow) -> Found:
    entry = scene.entries.get((row.id, "value"))
    if entry is None:
        begun = "尚未录入数据" if scene.has_begun else f"{scene.document.year} 年尚未开始"
        return Found(None, scene.when.as_of, missing=f"{row.indicator}由人工录入，{begun}")
    source = f"录入数据，来源：{entry['source']}"
    return Found(plain(entry["value"], whole=row.is_count), entry["entry_date"], source=source)


async def _find(scene: Scene, row: TargetRow, sizes: Sizes) -> Found:
    if row.basis == "computed":
        return await _compute(scene, row, sizes)
    if row.basis == "entered":
        return _entered(scene, row)
    entry = scene.entries.get((row.id, "value"))
    said = f"{entry['entry_date']} 记录：{entry['note'] or entry['source']}" if entry else ""
    return Found(None, scene.until, source=said)


async def judge_rows(scene: Scene, rows: Sequence[TargetRow]) -> dict[str, Judged]:
    """Judge rows, a few queries at a time; aliases are judged by the row they repeat."""
    mains = {main.id: main for main in (scene.document.main(r) for r in rows)}
    sizes = await _sizes(scene, list(mains.values()))
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(row: TargetRow) -> Judged:
        async with gate:
            found = await _find(scene, row, sizes)
        rule = rule_of(scene.document, row, scene.settings)
        return Judged(row, rule, found, judge(scene.document, row, rule, found))

    judged = await asyncio.gather(*(one(row) for row in mains.values()))
    return {j.row.id: j for j in judged}


def _rows_url(scene: Scene, main: TargetRow) -> str | None:
    if main.basis != "computed":
        return None
    query = {"as_of": scene.when.as_of.isoformat()}
    if scene.when.known_at:
        query["known_at"] = scene.when.known_at.isoformat()
    if scene.demo:
        query["demo"] = "1"
    return f"{ROWS_URL.format(main.id)}?{urlencode(query)}"


def describe_row(scene: Scene, row: TargetRow, judged: Mapping[str, Judged]) -> dict[str, Any]:
    """Return one row of the body, as the contract has it."""
    main = scene.document.main(row)
    case = judged[main.id]
    reason = f"与 {main.id} 是同一目标，只计一次；{case.verdict.reason}" if row.alias_of else case.verdict.reason
    return {
        "id": row.id, "kind": row.kind, "alias_of": row.alias_of or None, "indicator": row.indicator,
        "comparator": row.comparator, "target": row.target, "unit": row.unit, "value": case.found.value,
        "basis": main.basis, "status": case.verdict.status, "reason": reason,
        "owners": scene.document.owners(row), "sql": main.sql_file or None, "n_rows": case.found.n_rows,
        "rows_url": _rows_url(scene, main),
    }  # fmt: skip


def describe_document(scene: Scene) -> dict[str, Any]:
    """Return which version of which document the answer is judged by."""
    found = scene.document
    return {
        "id": found.id, "title": found.title, "version": found.version, "year": found.year,
        "n_rows": len(found.rows), "n_targets": len(found.distinct()), "has_text": bool(scene.text),
    }  # fmt: skip


def _head(scene: Scene) -> dict[str, Any]:
    known = scene.when.known_at
    return {"as_of": scene.when.as_of.isoformat(), "known_at": known.isoformat() if known else None}


async def read_targets(pool: Pool, cat: Catalogue, when: When, *, demo: bool = False) -> dict[str, Any]:
    """Return every row of the document in force, judged: the body of ``/api/v1/targets``.

    Parameters
    ----------
    when : When
        As of which day, known at which instant.
    demo : bool
        Count 演示数据 too; a figure that holds any says so in its reason.
    """
    scene = await open_scene(pool, cat, when, demo=demo)
    judged = await judge_rows(scene, scene.document.rows)
    rows = [describe_row(scene, row, judged) for row in scene.document.rows]
    return _head(scene) | {"document": describe_document(scene), "rows": rows}


async def read_target_rows(
    pool: Pool, cat: Catalogue, target_id: str, when: When, *, demo: bool = False, limit: int | None = None,
    offset: int = 0,
) -> dict[str, Any]:  # fmt: skip
    """Return the rows that a computed figure counts, all of them unless ``limit`` says otherwise.

    Raises
    ------
    NotFoundError
        No such target, or its figure is not computed from rows.
    """
    scene = await open_scene(pool, cat, when, demo=demo)
    row = scene.document.main(scene.document.row(target_id))
    if row.basis != "computed":
        raise NotFoundError(f"{target_id} 的数字不是由明细算出的，没有明细行。", "请看它的录入来源。", target=target_id)
    rows: list[dict[str, Any]] = []
    n_rows = 0
    if scene.has_begun:
        query, params = rows_sql(scene, row)
        wanted = template("targets/frame/rows", rows=query)
        total = template("targets/frame/total", rows=query)
        rows = await pool.fetch(wanted, params | {"limit": limit, "offset": offset})
        n_rows = len(rows) if limit is None and not offset else (await pool.fetch_one(total, params))["n_rows"]
    return _head(scene) | {
        "document": describe_document(scene), "id": row.id, "indicator": row.indicator, "unit": row.unit,
        "layer": row.layer or None, "sql": row.sql_file, "counted_until": scene.day_of(row).isoformat(),
        "demo": demo, "numberMatched": n_rows, "numberReturned": len(rows),
        "rows": [_drill(row, r) for r in rows],
    }  # fmt: skip


def _drill(row: TargetRow, found: dict[str, Any]) -> dict[str, Any]:
    day = found["event_date"]
    layer = row.layer or {"企业落地": "enterprise", "项目开工": "project"}.get(found["what"])
    return found | {
        "layer": layer, "event_date": day.isoformat() if day else None, "amount": _scaled(row, found["amount"]),
    }  # fmt: skip
