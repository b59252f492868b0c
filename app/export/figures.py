"""What a report says, as numbers: kept inside each product and with each issue, so that two can be compared."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from app.export.data import AreaValue, MapData, Summary
from app.pages.format import DASH, Quantity
from layers.duties import STATES
from layers.targets_judge import STATUS_NAMES

MOST_LISTED = 40


def figures_of(data: MapData) -> dict[str, Any]:
    """Return every number of the sheet in stored units, and a fingerprint of what is drawn.

    The print date is apart: it is the only thing that may differ when nothing else does.
    """
    summary = data.summary
    return {
        "title": data.recipe.title, "as_of": data.as_of.isoformat(),
        "known_at": data.recipe.known_at.isoformat() if data.recipe.known_at else None,
        "printed": data.printed.isoformat(), "measure": summary.title, "unit": summary.shown.unit,
        "factor": summary.shown.factor, "digits": summary.shown.digits,
        "rows": [_row(r) for r in (*summary.rows, summary.outside, summary.unlocated, summary.total)],
        "before": [_row(r) for r in _all(data.before)] if data.before else [],
        "layers": [
            {
                "id": item.layer.id, "title": item.layer.title, "n": item.n, "n_demo": item.n_demo,
                "n_unlocated": item.n_unlocated, "data_date": item.data_date, "drawn": _print(item.features),
            }
            for item in data.layers
        ],
        "ranked": [[r["rank"], r["name"], round(float(r["score"]), 9)] for r in data.extras.ranking.get("ranked", [])],
        "card": {k: v for k, v in (data.extras.card.get("values") or {}).items() if v not in (None, "", [])},
        "stages": [[name, list(cells)] for name, cells, _ in data.extras.matrix],
        **({"compared": data.extras.compared.values} if data.extras.compared else {}),
        "boundaries": _print(data.counties),
    }  # fmt: skip


def _all(summary: Summary | None) -> tuple[AreaValue, ...]:
    return (*summary.rows, summary.outside, summary.unlocated, summary.total) if summary else ()


def _row(item: AreaValue) -> list[Any]:
    value = None if item.value is None else round(float(item.value), 6)
    return [item.code or "total", item.name, value, item.n]


def _print(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16] if content else ""


def text_of(figures: Mapping[str, Any]) -> str:
    """Return figures as the JSON that travels inside a product."""
    return json.dumps(figures, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Say what changed between two issues, one sentence each; nothing when they say the same.

    Recorded time and print date are told only together with a change of content.
    """
    found: list[str] = []
    for key, name in (("title", "标题"), ("measure", "指标"), ("as_of", "截止日")):
        if old.get(key) != new.get(key):
            found.append(f"{name}：{old.get(key)} → {new.get(key)}")
    how = Quantity(str(new.get("unit", "")), float(new.get("factor") or 1), int(new.get("digits") or 0))
    if old.get("measure") == new.get("measure"):
        found += _rows(old.get("rows") or [], new.get("rows") or [], how)
        found += [f"起始日 {x}" for x in _rows(old.get("before") or [], new.get("before") or [], how)]
    found += _layers(old.get("layers") or [], new.get("layers") or [])
    for key, name in (("ranked", "选址排序"), ("card", "档案内容"), ("stages", "阶段数")):
        if (old.get(key) or None) != (new.get(key) or None):
            found.append(f"{name}有变化")
    found += _targets(old.get("targets") or {}, new.get("targets") or {})
    if old.get("boundaries") != new.get("boundaries"):
        found.append("行政区界线已更新")
    return found[:MOST_LISTED] + ([f"另有 {len(found) - MOST_LISTED} 处"] if len(found) > MOST_LISTED else [])


def _rows(old: list[Any], new: list[Any], how: Quantity) -> list[str]:
    found = []
    early, late = {r[0]: r for r in old}, {r[0]: r for r in new}
    for code in [*early, *(c for c in late if c not in early)]:
        a, b = early.get(code), late.get(code)
        if a is None or b is None:
            found.append(f"{(a or b)[1]}：{'不再列出' if b is None else '新列出'}")  # type: ignore[index]
        elif a[2] != b[2]:
            gap = (
                "" if a[2] is None or b[2] is None else f"（{'+' if b[2] > a[2] else '−'}{how.text(abs(b[2] - a[2]))}）"
            )
            found.append(f"{a[1]}：{_text(how, a[2])} → {_text(how, b[2])} {how.unit}{gap}")
        elif a[3] != b[3]:
            found.append(f"{a[1]}：记录数 {a[3]:,} → {b[3]:,}")
    return found


def _targets(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Targets of a year, or what was due in a round: by its name a figure with its verdict, or a state."""
    found = []
    for name in [*old, *(n for n in new if n not in old)]:
        a, b = old.get(name), new.get(name)
        if name not in old or name not in new:
            found.append(f"{name}：{'不再列出' if name not in new else '新列出'}")
        elif a != b:
            found.append(f"{name}：{_judged(a)} → {_judged(b)}" if _judged(a) != _judged(b) else f"{name}：各地有变化")
    return found


def _judged(held: Any) -> str:
    value, *more = held if isinstance(held, list) else [held]
    shown = DASH if value is None else f"{value:,.10g}" if isinstance(value, int | float) else STATES.get(value, value)
    verdict = next((STATUS_NAMES[x] for x in more if isinstance(x, str) and x in STATUS_NAMES), "")
    return f"{shown}（{verdict}）" if verdict else str(shown)


def _text(how: Quantity, value: float | None) -> str:
    return DASH if value is None else how.text(value)


def _layers(old: list[Any], new: list[Any]) -> list[str]:
    found = []
    early, late = {r["id"]: r for r in old}, {r["id"]: r for r in new}
    for ident in [*early, *(c for c in late if c not in early)]:
        a, b = early.get(ident), late.get(ident)
        if a is None or b is None:
            found.append(f"图层{(a or b)['title']}：{'不再出现' if b is None else '新出现'}")  # type: ignore[index]
            continue
        told = [
            f"{name} {a.get(key) or 0} → {b.get(key) or 0}"
            for key, name in (
                ("n", "记录数"),
                ("n_demo", "演示数据"),
                ("n_unlocated", "未定位"),
                ("data_date", "数据日期"),
            )
            if a.get(key) != b.get(key)
        ]
        if not told and a.get("drawn") != b.get("drawn"):
            told = ["有要素的位置或属性已更正"]
        if told:
            found.append(f"{b['title']}：{'，'.join(told)}")
    return found
