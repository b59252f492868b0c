"""Targets from the database: each computed figure is the length (or the sum) of its own list of rows.

Every row's SQL file finds the records; one frame totals them, lists them, shares them out by county or by
month.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from geo.errors import NotFoundError
from layers.registry import Catalogue
from layers.store.pool import Pool
from layers.store.queries_layers import template
from layers.store.slices import When
from layers.store.target_scene import (
    Scene,
    Sizes,
    layers_of,
    open_scene,
    plain,
    read_sizes,
    rows_sql,
    scaled,
    why_nothing,
)
from layers.targets import TargetRow
from layers.targets_judge import Found, Rule, Verdict, judge, rule_of

AT_ONCE = 3
ROWS_URL = "/api/v1/targets/{}/rows"


@dataclass(frozen=True)
class Judged:
    """A row with how it is judged, what was found and the verdict."""

    row: TargetRow
    rule: Rule
    found: Found
    verdict: Verdict


async def _compute(scene: Scene, row: TargetRow, sizes: Sizes) -> Found:
    day = scene.day_of(row)
    if not scene.has_begun:
        return Found(None, scene.when.as_of, 0, missing=f"{scene.document.year} 年尚未开始")
    query, params = rows_sql(scene, row)
    total = await scene.pool.fetch_one(template("targets/frame/total", rows=query), params)
    layers = [layer for _, layer in layers_of(row)]
    found: dict[str, Any] = {
        "day": day, "n_rows": total["n_rows"], "amount": scaled(row, total["amount"]), "n_base": total["n_base"],
        "n_demo": total["n_demo"], "lacks": total["lacks"] or {}, "caveats": total["caveats"] or {},
    }  # fmt: skip
    if layers and not total["n_base"] and not _awaits_list(scene, row):
        missing, found["source"] = await why_nothing(scene, row, sizes)
        if missing:
            return Found(None, **found, missing=missing)
    if row.measure == "rate":
        return _rate(row, found)
    if row.measure == "share":
        return _share(scene, row, found)
    return Found(found["amount"], **found)


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
    sizes = await read_sizes(scene, list(mains.values()))
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


def describe_head(scene: Scene) -> dict[str, Any]:
    """Return the pair of dates that the answer is for."""
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
    return describe_head(scene) | {"document": describe_document(scene), "rows": rows}


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
    return describe_head(scene) | {
        "document": describe_document(scene), "id": row.id, "indicator": row.indicator, "unit": row.unit,
        "layer": row.layer or None, "sql": row.sql_file, "counted_until": scene.day_of(row).isoformat(),
        "demo": demo, "numberMatched": n_rows, "numberReturned": len(rows),
        "rows": [_drill(row, r) for r in rows],
    }  # fmt: skip


def _drill(row: TargetRow, found: dict[str, Any]) -> dict[str, Any]:
    day = found["event_date"]
    layer = row.layer or {"企业落地": "enterprise", "项目开工": "project"}.get(found["what"])
    return found | {
        "layer": layer, "event_date": day.isoformat() if day else None, "amount": scaled(row, found["amount"]),
    }  # fmt: skip
