"""One target in full: who contributes, how the months went, where the year will end, the document's sentence."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from layers.registry import Catalogue
from layers.store.db import statement
from layers.store.pool import Pool
from layers.store.queries_layers import template
from layers.store.queries_targets import Judged, describe_document, describe_head, describe_row, judge_rows
from layers.store.slices import When
from layers.store.target_scene import Scene, open_scene, rows_sql, scaled
from layers.targets import TargetRow
from layers.targets_forecast import forecast, whole_months
from layers.targets_judge import SCHEDULE_NAMES, STATUS_NAMES, due_on, exact, judge, share_due
from layers.targets_text import find_sentence

COUNTED_UNIT = "家"  # what a share of the province counts
APART = {"outside": "界外", "unlocated": "未定位"}
AXES = ("county", "unit")


async def _open(
    pool: Pool, cat: Catalogue, target_id: str, when: When, *, demo: bool
) -> tuple[Scene, TargetRow, dict[str, Judged]]:
    scene = await open_scene(pool, cat, when, demo=demo)
    row = scene.document.row(target_id)
    return scene, row, await judge_rows(scene, [row])


async def target_contributions(
    pool: Pool, cat: Catalogue, target_id: str, when: When, *, demo: bool = False
) -> dict[str, Any]:
    """Return what every county and unit adds to a computed target.

    ``axes`` has ``county`` and ``unit``, each a list of {code, name, value, n_rows, share_pct, allocated, due,
    status, reason}; outside and unlocated close each list where they hold anything, so that for an extensive
    figure an axis adds up to ``total``. ``allocated`` and the verdict are None until allocations are entered:
    without them there is a contribution and no verdict. ``axes`` is {} where the figure is not computed.

    Raises
    ------
    NotFoundError
        No such target.
    """
    scene, row, judged = await _open(pool, cat, target_id, when, demo=demo)
    return await _contribute(scene, judged[scene.document.main(row).id])


async def _contribute(scene: Scene, case: Judged) -> dict[str, Any]:
    row = case.row
    body = describe_head(scene) | {
        "id": row.id, "unit": row.unit, "measure": row.measure, "total": case.found.amount, "axes": {},
    }  # fmt: skip
    if row.measure == "rate":
        body["total"] = case.found.value
    if row.measure == "share":
        body["unit"] = COUNTED_UNIT
    if row.basis != "computed" or not scene.has_begun:
        return body
    query, params = rows_sql(scene, row)
    keys = {"year": scene.document.year, "target_id": row.id, "known_at": scene.when.known_at}
    cells, places, shares = await asyncio.gather(
        scene.pool.fetch(template("targets/frame/contributions", rows=query), params),
        scene.pool.fetch(statement("query/places")),
        scene.pool.fetch(statement("targets/store/allocations"), keys),
    )
    found = {(c["axis"], c["code"]): c for c in cells}
    allocated = {(s["axis"], s["code"]): s for s in shares}
    for axis in AXES:
        kinds = ("county",) if axis == "county" else ("county", "unit")
        names = {p["code"]: p["name"] for p in places if p["kind"] in kinds}
        names |= {code: APART.get(code, code) for a, code in found if a == axis and code not in names}
        order = sorted(names, key=lambda code: code in APART)
        body["axes"][axis] = [
            _part(scene, case, names[c], c, found.get((axis, c)), allocated.get((axis, c))) for c in order
        ]
    return body


def _part(
    scene: Scene, case: Judged, name: str, code: str, cell: Mapping[str, Any] | None, share: Mapping[str, Any] | None
) -> dict[str, Any]:
    row, total = case.row, case.found.amount
    n_rows, n_base = (cell["n_rows"], cell["n_base"]) if cell else (0, 0)
    value: float | int | None = scaled(row, cell["amount"] if cell else 0)
    if row.measure == "rate":
        value = round(100 * n_rows / n_base, 4) if n_base else None
    part: dict[str, Any] = {
        "code": code, "name": name, "value": value, "n_rows": n_rows, "n_base": n_base,
        "share_pct": round(100 * float(value or 0) / total, 2) if row.measure != "rate" and total else None,
        "allocated": None, "due": None, "status": None, "reason": None,
    }  # fmt: skip
    if share is None or value is None:
        return part
    goal = float(share["value"])
    rule = replace(case.rule, target=int(goal) if goal.is_integer() else goal)
    own = row.model_copy(update={"target": rule.target, "question": "", "comparator": row.comparator})
    found = replace(case.found, value=value, lacks={}, caveats={}, n_demo=0, source=f"分解来源：{share['source']}")
    verdict = judge(scene.document, own, rule, found)
    return part | {
        "allocated": rule.target,
        "due": verdict.due,
        "status": verdict.status,
        "reason": f"{name}{verdict.reason}",
    }


async def target_series(
    pool: Pool, cat: Catalogue, target_id: str, when: When, *, demo: bool = False
) -> dict[str, Any]:
    """Return a target's year month by month, with the schedule beside it and a forecast where one is honest.

    ``points``: {"date", "value" (cumulative, None where nothing is known), "due"}. Of a figure that counts or
    sums dated rows there is one point a month; of an entered one, one per entry up to the day. ``forecast`` is
    {"value", "low", "high", "coverage", "months", "method"} or None.
    """
    scene, row, judged = await _open(pool, cat, target_id, when, demo=demo)
    return await _series(scene, judged[scene.document.main(row).id])


def _month_end(year: int, month: int) -> dt.date:
    return dt.date(year + month // 12, month % 12 + 1, 1) - dt.timedelta(days=1)


async def _months(scene: Scene, case: Judged) -> list[tuple[dt.date, float | int]]:
    """Return the figure at each month's end so far and on the day itself."""
    row, year, day = case.row, scene.document.year, case.found.day
    if row.sql == "completed_investment":
        return await _restated(scene, case)
    query, params = rows_sql(scene, row)
    by_month = {r["month"].month: r["amount"] for r in await scene.pool.fetch(
        template("targets/frame/series", rows=query), params
    )}  # fmt: skip
    points, running = [], 0
    for month in range(1, day.month + 1):
        running += by_month.get(month, 0)
        points.append((min(_month_end(year, month), day), scaled(row, running)))
    return points


async def _restated(scene: Scene, case: Judged) -> list[tuple[dt.date, float | int]]:
    """Return a figure that is restated at each date: asked for again as of every month's end."""
    year, day = scene.document.year, case.found.day
    days = [min(_month_end(year, month), day) for month in range(1, day.month + 1)]
    points = []
    for then in days:
        query, params = rows_sql(replace(scene, when=When(then, scene.when.known_at)), case.row)
        total = await scene.pool.fetch_one(template("targets/frame/total", rows=query), params)
        points.append((then, scaled(case.row, total["amount"])))
    return points


async def _series(scene: Scene, case: Judged) -> dict[str, Any]:
    row, year, day = case.row, scene.document.year, case.found.day
    body = describe_head(scene) | {"id": row.id, "unit": row.unit, "points": [], "forecast": None}
    if case.found.value is None or row.kind != "target":
        return body
    if row.basis == "entered":
        entries = await scene.pool.fetch(
            statement("targets/store/entries"),
            {"year": year, "as_of": min(scene.when.as_of, scene.document.end), "known_at": scene.when.known_at},
        )
        found = [(e["entry_date"], e["value"]) for e in entries if (e["target_id"], e["measure"]) == (row.id, "value")]
    elif row.measure == "total":
        found = await _months(scene, case)
    else:
        found = [(day, case.found.value)]
    body["points"] = [
        {"date": then.isoformat(), "value": value, "due": due_on(case.rule, row, year, then)} for then, value in found
    ]
    if row.basis == "computed" and row.measure == "total" and case.rule.schedule in ("linear", "quarterly"):
        values = [float(v) for _, v in found[: whole_months(year, day)]]
        monthly = [b - a for a, b in zip([0.0, *values], values, strict=False)]
        made = forecast(monthly, float(case.found.value), year, day, is_count=row.is_count)
        body["forecast"] = asdict(made) if made else None
    return body


async def target_card(pool: Pool, cat: Catalogue, target_id: str, when: When, *, demo: bool = False) -> dict[str, Any]:
    """Return one target in full, for its card: the body's row and, beside it,

    ``document``, ``section``, ``task``, ``task_title``, ``clause``, ``sentence`` (the document's own, '' until it
    is attached), ``scope``, ``question``, ``reading``, ``aliases``, ``status_name``, ``schedule``, ``schedule_name``,
    ``share_due_pct``, ``due``, ``gap``, ``done_pct``, ``strive``, ``band_width``, ``list_by``, ``found``
    (n_base, lacks, caveats, n_demo, denominator, day), ``series`` and ``contributions``.
    """
    scene, row, judged = await _open(pool, cat, target_id, when, demo=demo)
    case = judged[scene.document.main(row).id]
    series, contributions = await asyncio.gather(_series(scene, case), _contribute(scene, case))
    return describe_head(scene) | describe_card(scene, row, case) | {"series": series, "contributions": contributions}


async def target_cards(pool: Pool, cat: Catalogue, when: When, *, demo: bool = False) -> dict[str, Any]:
    """Return every row as :func:`target_card` has it, without series and contributions: what a page lists."""
    scene = await open_scene(pool, cat, when, demo=demo)
    judged = await judge_rows(scene, scene.document.rows)
    cards = [describe_card(scene, row, judged[scene.document.main(row).id]) for row in scene.document.rows]
    return describe_head(scene) | {"document": describe_document(scene), "rows": cards}


def describe_card(scene: Scene, row: TargetRow, case: Judged) -> dict[str, Any]:
    """Return what is said of a row beside the contract's body; see :func:`target_card`."""
    main, rule, found = case.row, case.rule, case.found
    due, value = case.verdict.due, found.value
    share = share_due(rule, scene.document.year, found.day)
    known = value is not None and bool(rule.target)
    return describe_row(scene, row, {main.id: case}) | {
        "document": describe_document(scene), "section": row.section, "task": main.task,
        "task_title": scene.document.task_title(main), "clause": row.clause,
        "sentence": find_sentence(scene.text, row.clause), "scope": row.scope, "question": main.question,
        "reading": main.reading, "aliases": scene.document.aliases(main), "strive": rule.strive, "judge": rule.judge,
        "status_name": STATUS_NAMES[case.verdict.status], "schedule": rule.schedule,
        "schedule_name": SCHEDULE_NAMES.get(rule.schedule, ""), "due": due,
        "share_due_pct": None if due is None else round(float(share) * 100, 2),
        "gap": None if due is None or value is None else float(exact(value) - exact(due)),
        "done_pct": round(float(exact(value or 0) / exact(rule.target or 1)) * 100, 2) if known else None,
        "band_width": rule.band_width if rule.judge == "about" else None,
        "list_by": rule.list_by.isoformat() if rule.schedule == "list" else None,
        "found": {
            "day": found.day.isoformat(), "n_base": found.n_base, "lacks": dict(found.lacks),
            "caveats": dict(found.caveats), "n_demo": found.n_demo, "denominator": found.denominator,
        },
    }  # fmt: skip
